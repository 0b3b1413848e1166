// What a measurement is: a name to ask for it, and results that each have a bound to keep.
import type { Duration } from '@koi/lib/time';

/** One number with the bound it must keep. */
export interface Result {
  readonly what: string;
  readonly value: number;
  /** Default: milliseconds. */
  readonly unit?: string;
  /** The largest value that is still right. */
  readonly bound: number;
  /** What else is worth knowing beside it. Empty: nothing. */
  readonly remark: string;
}

/** Something that can be measured in rounds. */
export interface Figure {
  readonly name: string;
  /** How many rounds it is worth where nobody says. Default: 20. */
  readonly rounds?: number;
  /** Measures so many times, in series, on a cluster of its own. `note` is called after each round. */
  measure(rounds: number, note: (round: string) => void): Promise<readonly Result[]>;
}

/** The largest of some values; 0 where there is none. */
export function worst(values: readonly Duration[]): Duration {
  return Math.max(0, ...values);
}

/** The middle of some values; of two middles the larger. */
export function median(values: readonly Duration[]): Duration {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

/** Whether a result keeps its bound. */
export function keeps(result: Result): boolean {
  return result.value <= result.bound;
}

/** A result as one line. */
export function describeResult(result: Result): string {
  const verdict = keeps(result) ? 'ok      ' : 'TOO MUCH';
  const { unit = 'ms' } = result;
  const value = `${Number(result.value.toFixed(1))} ${unit}`.padStart(10);
  const bound = `${result.bound} ${unit}`.padEnd(9);
  const remark = result.remark === '' ? '' : `  (${result.remark})`;
  return `${verdict} ${value}  bound ${bound}  ${result.what}${remark}`;
}
