// The second process of a host with a runner (M4), as a model of the production shell script: it goes by the
// lease and the services that it was told, acts by the host's clock where the runner does not, and leaves a
// result. Lock and files belong to the host and outlive both processes.
import type { LeaseNews } from '../../services/runner/src/io/loop.ts';
import type { Random } from './random.ts';
import type { SimHost } from './sim-host.ts';
import { SimProcess } from './sim-process.ts';
import { type DownService, Takedown, type Watched } from './sim-takedown.ts';
import type { SimulatedScripts } from './simulated-scripts.ts';
import type { World } from './world.ts';

/** For how long a runner that has the lock may be silent, as a share of demoteGrace; once all is late, longer. */
const PATIENCE = 0.3;
const LATE_PATIENCE = 2;
const LATE_PATIENCE_MIN = 1_000;

/** Not heard after the first share of demoteGrace, a runner has killed nothing; at the second there is just time. */
const PROOF_AFTER = 0.72;
const PROOF_UNTIL = 0.88;

/** How often it looks at the clock while the runner has the lock, as a share of demoteGrace. */
const TURN = 0.05;

/** How long after the end of a lease the runner is left to begin by itself. */
const MARGIN_MAX = 40;
const MARGIN_SHARE = 0.15;

/** Steps of /proc/uptime, and how long a shell takes. */
const LATE_MAX = 20;

/** What it has done. */
export interface DeadmanDeed {
  readonly epoch: number;
  /** How long after the end of the lease it was done. */
  readonly after: number;
  readonly services: readonly DownService[];
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

interface Lock {
  readonly owner: 'runner' | 'deadman';
  readonly epoch: number;
  /** When it was taken, by the host's clock. */
  readonly at: number;
}

export class SimDeadman {
  readonly #options: SimDeadmanOptions;
  #process: SimProcess | undefined;
  #lease: LeaseNews = { epoch: 0, end: 0, maintenance: false };
  #watched: readonly Watched[] = [];
  #lock: Lock | undefined;
  #deed: DeadmanDeed | undefined;
  #cancel = () => {};
  #takedown: Takedown | undefined;
  #runs = 0;
  #actedAt = 0;

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
    return this.#takedown !== undefined;
  }

  /** Since when, in true time; undefined: it does not act. */
  get actingSince(): number | undefined {
    return this.acting ? this.#actedAt : undefined;
  }

  /** It has sent SIGKILLs: from there on nothing goes by priority. */
  get killing(): boolean {
    return this.#takedown?.killing ?? false;
  }

  /** Whether nobody is there to do what it is for. */
  get stuck(): boolean {
    return this.#process === undefined || this.#process.paused;
  }

  /** A new process, after the end of an earlier one. */
  arm(): void {
    const { world, host, random } = this.#options;
    this.end();
    this.#process = new SimProcess(world, host.clock, random);
    this.#watch();
  }

  /** The process is gone. What it has begun goes on, to nobody's end. */
  end(): void {
    this.#process?.end();
    this.#process = undefined;
    this.#cancel();
    this.#takedown?.abandon();
    this.#takedown = undefined;
  }

  /** The host has died, and with it /run. */
  forget(): void {
    this.end();
    this.lose();
    this.#lock = undefined;
    this.#deed = undefined;
  }

  /** What it goes by is gone. */
  lose(): void {
    this.#lease = { epoch: 0, end: 0, maintenance: false };
    this.#watched = [];
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
    // What is done is told, and not done again.
    if (this.#has(epoch) && this.deed(epoch) !== undefined) return false;
    // One that is stopped would hold the lock until it is too late.
    if (this.#has(epoch) && this.acting && !force && !this.stuck) return false;
    if (this.acting || this.unfinished !== undefined) this.replace();
    this.#lock = { owner: 'runner', epoch, at: this.#options.host.clock.now() };
    return true;
  }

  /** What it has done is known to the runner: the rest is for that one. */
  settle(epoch: number): void {
    if (this.#has(epoch))
      this.#lock = { owner: 'runner', epoch, at: this.#options.host.clock.now() };
  }

  /** Ends it with all that it has under way, clears away what it has not finished, and arms another one. */
  replace(): void {
    this.end();
    this.#options.scripts.endForeign();
    if (this.unfinished !== undefined) this.#lock = undefined;
    this.arm();
  }

  /** The epoch of a demotion that it has begun and not finished; undefined: there is none. */
  get unfinished(): number | undefined {
    const { owner, epoch } = this.#lock ?? {};
    return owner === 'deadman' && this.#deed?.epoch !== epoch ? epoch : undefined;
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
    this.#lookAt(end + margin + random.between(0, LATE_MAX));
  }

  #lookAt(instant: number): void {
    this.#cancel = this.#process?.clock.at(instant, () => this.#act()) ?? (() => {});
  }

  #act(): void {
    const { host, killRunner, runner } = this.#options;
    const { epoch, end, maintenance } = this.#lease;
    const now = host.clock.now();
    if (this.acting || maintenance || this.#watched.length === 0 || now < end) return;
    // What is done is done: the runner goes on from there.
    if (this.deed(epoch) !== undefined && this.#has(epoch)) return;
    const owner = runner();
    if (this.#lock?.epoch === epoch && this.#lock.owner === 'runner' && owner !== undefined) {
      if (!this.#isStuck(owner, this.#lock.at)) {
        // It is at it, and its deadlines are the same.
        this.#lookAt(now + TURN * this.#options.demoteGrace);
        return;
      }
      killRunner();
    }
    this.#lock = { owner: 'deadman', epoch, at: now };
    this.#actedAt = this.#options.world.now;
    this.#takeDown();
  }

  /** Whether a runner that has the lock does nothing with it. */
  #isStuck(runner: SimProcess, lockedAt: number): boolean {
    const { host, demoteGrace } = this.#options;
    const { end } = this.#lease;
    const now = host.clock.now();
    const base = lockedAt - end < demoteGrace ? end : lockedAt;
    const late = now >= base + demoteGrace;
    const patience = late
      ? Math.max(LATE_PATIENCE * demoteGrace, LATE_PATIENCE_MIN)
      : PATIENCE * demoteGrace;
    const { silence } = runner;
    if (silence > patience) return true;
    if (now < base + PROOF_UNTIL * demoteGrace) return false;
    return now - silence < base + PROOF_AFTER * demoteGrace;
  }

  #takeDown(): void {
    const { scripts, demoteGrace, world, name, host } = this.#options;
    const { epoch, end: endedAt } = this.#lease;
    if (this.#process === undefined) return;
    world.say(`deadman of ${name}`, `acts: the lease of epoch ${epoch} is over`);
    const nextRun = () => {
      this.#runs -= 1;
      return this.#runs;
    };
    const onDone = (services: readonly DownService[]) => {
      this.#takedown = undefined;
      this.#deed = { epoch, after: host.clock.now() - endedAt, services };
      world.say(`deadman of ${name}`, `has acted for epoch ${epoch}`);
      this.#options.onActed(this.#deed);
    };
    this.#takedown = new Takedown(
      { process: this.#process, scripts, demoteGrace, epoch, endedAt, nextRun, onDone },
      this.#watched,
    );
    this.#takedown.begin();
  }
}
