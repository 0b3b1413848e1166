// One demotion by the simulated deadman: by priority, and by SIGKILL when its time is over. It goes on only
// while its process lives, and stands still with it; what it has begun does not.
import type { TakenDown } from '../../services/runner/src/core/input.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimulatedScripts } from './simulated-scripts.ts';

/** The share of demoteGrace after which what is still promoted is killed. */
const KILLS_AT = 0.7;

/** A service that is or may be promoted, in the order of demotion. */
export interface Watched {
  readonly name: string;
  readonly priority: number | undefined;
}

export interface TakedownOptions {
  readonly process: SimProcess;
  readonly scripts: SimulatedScripts;
  readonly demoteGrace: number;
  readonly epoch: number;
  /** When the lease ended, by the host's clock. */
  readonly endedAt: number;
  readonly nextRun: () => number;
  readonly onDone: (services: readonly DownService[]) => void;
}

export interface DownService {
  readonly name: string;
  readonly outcome: TakenDown;
}

export class Takedown {
  readonly #options: TakedownOptions;
  readonly #left: Watched[];
  readonly #outcomes = new Map<string, TakenDown>();
  #over = false;
  killing = false;

  constructor(options: TakedownOptions, watched: readonly Watched[]) {
    this.#options = options;
    this.#left = [...watched];
  }

  begin(): void {
    const { scripts, process, endedAt, demoteGrace } = this.#options;
    for (const { name } of this.#left) scripts.interrupt(name);
    process.clock.at(endedAt + KILLS_AT * demoteGrace, () => this.#kill());
    this.#next();
  }

  #next(): void {
    const [next] = this.#left;
    if (this.#over || this.killing) return;
    if (next === undefined) {
      this.#done();
      return;
    }
    const { scripts, process } = this.#options;
    scripts.whenIdle(next.name, () => process.deliver(() => this.#demote(next)));
  }

  #demote({ name }: Watched): void {
    if (this.#over || this.killing) return;
    const { scripts } = this.#options;
    // What the runner's own demote or stop has done meanwhile is done.
    if (!scripts.standing(name).promoted) this.#down('demoted');
    else this.#run(name, 'demote', (succeeded) => succeeded && this.#down('demoted'));
  }

  #down(outcome: TakenDown): void {
    const [next] = this.#left;
    if (this.#over || next === undefined || this.killing) return;
    this.#left.shift();
    this.#outcomes.set(next.name, outcome);
    this.#next();
  }

  #kill(): void {
    if (this.#over || this.#left.length === 0) return;
    this.killing = true;
    const { scripts, process } = this.#options;
    const left = [...this.#left];
    let waiting = left.length;
    const ended = (name: string) => {
      this.#outcomes.set(name, 'killed');
      waiting -= 1;
      if (waiting === 0) this.#done();
    };
    const stop = (name: string) =>
      scripts.whenIdle(name, () =>
        process.deliver(() => this.#run(name, 'stop', () => ended(name))),
      );
    for (const { name } of left) scripts.kill(name, () => process.deliver(() => stop(name)));
  }

  #run(service: string, action: 'demote' | 'stop', onEnd: (succeeded: boolean) => void): void {
    const { scripts, demoteGrace, epoch, nextRun, process } = this.#options;
    if (this.#over) return;
    const environment = { promoted: true, state: 'standby', epoch, master: undefined } as const;
    scripts.run({
      run: nextRun(),
      service,
      action,
      timeout: demoteGrace,
      environment,
      onEnd: (end) => process.deliver(() => onEnd(end.kind === 'exited' && end.code === 0)),
    });
  }

  #done(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onDone([...this.#outcomes].map(([name, outcome]) => ({ name, outcome })));
  }

  /** It is given up: whoever has ended its process goes on. */
  abandon(): void {
    this.#over = true;
  }
}
