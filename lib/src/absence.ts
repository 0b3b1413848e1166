// How long a daemon's own loop stood still, remembered for a while: P10 makes it act first on what has run out,
// and this lets it tell the cluster afterwards. Said again and again, not once: the stream on which it would
// have been said is often the one that the absence has cost.
import { type Duration, type Instant, LONG_AGO } from './time.ts';

/** For how long an absence is told. */
export const ABSENCE_REMEMBERED: Duration = 600_000;

/** The longest absence of late, as it is told. */
export interface AbsenceNews {
  readonly longest: Duration;
  /** How long ago it ended. */
  readonly since: Duration;
}

/** What a daemon remembers of its own absences. */
export class Absence {
  readonly #least: Duration;
  #longest: Duration = 0;
  #endedAt: Instant = LONG_AGO;

  /** `least`: a shorter one is nobody's business. A heartbeat, since others notice no less. */
  constructor(least: Duration) {
    this.#least = least;
  }

  /** The loop was away until now. Returns whether that is worth telling. */
  note(away: Duration, now: Instant): boolean {
    if (away < this.#least) return false;
    const forgotten = now >= this.#endedAt + ABSENCE_REMEMBERED;
    // A short one right after a long one must not hide it.
    if (forgotten || away >= this.#longest) {
      this.#longest = away;
      this.#endedAt = now;
    }
    return true;
  }

  /** What to tell; undefined: nothing of late. */
  told(now: Instant): AbsenceNews | undefined {
    const since = now - this.#endedAt;
    return since < ABSENCE_REMEMBERED ? { longest: this.#longest, since } : undefined;
  }
}
