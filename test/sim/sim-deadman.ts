// The second process of a host with a runner (M4), as a model of the production shell script: it goes by the
// lease and the services that it was told, acts by the host's clock where the runner does not, and leaves a
// result. Lock and files belong to the host and outlive both processes.
import type { TakenDown } from '../../services/runner/src/core/input.ts';
import type { LeaseNews } from '../../services/runner/src/io/loop.ts';
import type { Random } from './random.ts';
import type { SimHost } from './sim-host.ts';
import { SimProcess } from './sim-process.ts';
import type { SimulatedScripts } from './simulated-scripts.ts';
import type { World } from './world.ts';

/** Shares of demoteGrace after the end of the lease, as in the production script. */
const KILLS_AT = 0.7;
const LAST_PATIENCE_AT = 0.6;

/** For how long a runner that has the lock may be silent, as shares of demoteGrace: at first, and late. */
const PATIENCE = 0.3;
const LAST_PATIENCE = 0.1;

/** How often it looks at the clock while something is promoted and its lease over, as a share of demoteGrace. */
const TURN = 0.1;

/** How long after the end of a lease the runner is left to begin by itself. */
const MARGIN_MAX = 40;
const MARGIN_SHARE = 0.15;

/** Steps of /proc/uptime, and how long a shell takes. */
const LATE_MAX = 20;

/** A service that is or may be promoted, in the order of demotion. */
export interface Watched {
  readonly name: string;
  readonly priority: number | undefined;
}

/** What it has done. */
export interface DeadmanDeed {
  readonly epoch: number;
  /** How long after the end of the lease it was done. */
  readonly after: number;
  readonly services: readonly { readonly name: string; readonly outcome: TakenDown }[];
}

export interface SimDeadmanOptions {
  readonly name: string;
  readonly world: World;
  readonly host: SimHost;
  readonly random: Random;
  readonly scripts: SimulatedScripts;
  readonly demoteGrace: number;
  /** The runner's process; undefined: it is gone. */
  readonly runner: () => SimProcess | undefined;
  /** The runner has the lock and is stuck. */
  readonly killRunner: () => void;
  readonly onActed: (deed: DeadmanDeed) => void;
}

export class SimDeadman {
  readonly #options: SimDeadmanOptions;
  #process: SimProcess | undefined;
  #lease: LeaseNews = { epoch: 0, end: 0, maintenance: false };
  #watched: readonly Watched[] = [];
  #lock: { readonly owner: 'runner' | 'deadman'; readonly epoch: number } | undefined;
  #acting = false;
  #deed: DeadmanDeed | undefined;
  #cancel = () => {};
  #takedown: Takedown | undefined;
  #runs = 0;

  constructor(options: SimDeadmanOptions) {
    this.#options = options;
  }

  get process(): SimProcess | undefined {
    return this.#process;
  }

  /** The lease as it was told last. */
  get leased(): LeaseNews {
    return this.#lease;
  }

  /** It is taking services down at this moment. */
  get acting(): boolean {
    return this.#acting;
  }

  /** It has sent SIGKILLs: from there on nothing goes by priority. */
  get killing(): boolean {
    return this.#takedown?.killing ?? false;
  }

  /** Whether anybody is there to do what it is for. */
  get stuck(): boolean {
    return this.#process === undefined || this.#process.paused;
  }

  /** A new process, in the place of an earlier one. */
  arm(): void {
    const { world, host, random } = this.#options;
    this.#process?.end();
    this.#process = new SimProcess(world, host.clock, random);
    this.#watch();
  }

  /** The process is gone. What it was doing goes on to nobody's end. */
  end(): void {
    this.#process?.end();
    this.#process = undefined;
    this.#cancel();
    this.#acting = false;
  }

  /** The host has died, and with it /run. */
  forget(): void {
    this.end();
    this.#lease = { epoch: 0, end: 0, maintenance: false };
    this.#watched = [];
    this.#lock = undefined;
    this.#deed = undefined;
  }

  /** False: it has taken the lease for over. */
  lease(news: LeaseNews): boolean {
    this.#lease = news;
    this.#watch();
    return !this.#has(news.epoch);
  }

  /** False: it acts or has acted, and nothing may be promoted. */
  watch(services: readonly Watched[]): boolean {
    this.#watched = services;
    this.#watch();
    return !this.#has(this.#lease.epoch);
  }

  /** The runner takes the lock; false: the deadman was quicker. */
  claim(epoch: number, force: boolean): boolean {
    if (this.#has(epoch) && this.#acting && !force) return false;
    if (force) {
      this.#acting = false;
      this.#options.scripts.endForeign();
      this.arm();
    }
    this.#lock = { owner: 'runner', epoch };
    return true;
  }

  /** What it has done for an epoch, if it has. */
  deed(epoch: number): DeadmanDeed | undefined {
    return this.#deed?.epoch === epoch ? this.#deed : undefined;
  }

  #has(epoch: number): boolean {
    return this.#lock?.owner === 'deadman' && this.#lock.epoch === epoch && epoch > 0;
  }

