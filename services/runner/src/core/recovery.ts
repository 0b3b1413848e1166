// When a failure is forgotten: by itself after a delay that grows, so many times in a row, or by
// the administrator. Also what is remembered of failures for the leader and for people.
import {
  type Duration,
  describeDuration,
  type Instant,
  LONG_AGO,
  NEVER,
  type WallTime,
} from '@koi/lib/time';
import type { FailureReport } from './assignment.ts';
import type { RecoveryOptions } from './options.ts';
import type { RecoveryRecord } from './record.ts';

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

  /** `found`: what an earlier process remembered (M6). */
  constructor(options: RecoveryOptions, found?: RecoveryRecord) {
    this.#options = options;
    if (found === undefined) return;
    this.#count = found.count;
    this.#last = found.last;
    this.#remembered = found.remembered;
    this.#forgetAt = found.forgetAt;
    this.#base = found.counter;
    this.#failures = found.failures;
  }

  /** What the next process has to know of it (M6). */
  get record(): RecoveryRecord {
    return {
      count: this.#count,
      last: this.#last,
      remembered: this.#remembered,
      forgetAt: this.forgetAt,
      counter: this.#base,
      failures: this.#failures,
    };
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

  /** Remembers a failure and sets the time at which it is forgotten. Returns what that means, as a sentence. */
  fail(now: Instant, at: WallTime, failed: Omit<FailureReport, 'at'>): string {
    const { attempts, delay, factor, reset } = this.#options;
    if (now - this.#last >= reset) this.#count = 0;
    this.#last = now;
    this.#remembered = true;
    this.#forgetAt = this.#count < attempts ? now + delay * factor ** this.#count : NEVER;
    const { service, action, text } = failed;
    const failure = { at, service, action, text };
    this.#failures = [...this.#failures, failure].slice(-FAILURES_REMEMBERED);
    const { forgetAt } = this;
    const until =
      forgetAt === NEVER
        ? 'until an administrator tells it to recover'
        : `for ${describeDuration(forgetAt - now)}`;
    return `this runner is failed ${until}: all services are taken down`;
  }

  /** A failure that an earlier process left, and did not say when it is forgotten (M6). */
  resume(now: Instant): void {
    const { attempts, delay, factor } = this.#options;
    if (this.#forgetAt !== NEVER || this.#count >= attempts) return;
    this.#forgetAt = now + delay * factor ** this.#count;
  }

  /** Remembers what happened without a failure of a service: it holds nobody back. */
  note(at: WallTime, action: string, text: string): void {
    const event = { at, service: '', action, text };
    this.#failures = [...this.#failures, event].slice(-FAILURES_REMEMBERED);
  }

  /** The failure is forgotten; what services make of that is theirs. Returns a sentence. */
  forget(): string {
    if (!this.#ordered) this.#count += 1;
    const why = this.#ordered ? 'by order' : `by itself, ${this.#count} times in a row`;
    this.#ordered = false;
    this.#forgetAt = NEVER;
    return `failures are forgotten ${why}: services may start again`;
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
