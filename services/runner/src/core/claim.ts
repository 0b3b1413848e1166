// M4: two processes may take down what is promoted after a lease end, this one and the deadman. Whoever
// takes the lock of the epoch first does it; the other one starts no script beside.
import { type Duration, type Instant, NEVER } from '@koi/lib/time';
import type { Effect } from './effect.ts';
import type { Say } from './mandate.ts';

type Owner = 'nobody' | 'asked' | 'runner' | 'deadman';

/** Who demotes after the end of a lease. */
export class Claim {
  readonly #grace: Duration;
  readonly #say: Say;
  readonly #emit: (effect: Effect) => void;
  #epoch = 0;
  #owner: Owner = 'nobody';
  #patientUntil: Instant = NEVER;

  /** `grace`: how long a deadman that was quicker is waited for. */
  constructor(grace: Duration, say: Say, emit: (effect: Effect) => void) {
    this.#grace = grace;
    this.#say = say;
    this.#emit = emit;
  }

  /** When a deadman that has the lock has had its time. */
  get deadline(): Instant {
    return this.#owner === 'deadman' ? this.#patientUntil : NEVER;
  }

  /** The deadman is at it, whatever was leased since. */
  get yielded(): boolean {
    return this.#owner === 'deadman';
  }

  /** Whether this process may run scripts on what an epoch that has ended left promoted. */
  holds(epoch: number): boolean {
    return this.#epoch === epoch && this.#owner === 'runner';
  }

  /** Takes the lock of an epoch, once. */
  ask(epoch: number): void {
    if (this.#epoch === epoch && this.#owner !== 'nobody') return;
    this.#epoch = epoch;
    this.#owner = 'asked';
    this.#emit({ kind: 'claim-demotion', epoch, force: false });
  }

  /** The answer, or news that the deadman has it though nobody asked: by its clock the lease was over. */
  onClaimed(epoch: number, by: 'runner' | 'deadman', now: Instant): void {
    const answers = epoch === this.#epoch && this.#owner === 'asked';
    const news = by === 'deadman' && epoch > this.#epoch;
    if (!answers && !news) return;
    this.#epoch = epoch;
    this.#owner = by;
    if (by === 'runner') return;
    this.#patientUntil = now + this.#grace;
    this.#say(
      'warn',
      `the deadman takes down what epoch ${epoch} left promoted: no script runs here`,
    );
  }

  /** The deadman is done: the rest is for this process. False: it is news of the past. */
  onActed(epoch: number): boolean {
    if (epoch < this.#epoch || this.holds(epoch)) return false;
    this.#epoch = epoch;
    this.#owner = 'runner';
    return true;
  }

  /** Whether a deadman that was quicker has had its time just now. */
  expire(now: Instant): boolean {
    if (now < this.deadline) return false;
    this.#owner = 'asked';
    this.#say('error', 'the deadman has not told what became of the services: taking over from it');
    this.#emit({ kind: 'claim-demotion', epoch: this.#epoch, force: true });
    return true;
  }
}
