// What many runs come to: how much was simulated, how fast, what broke, and how long clusters were without a
// master when nothing else was broken.
import type { LoneFailover } from './lone-failovers.ts';
import { replayCommand } from './replay.ts';
import type { Result } from './simulate.ts';

/** What a worker tells of a run. */
export interface Summary extends Omit<Result, 'trace' | 'taken'> {
  /** Processor time that it took, in milliseconds. */
  readonly cost: number;
}

interface Measured extends LoneFailover {
  readonly seed: number;
  readonly fast: boolean;
}

/** The cluster whose speed is printed by itself. */
const REFERENCE_SIZE = 3;

export class Tally {
  #runs = 0;
  #simulated = 0;
  readonly #reference = { runs: 0, simulated: 0, cost: 0 };
  #strikes = 0;
  #effective = 0;
  #aimed = 0;
  #disturbed = 0;
  #failovers = 0;
  #terms = 0;
  #orders = 0;
  readonly #lone: Measured[] = [];
  readonly #broken: string[] = [];
  #deaths = 0;

  /** Violations and workers that died. */
  get failures(): number {
    return this.#broken.length + this.#deaths;
  }

  /** Simulated cluster-hours. */
  get hours(): number {
    return this.#simulated / 3_600_000;
  }

  /** Takes in a run. Returns what there is to say of it at once. */
  add(summary: Summary): readonly string[] {
    const { seed, shape, simulated, violation, cost } = summary;
    this.#runs += 1;
    this.#simulated += simulated;
    this.#strikes += summary.strikes;
    this.#effective += summary.effective;
    this.#aimed += summary.aimed;
    this.#disturbed += summary.disturbed;
    this.#failovers += summary.failovers;
    this.#terms += summary.terms;
    this.#orders += summary.orders;
    for (const one of summary.loneFailovers) this.#lone.push({ ...one, seed, fast: shape.fast });
    const { electors, runners, fast, stormy } = shape;
    if (electors === REFERENCE_SIZE && runners === REFERENCE_SIZE && !fast && stormy) {
      this.#reference.runs += 1;
      this.#reference.simulated += simulated;
      this.#reference.cost += cost;
    }
    if (violation === undefined) return [];
    this.#broken.push(violation);
    return [`seed ${seed}: ${violation}`, `  ${replayCommand(seed)}`];
  }

  /** A worker has died over a seed. Returns what there is to say of it. */
  addDeath(how: string, seed: number): readonly string[] {
    this.#deaths += 1;
    return [`seed ${seed}: its worker died (${how})`, `  ${replayCommand(seed)}`];
  }

  /** One line on how far it is. */
  get progress(): string {
    return `${this.#runs} runs, ${this.hours.toFixed(2)} cluster-hours, ${this.failures} failures`;
  }

  /** All of it, after so many seconds with so many workers. */
  lines(seconds: number, workers: number): readonly string[] {
    const { runs, simulated, cost } = this.#reference;
    const speed = Math.round(this.#simulated / 1_000 / seconds / workers);
    const lines = [
      `${this.#runs} runs, ${this.hours.toFixed(2)} cluster-hours in ${seconds.toFixed(0)} s, ` +
        `${speed} simulated seconds a second and worker`,
    ];
    if (runs > 0) {
      lines.push(
        `speed, ${REFERENCE_SIZE} electors + ${REFERENCE_SIZE} runners, default times: ` +
          `${Math.round(simulated / cost)} simulated seconds a second and core (${runs} runs)`,
      );
    }
    lines.push(
      `${this.#strikes} strikes, ${this.#effective} effective, ${this.#share} of these aimed at the ` +
        `present leader or master; ${this.#disturbed} messages held up`,
      `${this.#terms} leaderships, ${this.#failovers} failovers, ${this.#orders} orders answered, ` +
        `${this.#broken.length} violations`,
    );
    if (this.#deaths > 0) lines.push(`${this.#deaths} workers died`);
    return [...lines, ...this.#loneLines()];
  }

  get #share(): string {
    return this.#effective === 0
      ? '0 %'
      : `${((100 * this.#aimed) / this.#effective).toFixed(1)} %`;
  }

  #loneLines(): readonly string[] {
    if (this.#lone.length === 0) return [];
    const worst = [false, true].flatMap((fast) => {
      const most = slowest(this.#lone.filter((one) => one.fast === fast));
      return most === undefined ? [] : `${presetOf(most)} ${inSeconds(most)} (seed ${most.seed})`;
    });
    const groups = [false, true].flatMap((fast) =>
      [false, true].flatMap((ledToo) => {
        const group = this.#lone.filter((one) => one.fast === fast && one.ledToo === ledToo);
        const [middle, most] = [median(group), slowest(group)];
        if (middle === undefined || most === undefined) return [];
        const who = ledToo ? 'leader and master on one host' : "master's host";
        const times = `${middle.took.toFixed(0)} / ${most.took.toFixed(0)} ms`;
        return `  ${presetOf(most)}, ${who}: ${times} (p50 / max of ${group.length})`;
      }),
    );
    return [`worst failover with no other fault: ${worst.join(', ')}`, ...groups];
  }
}

function presetOf({ fast }: Measured): string {
  return fast ? 'fast' : 'default';
}

function inSeconds({ took }: Measured): string {
  return `${(took / 1_000).toFixed(2)} s`;
}

function slowest(group: readonly Measured[]): Measured | undefined {
  return group.toSorted((one, other) => other.took - one.took)[0];
}

/** The middle one; of two the slower. */
function median(group: readonly Measured[]): Measured | undefined {
  return group.toSorted((one, other) => one.took - other.took)[Math.floor(group.length / 2)];
}
