// What a figure is taken from: who began to lead and which scripts ran, each at its moment of true time.
import type { Action } from '../../services/runner/src/core/input.ts';
import type { Observer } from './observer.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimRunner } from './sim-runner.ts';
import type { World } from './world.ts';

/** One run of a script. `end` and `succeeded` are undefined while it runs. */
export interface ScriptRun {
  readonly runner: string;
  readonly service: string;
  readonly action: Action;
  readonly epoch: number;
  readonly begin: number;
  end: number | undefined;
  succeeded: boolean | undefined;
}

export class Witness implements Observer {
  readonly #world: Pick<World, 'now'>;
  readonly #leading = new Set<string>();
  readonly #leads: number[] = [];
  /** Every script, in the order in which they began. */
  readonly scripts: ScriptRun[] = [];

  constructor(world: Pick<World, 'now'>) {
    this.#world = world;
  }

  electorStarted({ name }: Pick<SimElector, 'name'>): void {
    this.#leading.delete(name);
  }

  electorStepped({ name, leading }: Pick<SimElector, 'name' | 'leading'>): void {
    const led = this.#leading.has(name);
    if (led === leading) return;
    if (leading) {
      this.#leading.add(name);
      this.#leads.push(this.#world.now);
    } else {
      this.#leading.delete(name);
    }
  }

  scriptBegins(
    { name: runner }: Pick<SimRunner, 'name'>,
    service: string,
    action: Action,
    epoch: number,
  ): void {
    const running = { begin: this.#world.now, end: undefined, succeeded: undefined };
    this.scripts.push({ runner, service, action, epoch, ...running });
  }

  scriptEnded(
    { name }: Pick<SimRunner, 'name'>,
    service: string,
    action: Action,
    succeeded: boolean,
  ): void {
    const ended = this.scripts.findLast(
      (run) => run.runner === name && run.service === service && run.action === action,
    );
    if (ended === undefined) return;
    ended.end = this.#world.now;
    ended.succeeded = succeeded;
  }

  /** When the next leadership began; undefined: not yet. */
  nextLead(since: number): number | undefined {
    return this.#leads.find((at) => at >= since);
  }

  /** When the next promote script began; undefined: not yet. */
  nextPromotion(since: number): number | undefined {
    return this.scripts.find(({ action, begin }) => action === 'promote' && begin >= since)?.begin;
  }

  /** For how long a runner's scripts ran within a span. */
  busy(runner: string, since: number, until: number): number {
    const own = this.scripts.filter((run) => run.runner === runner);
    const intervals = own.map(({ begin, end }) => [begin, end ?? until] as const);
    return covered(intervals, since, until);
  }

  /** Whether anything but a question was put to a runner's services since a moment. */
  disturbed(runner: string, since: number): boolean {
    return this.scripts.some(
      (run) => run.runner === runner && run.begin >= since && run.action !== 'status',
    );
  }
}

/** How much of a span is covered by intervals, which come by their beginning. */
export function covered(
  intervals: readonly (readonly [number, number])[],
  since: number,
  until: number,
): number {
  let sum = 0;
  let reached = since;
  for (const [begin, end] of intervals) {
    const from = Math.max(begin, reached);
    const to = Math.min(end, until);
    if (to <= from) continue;
    sum += to - from;
    reached = to;
  }
  return sum;
}
