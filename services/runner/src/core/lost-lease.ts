// M4: how close it was. Each lease that is lost with something promoted leaves one sentence with the
// measured margin.
import { type Duration, describeDuration, type Instant } from '@koi/lib/time';

/** What is known of a lease that has ended and was not given back. */
export interface EndedLease {
  readonly epoch: number;
  /** Since when what is promoted has to go down. */
  readonly since: Instant;
}

/** What became of a lost lease. */
export interface Margin {
  readonly text: string;
  /** Down within demoteGrace. */
  readonly inTime: boolean;
}

export class LostLease {
  readonly #grace: Duration;
  #losing = 0;
  #told = 0;

  constructor(grace: Duration) {
    this.#grace = grace;
  }

  /** Looks at the end of each step; a margin once for each lost lease, when everything is down. */
  look({ epoch, since }: EndedLease, promoted: boolean, now: Instant): Margin | undefined {
    if (promoted) this.#losing = epoch;
    if (promoted || this.#losing !== epoch || this.#told === epoch) return undefined;
    this.#told = epoch;
    const down = now - since;
    const left = this.#grace - down;
    const inTime = left >= 0;
    const side = inTime ? 'before anybody else could be' : 'after somebody else could be';
    const how = `down ${describeDuration(down)} after the lease ended`;
    const margin = `${describeDuration(Math.abs(left))} ${side} promoted`;
    return { text: `epoch ${epoch}: ${how}, ${margin}`, inTime };
  }
}