  #watch(): void {
    this.#cancel();
    const { random } = this.#options;
    const { end, maintenance } = this.#lease;
    if (this.#process === undefined || maintenance || this.#watched.length === 0) return;
    const margin = Math.min(MARGIN_SHARE * this.#options.demoteGrace, MARGIN_MAX);
    const late = random.between(0, LATE_MAX);
    this.#cancel = this.#process.clock.at(end + margin + late, () => this.#act());
  }

  #act(): void {
    const { host, demoteGrace, killRunner, world, name } = this.#options;
    const { epoch, end, maintenance } = this.#lease;
    const now = host.clock.now();
    if (this.#acting || maintenance || this.#watched.length === 0 || now < end) return;
    const owned = this.#lock?.epoch === epoch && this.#lock.owner === 'runner';
    const runner = this.#options.runner();
    if (owned && runner !== undefined) {
      const early = now < end + LAST_PATIENCE_AT * demoteGrace;
      if (runner.silence <= (early ? PATIENCE : LAST_PATIENCE) * demoteGrace) {
        // It is at it, and its deadlines are the same.
        const again = now + TURN * demoteGrace;
        this.#cancel = this.#process?.clock.at(again, () => this.#act()) ?? (() => {});
        return;
      }
      killRunner();
    }
    this.#lock = { owner: 'deadman', epoch };
    this.#acting = true;
    world.say(`deadman of ${name}`, `acts: the lease of epoch ${epoch} is over`);
    this.#takedown = new Takedown(this.#options, this.#watched, epoch, end, {
      process: this.#process,
      nextRun: () => {
        this.#runs -= 1;
        return this.#runs;
      },
      isCurrent: () => this.#acting,
      onDone: (deed) => {
        this.#acting = false;
        this.#deed = deed;
        world.say(`deadman of ${name}`, `has acted for epoch ${epoch}`);
        this.#options.onActed(deed);
      },
    });
    this.#takedown.begin();
  }
}

interface TakedownEvents {
  readonly process: SimProcess | undefined;
  readonly nextRun: () => number;
  readonly isCurrent: () => boolean;
  readonly onDone: (deed: DeadmanDeed) => void;
}

/** One demotion: by priority, and by SIGKILL when its time is over. */
class Takedown {
  readonly #options: SimDeadmanOptions;
  readonly #left: Watched[];
  readonly #epoch: number;
  readonly #endedAt: number;
  readonly #events: TakedownEvents;
  readonly #outcomes = new Map<string, TakenDown>();
  killing = false;

  constructor(
    options: SimDeadmanOptions,
    watched: readonly Watched[],
    epoch: number,
    endedAt: number,
    events: TakedownEvents,
  ) {
    this.#options = options;
    this.#left = [...watched];
    this.#epoch = epoch;
    this.#endedAt = endedAt;
    this.#events = events;
  }

  begin(): void {
    const { scripts } = this.#options;
    for (const { name } of this.#left) scripts.interrupt(name);
    const killsAt = this.#endedAt + KILLS_AT * this.#options.demoteGrace;
    this.#events.process?.clock.at(killsAt, () => this.#kill());
    this.#next();
  }

  #next(): void {
    const [next] = this.#left;
    if (!this.#events.isCurrent() || this.killing) return;
    if (next === undefined) {
      this.#done();
      return;
    }
    const { scripts } = this.#options;
    scripts.whenIdle(next.name, () => {
      if (!this.#events.isCurrent() || this.killing) return;
      // What the runner's own demote or stop has done meanwhile is done.
      if (!scripts.standing(next.name).promoted) this.#down('demoted');
      else this.#run(next.name, 'demote', (succeeded) => succeeded && this.#down('demoted'));
    });
  }

  #down(outcome: TakenDown): void {
    const [next] = this.#left;
    if (next === undefined) return;
    this.#left.shift();
    this.#outcomes.set(next.name, outcome);
    this.#next();
  }

  #kill(): void {
    if (!this.#events.isCurrent() || this.#left.length === 0) return;
    this.killing = true;
    const { scripts } = this.#options;
    const left = [...this.#left];
    let waiting = left.length;
    const ended = (name: string) => {
      this.#outcomes.set(name, 'killed');
      waiting -= 1;
      if (waiting === 0 && this.#events.isCurrent()) this.#done();
    };
    for (const { name } of left) {
      scripts.kill(name, () =>
        scripts.whenIdle(name, () => this.#run(name, 'stop', () => ended(name))),
      );
    }
  }

  #run(service: string, action: 'demote' | 'stop', onEnd: (succeeded: boolean) => void): void {
    const { scripts, demoteGrace } = this.#options;
    const run = this.#events.nextRun();
    const environment = { promoted: true, state: 'standby', epoch: this.#epoch } as const;
    scripts.run({
      run,
      service,
      action,
      timeout: demoteGrace,
      environment: { ...environment, master: undefined },
      onEnd: (end) => onEnd(end.kind === 'exited' && end.code === 0),
    });
  }

  #done(): void {
    const services = [...this.#outcomes].map(([name, outcome]) => ({ name, outcome }));
    const after = this.#options.host.clock.now() - this.#endedAt;
    this.#events.onDone({ epoch: this.#epoch, after, services });
  }
}
