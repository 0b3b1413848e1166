// How fast output is read. However many scripts flood us, together they get so much in a window and no
// more, one after the other: the rest waits in the pipe, and so does who writes it.
import type { Duration } from '@koi/lib/time';

/** Bytes that are read in a window, of all outputs together. */
export const READ_MAX = 1_048_576;

/** How long a window is. */
export const READ_WINDOW: Duration = 50;

/** Node reads at most so much at once; who has been held back gets this much in its turn. */
const READ_SIZE = 65_536;

/** Something that can be held back. */
export interface TurnTaker {
  pause(): void;
  resume(): void;
}

/** Whose turn it is to be read. */
export class ReadTurns {
  #left = READ_MAX;
  readonly #waiting = new Set<TurnTaker>();
  #timer: NodeJS.Timeout | undefined;

  /** Counts what was read; whoever reads beyond the bound is held back until its turn comes. */
  took(taker: TurnTaker, bytes: number): void {
    this.#left -= bytes;
    this.#timer ??= setTimeout(() => this.#nextWindow(), READ_WINDOW).unref();
    if (this.#left > 0) return;
    taker.pause();
    this.#waiting.add(taker);
  }

  /** Forgets one that has ended. */
  leave(taker: TurnTaker): void {
    this.#waiting.delete(taker);
  }

  /** Lets nobody wait any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #nextWindow(): void {
    this.#timer = undefined;
    this.#left = READ_MAX;
    let turns = READ_MAX / READ_SIZE;
    if (this.#waiting.size > 0) {
      this.#timer = setTimeout(() => this.#nextWindow(), READ_WINDOW).unref();
    }
    for (const taker of this.#waiting) {
      if (turns === 0) return;
      turns -= 1;
      this.#waiting.delete(taker);
      taker.resume();
    }
  }
}
