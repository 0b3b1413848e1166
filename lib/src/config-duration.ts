// Durations as a configuration or a command line writes them: `200ms`, `1.6s`, `6m`, `1h`.
import type { Duration } from './time.ts';

/** Longer ones are refused: beyond it a timer of the runtime overflows and fires at once. */
export const DURATION_MAX: Duration = 20 * 24 * 3_600_000;

const UNITS: ReadonlyMap<string, Duration> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Reads a duration with its unit; undefined: it is none. Zero is one, a negative number is not. */
export function readDuration(text: string): Duration | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)$/.exec(text.trim());
  const unit = UNITS.get(match?.[2] ?? '');
  if (unit === undefined) return undefined;
  // Whole microseconds: `1.6s` and `1600ms` must give the same digest (P1).
  return Math.round(Number(match?.[1]) * unit * 1_000) / 1_000;
}

/**
 * A duration to the millisecond, in the form that `readDuration` reads: "607 ms", "1.407 s", "30
 * m".
 */
export function writeDuration(duration: Duration): string {
  if (duration >= 3_600_000 && duration % 3_600_000 === 0) return `${duration / 3_600_000} h`;
  if (duration >= 60_000 && duration % 60_000 === 0) return `${duration / 60_000} m`;
  if (duration >= 1_000) return `${Number((duration / 1_000).toFixed(3))} s`;
  return `${Number(duration.toFixed(1))} ms`;
}
