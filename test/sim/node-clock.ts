// The clock of one host: its own zero and its own rate, within 1 % of true time (P10); the rate may change
// while it runs, the clock neither jumps nor runs back. Instants of one host mean nothing on another one.
import type { Clock, Instant } from '@koi/lib/time';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** How late a timer may come even on an idle host: they are whole milliseconds. */
const TIMER_LATE_MAX = 1.2;

/** What rounding may take from a moment that was translated to true time and back. */
const ROUNDING = 1e-6;

/** What waits for an instant of a clock. */
interface Timer {
  readonly instant: Instant;
  /** How much later than that it comes, in true time. */
  readonly late: number;
  readonly run: () => void;
  callOff: () => void;
}

/** One host's clock since its last boot. */
export class NodeClock {
  readonly #world: World;
  readonly #timers = new Set<Timer>();
  #rate: number;
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

  get rate(): number {
    return this.#rate;
  }

  /** From now on it gains so much; what waits for an instant still comes when the clock shows it. */
  changeRate(rate: number): void {
    this.#zero = this.now();
    this.#bootedAt = this.#world.now;
    this.#rate = rate;
    for (const timer of this.#timers) {
      timer.callOff();
      this.#arm(timer);
    }
  }

  /** Calls back once the clock shows an instant, so much later. Returns what calls it off. */
  wait(instant: Instant, late: number, run: () => void): () => void {
    const timer = { instant, late, run, callOff: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      if (this.#timers.delete(timer)) timer.callOff();
    };
  }

  #arm(timer: Timer): void {
    timer.callOff = this.#world.at(this.momentOf(timer.instant) + timer.late, () => {
      this.#timers.delete(timer);
      timer.run();
    });
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
      // Where the process is paused, it may be called off after it was due.
      const fire = () => {
        if (live) callback();
      };
      const late = random.between(0, TIMER_LATE_MAX);
      const callOff = host.wait(instant, late, () => life.deliver(fire, true));
      return () => {
        live = false;
        callOff();
      };
    },
  };
}
