// The clean end of the daemon: everything goes down first, and a master waits a moment for leave to
// release the role, so that its successor need not wait for the lease to run out. None of it takes for ever.
import { type Duration, describeDuration, earliest, type Instant, NEVER } from '@koi/lib/time';
import type { Say } from './mandate.ts';
import type { ServiceFailure, Supervision } from './supervision.ts';

/** How many heartbeats a runner with all services down waits for leave to release. */
export const RELEASE_HEARTBEATS = 5;

/** How long all services together have to be demoted, and then again to be stopped. */
export const DESCENT_MAX: Duration = 360_000;

/** What the end of the daemon waits for. */
export interface Remainder {
  /** No service runs, or maintenance leaves them as they are. */
  readonly done: boolean;
  /** A leader is heard that can order the release of the lease that runs. */
  readonly releasable: boolean;
}

/** The way of the daemon to its end. */
export class Departure {
  readonly #patience: Duration;
  readonly #say: Say;
  #begun = false;
  #demoting = false;
  #hurried = false;
  /** When demoting, or stopping, has had its time. */
  #patientUntil: Instant = NEVER;
  #exitAt: Instant = NEVER;

  constructor(heartbeat: Duration, say: Say) {
    this.#patience = RELEASE_HEARTBEATS * heartbeat;
    this.#say = say;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get deadline(): Instant {
    return earliest(this.#exitAt, this.#patientUntil);
  }

  begin(why: string, now: Instant): void {
    this.#begun = true;
    this.#demoting = true;
    this.#patientUntil = now + DESCENT_MAX;
    this.#say('info', `told to end: ${why}`);
  }

  /** Nothing is waited for any more. What runs is killed; not in maintenance, nor where the deadman is at it. */
  hurry(why: string, supervision: Pick<Supervision, 'killAll'>, spared: boolean): void {
    if (!spared) supervision.killAll(why);
    this.#hurried = true;
    this.#patientUntil = NEVER;
  }

  /** Lets time do its work: what is not down when its time is over is killed. Returns what has failed by that. */
  expire(
    supervision: Pick<Supervision, 'promoted' | 'killPromoted' | 'killAll'>,
    spared: boolean,
    now: Instant,
  ): readonly ServiceFailure[] {
    const late = now >= this.#patientUntil;
    if (!late && (!this.#demoting || supervision.promoted)) return [];
    const what = this.#demoting ? 'demoted' : 'stopped';
    const why = `the daemon ends, and not all was ${what} within ${describeDuration(DESCENT_MAX)}`;
    if (!this.#demoting) {
      this.hurry(why, supervision, spared);
      return [];
    }
    this.#demoting = false;
    this.#patientUntil = now + DESCENT_MAX;
    return late && !spared ? supervision.killPromoted(why) : [];
  }

  /** Whether the daemon may exit now. */
  over(remainder: Remainder, now: Instant): boolean {
    if (this.#hurried) return true;
    if (!this.#begun || !remainder.done) return false;
    this.#patientUntil = NEVER;
    if (!remainder.releasable) return true;
    if (this.#exitAt === NEVER) {
      this.#exitAt = now + this.#patience;
      this.#say('info', 'everything is down: waiting for leave to release the role');
    }
    return now >= this.#exitAt;
  }
}
