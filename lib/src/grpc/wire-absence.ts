// How long a daemon stood still, as heartbeats, reports and the admin API tell it.
import type { Duration as WireDuration } from '@bufbuild/protobuf/wkt';
import type { AbsenceNews } from '../absence.ts';
import { durationFromWire, durationToWire } from './wire-value.ts';

type SecondsAndNanos = Pick<WireDuration, 'seconds' | 'nanos'>;

/** The two fields of every message that tells an absence; none of them where there is none. */
export function absenceToWire(
  absence: AbsenceNews | undefined,
): Partial<Record<'longestAway' | 'sinceAway', SecondsAndNanos>> {
  if (absence === undefined) return {};
  return {
    longestAway: durationToWire(absence.longest),
    sinceAway: durationToWire(absence.since),
  };
}

/** The same read back; `message` names it in a refusal. */
export function absenceFromWire(
  wire: {
    readonly longestAway?: SecondsAndNanos | undefined;
    readonly sinceAway?: SecondsAndNanos | undefined;
  },
  message: string,
): AbsenceNews | undefined {
  if (wire.longestAway === undefined) return undefined;
  return {
    longest: durationFromWire(wire.longestAway, `${message}.longest_away`),
    since: durationFromWire(wire.sinceAway, `${message}.since_away`),
  };
}
