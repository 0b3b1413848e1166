// M4: the runner's side of the deadman. It keeps for it what it goes by, watches it, and replaces it: the
// old one gone before a new one arms. Who of the two takes down what is promoted is deadman-demotion.ts.
//
// Two writers and no arbiter: each first writes its own file and then reads the other's. The deadman takes
// the lock and then looks at the lease; the runner writes the lease and then looks at the lock. However
// the two are interleaved or stopped, at least one of them sees the other and gives way.
import { join } from 'node:path';
import type { Clock, Duration, Instant } from '@koi/lib/time';
import { Demotion } from './deadman-demotion.ts';
import { readText, writeText } from './deadman-file.ts';
import { DeadmanProcess, findDeadmanProgram } from './deadman-process.ts';
import type { DeadmanResult } from './deadman-result.ts';
import { GONE_PATIENCE, Succession, untilGone } from './deadman-succession.ts';
import { type WatchedService, watchText } from './deadman-watch.ts';
import type { FenceHook } from './fence.ts';
import { killLiving, ownIdentity, type ProcessIdentity } from './living-process.ts';
import type { LeaseNews } from './loop.ts';

/** By how much an earlier deadman that acts may be later than its own deadline. */
const ACT_SLACK: Duration = 500;

/** After this long another start is tried where the last one came to nothing. */
const START_EVERY: Duration = 1_000;

export interface DeadmanLog {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export interface DeadmanOptions {
  readonly stateDirectory: string;
  readonly demoteGrace: Duration;
  readonly heartbeat: Duration;
  readonly fence: FenceHook | undefined;
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds since the host's boot: what runner and deadman both know. */
  readonly uptime: () => Duration;
  /** Which life of the host this is. */
  readonly boot: string;
  readonly log: DeadmanLog;
  /**
   * The deadman has acted, in this process's life or before it, or has died over it (then the result names
   * no services). From now on this process has the lock. Never called from within a call to here.
   */
  readonly onActed: (result: DeadmanResult) => void;
  /** Another program in its place. */
  readonly program?: string;
}

/** Makes the runner's side of the deadman; `open` starts it. */
export function createDeadman(options: DeadmanOptions): Deadman {
  return new Deadman(options);
}

export class Deadman {
  readonly #options: DeadmanOptions;
  readonly #directory: string;
  readonly #succession: Succession;
  readonly #demotion: Demotion;
  #process: DeadmanProcess | undefined;
  #beats: NodeJS.Timeout | undefined;
  #idleBeats = 0;
  #services: readonly WatchedService[] | undefined;
  #lease = { epoch: 0, end: 0, maintenance: false };
  #closed = false;

