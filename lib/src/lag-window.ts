// The worst of what was measured within the last minute, in a fixed number of buckets: asking for it
// changes nothing, so that any number of people may ask.
import type { Duration, Instant } from './time.ts';

/** How far back it looks. What is up to one bucket older may count as well. */
export const WINDOW: Duration = 60_000;

const BUCKETS = 12;
const BUCKET: Duration = WINDOW / BUCKETS;

interface Bucket {
  readonly number: number;
  worst: Duration;
}

/** Notes durations, tells the longest recent one. */
export class LagWindow {
  #buckets: Bucket[] = [];

  note(lag: Duration, now: Instant): void {
    const number = Math.floor(now / BUCKET);
    const last = this.#buckets.at(-1);
    if (last?.number === number) last.worst = Math.max(last.worst, lag);
    else this.#buckets = [...this.#recent(now), { number, worst: lag }];
  }

  /** 0 where nothing was noted. */
  worst(now: Instant): Duration {
    return Math.max(0, ...this.#recent(now).map(({ worst }) => worst));
  }

  #recent(now: Instant): Bucket[] {
    const oldest = Math.floor(now / BUCKET) - BUCKETS;
    return this.#buckets.filter(({ number }) => number >= oldest);
  }
}
