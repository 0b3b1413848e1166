// P10: a host's own clock. It only runs forward and counts suspended time, which Node's monotonic
// clock does not: /proc/uptime does, and wherever it has run ahead, this clock is moved forward.
import type { Clock, Duration, Instant } from './time.ts';
import { createUptime } from './uptime.ts';

/** By how much /proc/uptime may run ahead before the clock follows: its own steps are 10 ms. */
export const SUSPENSION_MIN: Duration = 50;

/** The longest wait that Node's timers know, in milliseconds. */
const TIMER_MAX: Duration = 2 ** 31 - 1;

/** Where a clock gets its times from, all in milliseconds. */
export interface ClockSource {
  /** Runs forward only, and may stop while the host is suspended. */
  monotonic(): Instant;
  /** Counts suspended time, in coarse steps. */
  uptime(): Instant;
  wall(): number;
}

/** Makes the clock of this process. Throws where /proc/uptime cannot be read: leases need it. */
export function createClock(source: ClockSource = hostSource()): Clock {
  let ahead = source.uptime() - source.monotonic();
  let moved: Duration = 0;

  function now(): Instant {
    const monotonic = source.monotonic();
    // Asked each time: a lease that ran out in suspend must not be found valid even once.
    const gain = source.uptime() - monotonic - ahead;
    if (gain > SUSPENSION_MIN) {
      moved += gain;
      ahead += gain;
    }
    return monotonic + moved;
  }

  function at(instant: Instant, callback: () => void): () => void {
    if (instant === Number.POSITIVE_INFINITY) return () => {};
    let timer: NodeJS.Timeout;
    const arm = () => {
      const wait = Math.ceil(Math.max(0, instant - now()));
      timer = setTimeout(fire, Math.min(wait, TIMER_MAX));
    };
    const fire = () => {
      // Node counts from the start of a turn of its loop and so may be a millisecond early.
      if (now() < instant) arm();
      else callback();
    };
    arm();
    return () => clearTimeout(timer);
  }

  return { now, wall: () => source.wall(), at };
}

function hostSource(): ClockSource {
  return {
    monotonic: () => performance.now(),
    uptime: createUptime(),
    wall: () => Date.now(),
  };
}
