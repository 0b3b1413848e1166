// Whether any elector is heard. Silence alone changes nothing but what this runner says of itself:
// services stay as they are, and it is the end of a lease that takes a master down.
import { type Duration, describeDuration, type Instant, LONG_AGO, NEVER } from '@koi/lib/time';
import type { Say } from './mandate.ts';

/** No elector heard for so many heartbeats: the runner is disconnected. */
export const SILENT_HEARTBEATS = 3;

/** When electors were heard. */
export class Contact {
  readonly #silence: Duration;
  readonly #say: Say;
  #heardAt: Instant = LONG_AGO;
  #open = false;

  constructor(heartbeat: Duration, say: Say) {
    this.#silence = SILENT_HEARTBEATS * heartbeat;
    this.#say = say;
  }

  /** Whether any elector was heard within three heartbeats. */
  get open(): boolean {
    return this.#open;
  }

  get deadline(): Instant {
    return this.#open ? this.#heardAt + this.#silence : NEVER;
  }

  hear(now: Instant): void {
    if (!this.#open) this.#say('info', 'electors are heard');
    this.#open = true;
    this.#heardAt = now;
  }

  expire(now: Instant): void {
    if (now < this.deadline) return;
    this.#open = false;
    const silence = describeDuration(now - this.#heardAt);
    this.#say('warn', `no elector was heard for ${silence}: services stay as they are`);
  }
}
