// When a failure is forgotten: by itself after a delay that grows, so many times in a row, or by
// the administrator. Also what is remembered of failures for the leader and for people.
import { type Duration, type Instant, LONG_AGO, NEVER, type WallTime } from '@koi/lib/time';
import type { FailureReport } from './assignment.ts';
import type { RecoveryOptions } from './options.ts';

/** How many failures a runner tells of. */
export const FAILURES_REMEMBERED = 10;

/** What is remembered of this runner's failures. */
export class Recovery {
  readonly #options: RecoveryOptions;
  #count = 0;
  #last: Instant = LONG_AGO;
  #remembered = false;
  #forgetAt: Instant = NEVER;
  #ordered = false;
  #base: number | undefined;
  #failures: readonly FailureReport[] = [];

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** When the present failure is forgotten by itself; never where attempts are used up. */
  get forgetAt(): Instant {
    return this.#ordered ? LONG_AGO : this.#forgetAt;
  }

  /** How often in a row a failure was forgotten by itself. */
  get count(): number {
    return this.#count;
  }

  /** The last failures, oldest first. */
  get failures(): readonly FailureReport[] {
    return this.#failures;
  }

  /** How long ago something failed last. Auto-recovery does not forget that, `recover` does. */
  sinceFailure(now: Instant): Duration | undefined {
    return this.#remembered ? now - this.#last : undefined;
  }

  /** Remembers a failure and sets the time at which it is forgotten. */
  fail(now: Instant, at: WallTime, service: string, action: string, text: string): void {
    const { attempts, delay, factor, reset } = this.#options;
    if (now - this.#last >= reset) this.#count = 0;
    this.#last = now;
    this.#remembered = true;
    this.#forgetAt = this.#count < attempts ? now + delay * factor ** this.#count : NEVER;
    const failure = { at, service, action, text };
    this.#failures = [...this.#failures, failure].slice(-FAILURES_REMEMBERED);
  }

  /** The failure is forgotten; what services make of that is theirs. */
  forget(): 'by-order' | 'by-itself' {
    const how = this.#ordered ? 'by-order' : 'by-itself';
    if (how === 'by-itself') this.#count += 1;
    this.#ordered = false;
    this.#forgetAt = NEVER;
    return how;
  }

  /** Takes in the leader's counter. The first one heard is only where it counts from. */
  hear(counter: number): boolean {
    const base = this.#base;
    this.#base = counter;
    if (base === undefined || counter <= base) return false;
    this.#count = 0;
    this.#remembered = false;
    this.#ordered = true;
    return true;
  }

  /** An order that found nothing to forget is done. */
  settle(): void {
    this.#ordered = false;
  }
}
