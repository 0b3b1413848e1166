// The present of a leading elector as plain data: what a rehearsal of its failures begins with.
import type { Instant } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import type { ElectorOptions } from './options.ts';
import type { Peers } from './peers.ts';
import type { Report } from './report.ts';
import { type Roster, uptimeNow } from './roster.ts';

/** A runner that is heard now. */
export interface PresentRunner {
  readonly name: string;
  readonly session: string;
  /** Of its protocol times (P1). */
  readonly digest: string;
  readonly report: Report;
}

/** The present, as its leader knows it. */
export interface Present {
  /** Of the leader; the others' differ in the name alone. */
  readonly options: ElectorOptions;
  readonly term: number;
  readonly charter: Charter;
  /** Electors that are heard and take part, the leader included. */
  readonly electors: readonly string[];
  readonly runners: readonly PresentRunner[];
}

/** What the present is taken from. */
export interface PresentParts {
  readonly options: ElectorOptions;
  readonly peers: Peers;
  readonly roster: Roster;
  readonly term: number;
  readonly charter: Charter;
}

export function describePresent(parts: PresentParts, now: Instant): Present {
  const { options, peers, roster, term, charter } = parts;
  const others = peers.listed().filter((peer) => peers.heard(peer, now) && peers.agrees(peer));
  const runners: PresentRunner[] = [];
  for (const entry of roster.all()) {
    const { name, session, digest } = entry;
    if (!roster.heard(entry, now)) continue;
    // A rehearsal begins with reports: what they say of time is as of now.
    const report = { ...entry.report, uptime: uptimeNow(entry, now) };
    runners.push({ name, session, digest, report });
  }
  const electors = [options.name, ...others.map(({ name }) => name)].sort();
  return { options, term, charter, electors, runners };
}
