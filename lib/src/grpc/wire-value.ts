// Values that cross the wire in another shape than a core knows them: durations, moments, counts and
// enums. What cannot be true is refused here, with the field's name, before a core sees it.
import type { Duration as WireDuration, Timestamp as WireTimestamp } from '@bufbuild/protobuf/wkt';
import { assert } from '../assert.ts';
import type { Duration, WallTime } from '../time.ts';
import { koiError } from './errors.ts';

/** The longest duration that is told, in milliseconds: a thousand years. What is longer is cut. */
export const DURATION_MAX: Duration = 1_000 * 365 * 86_400_000;

type SecondsAndNanos = Pick<WireDuration, 'seconds' | 'nanos'>;

/** A duration as google.protobuf.Duration, to the nanosecond. */
export function durationToWire(duration: Duration): SecondsAndNanos {
  return split(Math.max(-DURATION_MAX, Math.min(DURATION_MAX, duration)));
}

/** The same where there may be none. */
export function optionalDurationToWire(
  duration: Duration | undefined,
): SecondsAndNanos | undefined {
  return duration === undefined ? undefined : durationToWire(duration);
}

/** A google.protobuf.Duration as milliseconds; 0 where it is absent. Negative ones are refused. */
export function durationFromWire(wire: SecondsAndNanos | undefined, field: string): Duration {
  if (wire === undefined) return 0;
  const duration = join(wire);
  if (duration < 0) throw koiError('REQUEST_INVALID', `${field} is negative`);
  return duration;
}

/** A wall-clock moment as google.protobuf.Timestamp. */
export function wallToWire(wall: WallTime): Pick<WireTimestamp, 'seconds' | 'nanos'> {
  return split(wall);
}

/** A google.protobuf.Timestamp as milliseconds since 1970; 0 where it is absent. */
export function wallFromWire(wire: SecondsAndNanos | undefined): WallTime {
  return wire === undefined ? 0 : join(wire);
}

function split(milliseconds: number): SecondsAndNanos {
  const seconds = Math.floor(milliseconds / 1_000);
  const nanos = Math.round((milliseconds - seconds * 1_000) * 1e6);
  // Rounding may reach the next second.
  if (nanos >= 1e9) return { seconds: BigInt(seconds + 1), nanos: 0 };
  return { seconds: BigInt(seconds), nanos };
}

function join({ seconds, nanos }: SecondsAndNanos): number {
  return Number(seconds) * 1_000 + nanos / 1e6;
}

/** A term, epoch, index or other count. */
export function countToWire(count: number): bigint {
  // The transport would only say that it cannot serialize, and break the stream.
  assert(Number.isSafeInteger(count) && count >= 0, `${count} is no count`);
  return BigInt(count);
}

/** The same read back. A count above 2^53 is refused: JavaScript could not tell it from its neighbour. */
export function countFromWire(wire: bigint, field: string): number {
  const count = Number(wire);
  if (Number.isSafeInteger(count)) return count;
  throw koiError('REQUEST_INVALID', `${field} is ${wire}: more than this daemon can count`);
}

/** A message that must be there. */
export function present<Message>(wire: Message | undefined, field: string): Message {
  if (wire === undefined) throw koiError('REQUEST_INVALID', `${field} is missing`);
  return wire;
}

/** A name that must be there. */
export function namePresent(name: string, field: string): string {
  if (name === '') throw koiError('REQUEST_INVALID', `${field} is empty`);
  return name;
}

/** A name that may be missing: on the wire it is empty then. */
export function optionalName(name: string): string | undefined {
  return name === '' ? undefined : name;
}

/** Translates an enum both ways; what the table does not list is refused, UNSPECIFIED above all. */
export interface EnumCodec<Word extends string, Value extends number> {
  toWire(word: Word): Value;
  fromWire(value: Value, field: string): Word;
  /** Undefined where the table does not list it. */
  find(value: Value): Word | undefined;
}

/** Makes a codec out of a table with every word of a core's enum. */
export function enumCodec<Word extends string, Value extends number>(
  table: Readonly<Record<Word, Value>>,
): EnumCodec<Word, Value> {
  const words = new Map<Value, Word>();
  // Object.entries widens a key to string; these are the table's own.
  for (const [word, value] of Object.entries(table) as [Word, Value][]) words.set(value, word);
  return {
    toWire: (word) => table[word],
    find: (value) => words.get(value),
    fromWire(value, field) {
      const word = words.get(value);
      if (word !== undefined) return word;
      throw koiError('REQUEST_INVALID', `${field} is ${value}, which this daemon does not know`);
    },
  };
}
