// The simulated world: true time, the queue of what happens next, the trace of what happened, and the
// first promise that was broken. Nothing in it reads a real clock.
import type { Breakdown, PromiseName } from './checkers/promises.ts';
import { EventQueue } from './event-queue.ts';

/** The world of one run. Time is in milliseconds of true time, from 0. */
export class World {
  readonly #queue = new EventQueue();
  readonly #traced: boolean;
  #now = 0;
  /** What happened, a line each; empty where the run is not traced. */
  readonly lines: string[] = [];
  /** The first broken promise; the run ends with it. */
  violation: string | undefined;
  /** How many messages weather, cuts and stalls have held up. */
  disturbed = 0;

  constructor(traced: boolean) {
    this.#traced = traced;
  }

  get now(): number {
    return this.#now;
  }

  /** Lets something happen at a moment, now at the earliest. Returns what calls it off. */
  at(moment: number, run: () => void): () => void {
    const entry = this.#queue.push(Math.max(moment, this.#now), run);
    return () => {
      entry.run = undefined;
    };
  }

  after(delay: number, run: () => void): () => void {
    return this.at(this.#now + delay, run);
  }

  /** Lets happen what happens before a moment, unless a promise is broken earlier. */
  run(until: number): void {
    while (this.violation === undefined && this.#queue.nextAt <= until) {
      const entry = this.#queue.pop();
      if (entry === undefined) break;
      this.#now = entry.at;
      entry.run?.();
    }
    if (this.violation === undefined) this.#now = until;
  }

  /** Writes a line of the trace. */
  say(who: string, text: string): void {
    if (this.#traced) this.lines.push(`${this.stamp} ${who}: ${text}`);
  }

  /** A promise is broken. */
  violate(promise: PromiseName | Breakdown, text: string): void {
    if (this.violation !== undefined) return;
    this.violation = `${promise}: ${text} (at ${this.stamp} s)`;
    this.say('VIOLATION', this.violation);
  }

  /** True time in seconds, for people. */
  get stamp(): string {
    return (this.#now / 1_000).toFixed(4).padStart(9);
  }
}
