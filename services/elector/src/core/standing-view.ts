// What an elector is by itself: its term, its promise, what it holds, and what keeps it from taking part.
import type { Instant } from '@koi/lib/time';
import type { ElectorOptions } from './options.ts';
import type { Peers } from './peers.ts';
import type { ElectorRole, StandingView } from './view.ts';
import type { Voter } from './voter.ts';

/** What that is made of. */
export interface Standpoint {
  readonly options: ElectorOptions;
  readonly peers: Peers;
  readonly voter: Voter;
  readonly role: ElectorRole;
  readonly leader: string | undefined;
  readonly term: number;
  readonly now: Instant;
}

export function describeStanding(point: Standpoint): StandingView {
  const { term, role, leader, voter, now } = point;
  const boundTo = voter.binding.to(now);
  return {
    term,
    role,
    boundTo,
    boundFor: boundTo === undefined ? undefined : voter.binding.until - now,
    charter: voter.charter?.version,
    leader,
    problem: problemOf(point),
  };
}

/** What keeps an elector from taking part, a sentence; empty: nothing. */
export function problemOf({
  voter,
  peers,
  now,
}: Pick<Standpoint, 'voter' | 'peers' | 'now'>): string {
  if (!voter.disk.sound(now))
    return `its disk does not keep up: ${voter.disk.problem || 'a write is overdue'}`;
  if (voter.listDiffers())
    return "its elector list differs from the charter's by more than one elector";
  if (voter.charter === undefined && peers.hearsCharter(now))
    return 'its disk is empty: it waits for the charter';
  return '';
}
