// One process: it lives, may be paused (SIGSTOP, a busy host, a suspended one), and dies. What reaches a
// paused process waits for it; what reaches a dead one is gone.
import type { Clock } from '@koi/lib/time';
import { type Life, type NodeClock, processClock } from './node-clock.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

interface Held {
  readonly timer: boolean;
  readonly run: () => void;
}

/** A process of one host, from its start to its end. */
export class SimProcess implements Life {
  readonly clock: Clock;
  readonly #random: Random;
  #alive = true;
  /** How many reasons it has to stand still. */
  #pauses = 0;
  #held: Held[] = [];
  #felt = () => {};
  readonly #world: World;
  #pausedAt = 0;

  constructor(world: World, host: NodeClock, random: Random) {
    this.#random = random;
    this.#world = world;
    this.clock = processClock(world, host, this, random);
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#pauses > 0;
  }

  /** For how long it has stood still. */
  get silence(): number {
    return this.paused ? this.#world.now - this.#pausedAt : 0;
  }

  /** Lets the process see to something: now, when it wakes up, or never. */
  deliver(run: () => void, timer = false): void {
    if (!this.#alive) return;
    if (!this.paused) {
      run();
      return;
    }
    this.#held.push({ timer, run });
    this.#felt();
  }

  /** Stands still until it is resumed as often. `felt`: told of what has to wait for that. */
  pause(felt = () => {}): void {
    if (!this.paused) this.#pausedAt = this.#world.now;
    this.#pauses += 1;
    this.#felt = felt;
  }

  /** Wakes up: a process finds its timers due and its mail in, and begins with either. */
  resume(): void {
    if (!this.paused) return;
    this.#pauses -= 1;
    if (this.paused) return;
    const held = this.#held;
    this.#held = [];
    const timersFirst = this.#random.chance(0.5);
    const first = held.filter(({ timer }) => timer === timersFirst);
    const second = held.filter(({ timer }) => timer !== timersFirst);
    for (const { run } of [...first, ...second]) this.deliver(run);
  }

  end(): void {
    this.#alive = false;
    this.#held = [];
  }
}
