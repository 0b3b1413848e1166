// What a single failure of the present would lead to: a rehearsal for each, with that fault given to it.
import type { Duration } from '@koi/lib/time';
import { describeDuration } from '@koi/lib/time';
import type { Present } from '../core/present.ts';
import type { ClusterView } from '../core/view.ts';
import { Rehearsal } from './rehearsal.ts';

/** A single failure. */
export interface SingleFault {
  readonly kind: 'host-dies' | 'elector-dies' | 'runner-dies' | 'service-fails';
  /** The host, elector or runner that it strikes. */
  readonly subject: string;
}

/** What it would lead to. */
export interface Forecast {
  readonly fault: SingleFault;
  /** Who leads afterwards; undefined: nobody can. */
  readonly leader: string | undefined;
  /** Who is master afterwards; undefined: nobody can. */
  readonly master: string | undefined;
  /** Until the next master's promote scripts begin; undefined: the master stays, or nobody follows. */
  readonly failover: Duration | undefined;
  /** Why no automatic failover would be left after that. */
  readonly blocked: readonly string[];
  readonly text: string;
}

/** What comes of a fault is there after so many times lease and grace of a master: an election fits into it. */
const OVER_AFTER = 2;

/** Where it does not strike the master: by then a lease that was not renewed would be over. */
const SEEN_AFTER = 1;

/** A fault strikes so long after a report of its runner: the lease that it has just renewed runs out last. */
const AFTER_REPORT = 3;

/** Every single failure that could happen now: an elector and a runner of one name are one host. */
export function singleFaults({ electors, runners, charter }: Present): readonly SingleFault[] {
  const running = new Set(runners.map(({ name }) => name));
  const voting = new Set(electors);
  const faults: SingleFault[] = [];
  for (const subject of [...new Set([...voting, ...running])].sort()) {
    const both = running.has(subject) && voting.has(subject);
    const one = running.has(subject) ? 'runner-dies' : 'elector-dies';
    faults.push({ kind: both ? 'host-dies' : one, subject });
  }
  const { master } = charter;
  if (master !== undefined && running.has(master)) {
    faults.push({ kind: 'service-fails', subject: master });
  }
  return faults;
}

/**
 * Gives a fault to a copy of the present. Yields after each event of the rehearsal, so that whoever runs it
 * can do other things between. Undefined: the present could not be rehearsed, for lack of a majority.
 */
export function* forecast(
  present: Present,
  fault: SingleFault,
): Generator<void, Forecast | undefined> {
  const rehearsal = new Rehearsal(present);
  if (!(yield* rehearsal.settle())) return undefined;
  const { heartbeat, masterLease, demoteGrace } = present.options.times;
  const before = rehearsal.promoted;
  yield* nextReport(rehearsal, before?.name ?? fault.subject, heartbeat);
  const struckAt = rehearsal.time.now;
  strike(rehearsal, fault);
  const hit =
    before !== undefined && before.name === fault.subject && fault.kind !== 'elector-dies';
  const end = struckAt + (hit ? OVER_AFTER : SEEN_AFTER) * (masterLease + demoteGrace);
  const follows = () => {
    const { promoted } = rehearsal;
    return promoted !== undefined && promoted.epoch > (before?.epoch ?? 0);
  };
  // Where the master is not struck it stays, as far as anybody can tell: what would show otherwise has time to.
  yield* rehearsal.runUntil(hit ? follows : () => false, end);
  const next = rehearsal.promoted;
  const failover = follows() && next !== undefined ? next.promotedAt - struckAt : undefined;
  // A new master, or a new leader, has reported.
  yield* rehearsal.runUntil(() => false, rehearsal.time.now + 2 * heartbeat);
  const { leader } = rehearsal;
  const blocked = leader === undefined ? ['nobody can lead'] : blockedIn(rehearsal.view(leader));
  const outcome = {
    fault,
    leader,
    master: rehearsal.promoted?.name,
    failover,
    blocked,
  };
  return { ...outcome, text: describe(outcome, present) };
}

function blockedIn(view: ClusterView | undefined): readonly string[] {
  return view?.blocked ?? [];
}

/** Lets a heartbeat pass up to just after a report: when in it the fault strikes makes a difference. */
function* nextReport(
  rehearsal: Rehearsal,
  name: string,
  heartbeat: Duration,
): Generator<void, void> {
  const sent = rehearsal.runner(name)?.reports ?? 0;
  const { now } = rehearsal.time;
  const reported = () => (rehearsal.runner(name)?.reports ?? 0) > sent;
  yield* rehearsal.runUntil(reported, now + 2 * heartbeat);
  yield* rehearsal.runUntil(() => false, rehearsal.time.now + AFTER_REPORT);
}

function strike(rehearsal: Rehearsal, { kind, subject }: SingleFault): void {
  if (kind === 'service-fails') rehearsal.failService(subject);
  if (kind === 'elector-dies' || kind === 'host-dies') rehearsal.killElector(subject);
  if (kind === 'runner-dies' || kind === 'host-dies') rehearsal.killRunner(subject);
}

/** Rounded up: scripts, disks and the network come on top. */
function describeWait(failover: Duration): string {
  const rounded = Math.ceil(failover / 100) * 100;
  return rounded <= 100 ? 'at once' : `in about ${describeDuration(rounded)}`;
}

const EVENTS: Readonly<Record<SingleFault['kind'], (subject: string) => string>> = {
  'host-dies': (subject) => `host ${subject} dies`,
  'elector-dies': (subject) => `elector ${subject} dies`,
  'runner-dies': (subject) => `runner ${subject} dies`,
  'service-fails': (subject) => `a service of ${subject} fails`,
};

function describe(outcome: Omit<Forecast, 'text'>, { options, charter }: Present): string {
  const { fault, leader, master, failover, blocked } = outcome;
  const found: string[] = [];
  if (failover !== undefined) {
    found.push(`${master} is promoted ${describeWait(failover)}`);
  } else if (master !== undefined) {
    found.push(`${master} stays master`);
  } else {
    found.push(charter.master === undefined ? 'nobody is master' : 'nobody can be master');
  }
  if (leader === undefined) found.push('nobody can lead');
  else if (leader !== options.name) found.push(`${leader} leads`);
  if (blocked.length > 0) found.push('no failover left');
  return `${EVENTS[fault.kind](fault.subject)}: ${found.join(', ')}`;
}
