// M4: which of the two takes down what is promoted. This process takes the lock of an epoch, or waits for
// the deadman that was quicker, takes over what it has done, and breaks the lock of one that is stuck.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration } from '@koi/lib/time';
import { readText } from './deadman-file.ts';
import { type DemotionLock, LockFiles } from './deadman-lock.ts';
import { type DeadmanResult, parseResult } from './deadman-result.ts';
import type { Succession } from './deadman-succession.ts';
import { findLiving, killNow, type ProcessIdentity } from './living-process.ts';

/** How long the loop is held up for the end of a deadman that was killed over a lock. */
const KILL_PATIENCE: Duration = 50;

/** How often whoever demotes says that it is at it, as a share of demoteGrace. */
const AT_WORK_SHARE = 0.025;
const AT_WORK_MIN: Duration = 10;

/** A deadman that acts and has not said so for so many times is stuck. */
const AT_WORK_MISSED_MAX = 16;

export interface DemotionOptions {
  readonly directory: string;
  readonly self: ProcessIdentity;
  readonly demoteGrace: Duration;
  readonly uptime: () => Duration;
  readonly succession: Succession;
  readonly log: { warn(text: string): void; error(text: string): void };
  /** Tells the deadman that this process is at work. */
  readonly say: () => void;
  /** What the deadman has done, or that it has died over it; this process has the lock. */
  readonly onActed: (result: DeadmanResult) => void;
}

export class Demotion {
  readonly #options: DemotionOptions;
  readonly #locks: LockFiles;
  /** Runs while this process demotes. */
  #working: NodeJS.Timeout | undefined;
  /** Runs while the deadman demotes. */
  #waiting: NodeJS.Timeout | undefined;
  #awaited = 0;
  #silentTurns = 0;

  constructor(options: DemotionOptions) {
    this.#options = options;
    this.#locks = new LockFiles(options.directory, options.self, options.uptime);
  }

