// Time as koi counts it. The only place where milliseconds are a number: a core adds and compares
// instants of one clock and never asks what they are.

/** A length of time in milliseconds, fractions allowed. */
export type Duration = number;

/** A moment on one host's own monotonic clock, in milliseconds. Means nothing on another host. */
export type Instant = number;

/** A wall-clock moment in milliseconds since 1970. For people: nothing is ever decided by it. */
export type WallTime = number;

/** Before every instant of any clock. */
export const LONG_AGO: Instant = Number.NEGATIVE_INFINITY;

/** After every instant of any clock. */
export const NEVER: Instant = Number.POSITIVE_INFINITY;

/** The earliest of some deadlines; `NEVER` where there is none. */
export function earliest(...instants: readonly Instant[]): Instant {
  return Math.min(NEVER, ...instants);
}

/** The latest of some bounds; `LONG_AGO` where there is none. */
export function latest(...instants: readonly Instant[]): Instant {
  return Math.max(LONG_AGO, ...instants);
}

/** One's own clock: it only runs forward and counts suspended time (P10). */
export interface Clock {
  now(): Instant;
  /** The wall-clock time now, for people. */
  wall(): WallTime;
  /** Calls back once at or after an instant. Returns what cancels it. */
  at(instant: Instant, callback: () => void): () => void;
}

/** A duration as people write it: "2.7 s", "350 ms", "12 min". */
export function describeDuration(duration: Duration): string {
  if (!Number.isFinite(duration)) return 'for ever';
  if (duration < 1_000) return `${Math.round(duration)} ms`;
  if (duration < 120_000) return `${(duration / 1_000).toFixed(1)} s`;
  if (duration < 7_200_000) return `${Math.round(duration / 60_000)} min`;
  return `${(duration / 3_600_000).toFixed(1)} h`;
}
