// The clean end of the daemon: everything goes down first, and a master waits a moment for leave to
// release the role, so that its successor need not wait for the lease to run out.
import { type Duration, type Instant, NEVER } from '@koi/lib/time';
import type { Say } from './mandate.ts';

/** How many heartbeats a runner with all services down waits for leave to release. */
export const RELEASE_HEARTBEATS = 5;

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
  #exitAt: Instant = NEVER;

  constructor(heartbeat: Duration, say: Say) {
    this.#patience = RELEASE_HEARTBEATS * heartbeat;
    this.#say = say;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get deadline(): Instant {
    return this.#exitAt;
  }

  begin(why: string): void {
    this.#begun = true;
    this.#say('info', `told to end: ${why}`);
  }

  /** Whether the daemon may exit now. */
  over(remainder: Remainder, now: Instant): boolean {
    if (!this.#begun || !remainder.done) return false;
    if (!remainder.releasable) return true;
    if (this.#exitAt === NEVER) {
      this.#exitAt = now + this.#patience;
      this.#say('info', 'everything is down: waiting for leave to release the role');
    }
    return now >= this.#exitAt;
  }
}
