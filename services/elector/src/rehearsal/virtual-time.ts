// The time of a rehearsal: what is to happen, in order. Nothing in it waits for a real clock.
import type { Duration, Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';

interface Happening {
  readonly at: Instant;
  readonly run: () => void;
}

export class VirtualTime {
  now: Instant = 0;
  /** In the order in which they happen; those of one moment in the order in which they were planned. */
  private readonly ahead: Happening[] = [];

  /** Plans something. */
  after(delay: Duration, run: () => void): void {
    const at = this.now + delay;
    let place = this.ahead.length;
    while (place > 0 && (this.ahead[place - 1]?.at ?? 0) > at) place -= 1;
    this.ahead.splice(place, 0, { at, run });
  }

  /** When the next one happens. */
  get next(): Instant {
    return this.ahead[0]?.at ?? NEVER;
  }

  /** Lets the next one happen. */
  happen(): void {
    const happening = this.ahead.shift();
    if (happening === undefined) return;
    this.now = Math.max(this.now, happening.at);
    happening.run();
  }

  /** Nothing happens until then. */
  pass(until: Instant): void {
    this.now = Math.max(this.now, until);
  }
}
