// The change signal of a served elector, which also tells when nobody has anything to read any more:
// only then may simulated time pass, so that every watcher sees every change, each time the same.
import { setImmediate } from 'node:timers/promises';
import type { ChangeSignal } from '@koi/lib/change-signal';

/** How long a watcher may take to read, in real milliseconds. */
const READING_MAX = 50;

/** How many turns of the event loop a message takes from one end of a socket to the other, amply. */
const TURNS = 8;

export class Watchers implements ChangeSignal {
  #changes = 0;
  /** Who waits for a change. */
  readonly #waiting = new Set<() => void>();
  /** Who waits for all of them to wait. */
  readonly #settling = new Set<() => void>();
  /** Something was raised since everybody was waited for. */
  #news = false;
  /** How many watch. */
  open = 0;

  raise(): void {
    this.#changes += 1;
    this.#news = true;
    this.#wake();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<void, void, undefined> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    this.open += 1;
    try {
      let seen = -1;
      while (!signal.aborted) {
        if (seen === this.#changes) {
          await new Promise<void>((resolve) => {
            this.#waiting.add(resolve);
            this.#settle();
          });
          continue;
        }
        seen = this.#changes;
        yield;
      }
    } finally {
      this.open -= 1;
      signal.removeEventListener('abort', wake);
      this.#settle();
    }
  }

  /** Resolves once everybody who watches waits for the next change, or has had time enough to read. */
  async settled(): Promise<void> {
    if (!this.#news) return;
    this.#news = false;
    // What was sent must also get a chance to arrive.
    for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
    // One that passes on what another elector tells waits for that one instead.
    const enough = performance.now() + READING_MAX;
    while (this.#waiting.size < this.open && performance.now() < enough) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, READING_MAX);
        this.#settling.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) {
      this.#waiting.delete(wake);
      wake();
    }
  }

  #settle(): void {
    for (const settle of [...this.#settling]) {
      this.#settling.delete(settle);
      settle();
    }
  }
}
