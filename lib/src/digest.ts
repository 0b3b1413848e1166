// The digests by which daemons notice that their configurations differ (P1). Two electors with
// different digests never grant each other, so what goes in is written out field by field, in a
// fixed order.
import { createHash } from 'node:crypto';
import type { ElectorEntry, ProtocolTimes } from './config.ts';

/** Of the elector list, in whatever order it is written, and the protocol times. */
export function clusterDigest(electors: readonly ElectorEntry[], times: ProtocolTimes): string {
  const list = electors
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, address, priority }) => [name, address, priority]);
  return sha256({ electors: list, times: ordered(times) });
}

/** Of the protocol times alone, for runners: the elector list is no concern of theirs. */
export function timesDigest(times: ProtocolTimes): string {
  return sha256({ times: ordered(times) });
}

function ordered(times: ProtocolTimes): readonly number[] {
  return [
    times.heartbeat,
    times.leaderLease,
    times.masterLease,
    times.demoteGrace,
    // A share is a quotient: the same percentage written in two ways may differ in its last bit.
    Number(times.drift.toFixed(9)),
  ];
}

function sha256(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
