// The clock of one host: its own zero and its own rate, within 1 % of true time (P10). Instants of one
// host mean nothing on another one.
import type { Clock, Instant } from '@koi/lib/time';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** How late a timer may come even on an idle host: they are whole milliseconds. */
const TIMER_LATE_MAX = 1.2;

/** What rounding may take from a moment that was translated to true time and back. */
const ROUNDING = 1e-6;

/** One host's clock since its last boot. */
export class NodeClock {
  readonly #world: World;
  readonly #rate: number;
  #zero: number;
  #bootedAt: number;

  constructor(world: World, rate: number, zero: number) {
    this.#world = world;
    this.#rate = rate;
    this.#zero = zero;
    this.#bootedAt = world.now;
  }

  now(): Instant {
    return this.at(this.#world.now);
  }

  /** What this clock shows at a moment of true time. */
  at(moment: number): Instant {
    return this.#zero + (moment - this.#bootedAt) * this.#rate;
  }

  /** The moment of true time at which this clock shows an instant. */
  momentOf(instant: Instant): number {
    return this.#bootedAt + (instant - this.#zero) / this.#rate + ROUNDING;
  }

  /** The host boots: its clock begins anew. */
  boot(zero: number): void {
    this.#zero = zero;
    this.#bootedAt = this.#world.now;
  }
}

/** The life of one process, as far as its clock asks. */
export interface Life {
  /** Runs a due timer, once the process is not paused; never after its end. */
  deliver(run: () => void, timer: boolean): void;
}

/** The production loop's clock for one process of a host. */
export function processClock(world: World, host: NodeClock, life: Life, random: Random): Clock {
  return {
    now: () => host.now(),
    wall: () => 1_700_000_000_000 + world.now,
    at(instant, callback) {
      if (instant === Number.POSITIVE_INFINITY) return () => {};
      let live = true;
      const fire = () => {
        if (!live) return;
        live = false;
        callback();
      };
      const late = random.between(0, TIMER_LATE_MAX);
      const callOff = world.at(host.momentOf(instant) + late, () => life.deliver(fire, true));
      return () => {
        live = false;
        callOff();
      };
    },
  };
}