  /** How often whoever demotes says so. */
  get turn(): Duration {
    return Math.max(AT_WORK_MIN, AT_WORK_SHARE * this.#options.demoteGrace);
  }

  /** The deadman that has a lock and is not done. */
  get acting(): ProcessIdentity | undefined {
    for (const epoch of this.#locks.epochs) {
      const lock = this.#locks.read(epoch);
      if (lock?.owner !== 'deadman' || this.#isFinished(lock)) continue;
      const holder = this.#holderOf(lock);
      if (holder !== undefined && findLiving(holder) !== undefined) return holder;
    }
    return undefined;
  }

  /** Takes the lock. False: the deadman has it, and `onActed` follows. `force`: its time is over. */
  claim(epoch: number, force = false): boolean {
    const lock = this.#locks.read(epoch);
    if (lock === undefined) {
      return this.#locks.take(epoch) ? this.#begin() : this.claim(epoch, force);
    }
    if (lock.owner === 'runner') {
      if (!this.#locks.isOwn(lock)) this.#locks.replace(epoch);
      return this.#begin();
    }
    if (!this.#isFinished(lock)) {
      const holder = this.#holderOf(lock);
      const phase = holder && findLiving(holder)?.phase;
      if (holder === undefined || phase === undefined) return this.#takeOver(epoch);
      // One that is stopped would hold the lock until it is too late.
      if (force || phase.toUpperCase() === 'T') {
        killNow(holder, KILL_PATIENCE);
        return this.#takeOver(epoch);
      }
    }
    this.#await(epoch);
    return false;
  }

  /** Whether the deadman leaves an epoch to this process. Where it does not, it is waited for. */
  isFree(epoch: number): boolean {
    if (this.#locks.read(epoch)?.owner !== 'deadman') return true;
    this.#await(epoch);
    return false;
  }

  /** What the deadman has done for an epoch, if it has. */
  result(epoch: number): DeadmanResult | undefined {
    const found = parseResult(readText(this.#resultPath) ?? '');
    return found?.epoch === epoch ? found : undefined;
  }

  /** Nothing is promoted any more. */
  release(epoch: number): void {
    this.#rest();
    const lock = this.#locks.read(epoch);
    if (lock === undefined || !this.#locks.isOwn(lock)) return;
    this.#locks.remove(epoch);
    rmSync(this.#resultPath, { force: true });
  }

  /** Clears away what is of no use any more: nobody is at work but this process. */
  clear(): void {
    for (const epoch of this.#locks.epochs) {
      const lock = this.#locks.read(epoch);
      if (lock !== undefined && !this.#isFinished(lock)) this.#locks.remove(epoch);
    }
  }

  /** A higher epoch than before was leased. */
  forgetBefore(epoch: number): void {
    this.#rest();
    if (this.acting !== undefined) return;
    for (const earlier of this.#locks.epochs) if (earlier < epoch) this.#locks.remove(earlier);
  }

  /** The deadman has said that it is at work, or done. */
  onWord(word: 'acting' | 'done'): void {
    this.#silentTurns = 0;
    if (word === 'done') this.#lookEverywhere();
  }

  /** The deadman is gone: what it had begun is left to this process. */
  onGone(): void {
    this.#lookEverywhere();
  }

  stop(): void {
    this.#rest();
    this.#stopWaiting();
  }

  get #resultPath(): string {
    return join(this.#options.directory, 'result');
  }

  // One that has not yet written its name is the one that was appointed.
  #holderOf(lock: DemotionLock): ProcessIdentity | undefined {
    return lock.process ?? this.#options.succession.incumbent;
  }

  #isFinished(lock: DemotionLock): boolean {
    return (readText(this.#resultPath) ?? '').startsWith(`lock ${lock.text}\n`);
  }

  #begin(): true {
    const { say } = this.#options;
    this.#stopWaiting();
    say();
    this.#working ??= setInterval(say, this.turn);
    return true;
  }

  #rest(): void {
    clearInterval(this.#working);
    this.#working = undefined;
  }

  #takeOver(epoch: number): true {
    this.#options.succession.endJobs();
    this.#locks.replace(epoch);
    return this.#begin();
  }

  #await(epoch: number): void {
    if (this.#waiting !== undefined && this.#awaited === epoch) return;
    this.#stopWaiting();
    this.#awaited = epoch;
    this.#silentTurns = 0;
    const waiting = setInterval(() => this.#look(epoch), this.turn);
    this.#waiting = waiting;
    // It may be done already; but nobody is told from within a call.
    setImmediate(() => {
      if (this.#waiting === waiting) this.#look(epoch);
    });
  }

  #stopWaiting(): void {
    clearInterval(this.#waiting);
    this.#waiting = undefined;
  }

  #lookEverywhere(): void {
    for (const epoch of this.#locks.epochs) {
      if (this.#locks.read(epoch)?.owner === 'deadman') this.#look(epoch);
    }
  }

  #look(epoch: number): void {
    const lock = this.#locks.read(epoch);
    if (lock?.owner !== 'deadman') {
      // It let go: the lease was renewed in the moment in which it took the lock. It was said already that
      // the deadman has it, so it goes down all the same.
      const isAwaited = this.#waiting !== undefined;
      this.#stopWaiting();
      if (isAwaited && this.claim(epoch)) this.#tellNothing(epoch);
      return;
    }
    if (this.#isFinished(lock)) {
      this.#deliver(epoch);
      return;
    }
    const holder = this.#holderOf(lock);
    this.#silentTurns += 1;
    if (holder !== undefined && findLiving(holder) !== undefined) {
      if (this.#silentTurns < AT_WORK_MISSED_MAX) return;
      this.#options.log.error('the deadman acts and is stuck: it is killed');
      killNow(holder, KILL_PATIENCE);
    }
    this.#takeOver(epoch);
    this.#tellNothing(epoch);
  }

  #deliver(epoch: number): void {
    const { log, onActed } = this.#options;
    const result = this.result(epoch);
    this.#takeOver(epoch);
    if (result === undefined) {
      log.error('what the deadman left cannot be read');
      this.#tellNothing(epoch);
      return;
    }
    onActed(result);
  }

  /** That the rest is for this process. */
  #tellNothing(epoch: number): void {
    const now = this.#options.uptime();
    const times = { leaseEnd: now, began: now, done: now };
    this.#options.onActed({ lock: '', epoch, ...times, fenced: 'no', services: [], story: [] });
  }
}