  constructor(options: DeadmanOptions) {
    const { stateDirectory, demoteGrace, uptime, log } = options;
    const directory = join(stateDirectory, 'deadman');
    const self = ownIdentity();
    this.#options = options;
    this.#directory = directory;
    this.#succession = new Succession(directory, self);
    this.#demotion = new Demotion({
      directory,
      self,
      demoteGrace,
      uptime,
      succession: this.#succession,
      log,
      say: () => this.#process?.say('ping'),
      onActed: (result) => this.#onActed(result),
    });
  }

  /** The deadman is there and answers. */
  get armed(): boolean {
    return this.#process?.armed ?? false;
  }

  /** Ends the deadman of an earlier runner, after what it is doing, and starts a new one. */
  async open(): Promise<void> {
    const { boot, heartbeat, log } = this.#options;
    this.#succession.prepare(boot);
    this.#lease = readLease(this.#options.stateDirectory);
    const { acting } = this.#demotion;
    if (acting !== undefined) {
      log.warn(`the deadman ${acting.pid} acts: it is waited for`);
      await this.#untilActed(acting);
    }
    // From here on nobody acts but the deadman that is started next.
    const words = this.#succession.appoint();
    const { incumbent } = this.#succession;
    if (incumbent !== undefined) await this.#succession.end(incumbent);
    this.#succession.endJobs();
    this.#demotion.clear();
    this.#start(words);
    this.#beats = setInterval(() => this.#beat(), heartbeat);
  }

  /**
   * Which services are or may be promoted. To be called before a promote script starts. False: the deadman
   * acts or has acted, and nothing may be promoted.
   */
  watch(services: readonly WatchedService[]): boolean {
    const { epoch } = this.#lease;
    this.#services = services;
    // Found promoted where no lease covers it: this process knows it first, and takes it down itself.
    const uncovered = services.length > 0 && this.#leaseIsOver;
    if (uncovered && !this.claim(epoch)) return false;
    this.#writeWatch(services);
    if (services.length === 0) this.#demotion.release(epoch);
    return this.#demotion.isFree(epoch);
  }

  /**
   * The lease as it is now; `end` is when what is promoted has to begin to go down. False: the deadman has
   * taken it for over and acts.
   */
  lease(epoch: number, end: Instant, maintenance: boolean): boolean {
    const { clock, uptime } = this.#options;
    const byUptime = Math.max(0, Math.floor(end - clock.now() + uptime()));
    const before = this.#lease.epoch;
    this.#lease = { epoch, end: byUptime, maintenance };
    writeText(this.#path('lease'), `${epoch} ${byUptime} ${maintenance ? 1 : 0}\n`);
    this.#process?.say('lease');
    if (epoch > before) this.#demotion.forgetBefore(epoch);
    return this.#demotion.isFree(epoch);
  }

  /**
   * Takes the lock of a demotion. False: the deadman has it, and `onActed` follows. `force`: whatever the
   * deadman does, its time is over.
   */
  claim(epoch: number, force = false): boolean {
    return this.#demotion.claim(epoch, force);
  }

  /** What the deadman has done for an epoch, if it has. */
  result(epoch: number): DeadmanResult | undefined {
    return this.#demotion.result(epoch);
  }

  /** Everything is down and this process ends: so does the deadman. */
  async end(): Promise<void> {
    this.#stop();
    const { identity } = this.#process ?? {};
    this.#process?.dismiss();
    if (identity === undefined) return;
    await untilGone(identity, GONE_PATIENCE);
    killLiving(identity, 'process');
  }

  /** This process ends and leaves everything as it is: the deadman goes on by the clock. */
  detach(): void {
    this.#stop();
    this.#process?.leave();
  }

  get #leaseIsOver(): boolean {
    const { end, maintenance } = this.#lease;
    return !maintenance && this.#options.uptime() >= end;
  }

  #onActed(result: DeadmanResult): void {
    // What could not be written while the deadman had the lock.
    if (this.#services !== undefined) this.#writeWatch(this.#services);
    this.#options.onActed(result);
    if (this.#services?.length === 0) this.#demotion.release(result.epoch);
  }

  #writeWatch(services: readonly WatchedService[]): void {
    writeText(this.#path('watch'), watchText(services, this.#options.fence));
    this.#process?.say('watch');
  }

  async #untilActed(deadman: ProcessIdentity): Promise<void> {
    const { demoteGrace, log } = this.#options;
    const { turn } = this.#demotion;
    for (let waited = 0; waited < demoteGrace + ACT_SLACK; waited += turn) {
      if (this.#demotion.acting === undefined) return;
      await untilGone(deadman, turn);
    }
    log.error(`the deadman ${deadman.pid} has not come to an end: it is killed`);
  }

  #start(words: readonly string[]): void {
    const { stateDirectory, demoteGrace, heartbeat, program } = this.#options;
    const started = new DeadmanProcess({
      program: program ?? findDeadmanProgram(),
      parameters: [stateDirectory, ...words, ...[demoteGrace, heartbeat].map(wholeText)],
      heartbeat,
      onWord: (word) => this.#demotion.onWord(word),
      onExit: (how) => this.#onExit(started, how),
    });
    this.#process = started;
    this.#idleBeats = 0;
    started.say('ping');
  }

  #beat(): void {
    const { heartbeat } = this.#options;
    const process = this.#process;
    if (process === undefined || process.over) {
      this.#idleBeats += 1;
      if (this.#idleBeats * heartbeat >= START_EVERY) this.#start(this.#succession.appoint());
      return;
    }
    if (process.beat()) return;
    if (this.#demotion.acting !== undefined) {
      // It has no time to answer; whether it is stuck is found out in its own turns.
      process.excuse();
      this.#demotion.isFree(this.#lease.epoch);
      return;
    }
    this.#options.log.error('the deadman does not answer: it is killed and replaced');
    process.kill();
  }

  // A new one is started only here and where there was none: never beside another one.
  #onExit(process: DeadmanProcess, how: string): void {
    if (this.#closed || process !== this.#process) return;
    this.#options.log.error(`the deadman is gone: ${how}`);
    const words = this.#succession.appoint();
    this.#succession.endJobs();
    this.#demotion.onGone();
    if (process.wasArmed) this.#start(words);
  }

  #stop(): void {
    this.#closed = true;
    clearInterval(this.#beats);
    this.#demotion.stop();
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

/** The lease as it was renewed last, by milliseconds since boot; of epoch 0 where there is none. */
export function readLease(stateDirectory: string): LeaseNews {
  const text = readText(join(stateDirectory, 'deadman', 'lease')) ?? '';
  const [, epoch, end, maintenance] = /^(\d+) (\d+) ([01])$/m.exec(text) ?? [];
  return {
    epoch: Number(epoch ?? 0),
    end: Number(end ?? 0),
    maintenance: maintenance === '1',
  };
}

/** A shell counts in whole milliseconds. */
function wholeText(duration: Duration): string {
  return String(Math.floor(duration));
}
