// The relations between the protocol's times that PROTOCOL.md refuses to run without, and what
// follows from a set of times: how long a cluster is without a master, and by how much two masters
// miss each other. Arithmetic only: nothing here reads a file or a clock.

import type { ProtocolTimes } from './config.ts';
import { writeDuration } from './config-duration.ts';
import { KILL_SHARE } from './ladder-times.ts';
import type { Duration } from './time.ts';

/** The sets of protocol times that a configuration can name. */
export const PRESETS: Readonly<Record<'default' | 'fast', ProtocolTimes>> = {
  default: {
    heartbeat: 200,
    leaderLease: 800,
    masterLease: 1_600,
    demoteGrace: 1_000,
    drift: 0.03,
  },
  fast: { heartbeat: 50, leaderLease: 250, masterLease: 500, demoteGrace: 250, drift: 0.03 },
};

/** Two clocks that are each off by 1 % differ by 2.02 %: less drift than this protects nobody. */
export const DRIFT_MIN = 0.021;

/** Below this no SIGKILL can be relied on to be over in time (M4). */
export const DEMOTE_GRACE_MIN: Duration = 100;

/**
 * An elector is heard for this many heartbeats: a shorter leader lease would outrun its own
 * renewal.
 */
export const LEADER_LEASE_HEARTBEATS = 3;

/** The r-th in rank stands r times this many heartbeats after it is free (P4). */
const RANK_DELAY_HEARTBEATS = 0.15;

/**
 * The longest undisturbed election, in heartbeats, after the last rank's delay: a probe (half), the
 * wait for the next one because a refuser was not free yet (one), that probe (half), the claim
 * (half).
 */
const ELECTION_HEARTBEATS = 2.5;

/** Two clocks, each off by this much, measure the two leases. */
const CLOCK_ERROR = 0.01;

/** A relation that a set of times breaks. */
export interface TimingProblem {
  /** The key to blame, in the `timing` section. */
  readonly key: keyof ProtocolTimes;
  /** The other key of the relation; undefined where the bound is a constant. */
  readonly against: keyof ProtocolTimes | undefined;
  /** What is wrong and the bound as a number, without the key's name. */
  readonly text: string;
}

/**
 * How long an election takes at the most once all bindings have ended, with healthy survivors (P4
 * to P6).
 */
export function electionMax(times: ProtocolTimes, electors: number): Duration {
  const ranks = Math.max(0, electors - 1) * RANK_DELAY_HEARTBEATS;
  return (ELECTION_HEARTBEATS + ranks) * times.heartbeat;
}

/**
 * The shortest master lease under which a leader can die and be replaced before its master's lease
 * ends, in whole milliseconds. PROTOCOL.md states the bound for masterLease - leaderLease with
 * 0.01 x masterLease on its other side; here it is solved for masterLease.
 */
export function masterLeaseMin(times: ProtocolTimes, electors: number): Duration {
  const own = times.leaderLease * (1 + times.drift + CLOCK_ERROR);
  const bound = (own + electionMax(times, electors)) / (1 - CLOCK_ERROR);
  // A bound that is whole but for the last bit of a fraction must not be raised by a millisecond.
  return Math.ceil(bound - 1e-6);
}

/** Every relation that these times break; empty: none. */
export function checkTimes(times: ProtocolTimes, electors: number): TimingProblem[] {
  const problems: TimingProblem[] = [];
  const refuse = (
    key: keyof ProtocolTimes,
    against: keyof ProtocolTimes | undefined,
    value: string,
    bound: string,
  ) => problems.push({ key, against, text: `is ${value} but must be at least ${bound}` });

  if (times.drift < DRIFT_MIN) {
    const bound = `${percent(DRIFT_MIN)}: two clocks that are each off by 1 % differ by 2.02 %`;
    refuse('drift', undefined, percent(times.drift), bound);
  }
  if (times.demoteGrace < DEMOTE_GRACE_MIN) {
    const bound = writeDuration(DEMOTE_GRACE_MIN);
    refuse('demoteGrace', undefined, writeDuration(times.demoteGrace), bound);
  }
  const heartbeat = writeDuration(times.heartbeat);
  const leaderLease = writeDuration(times.leaderLease);
  const leaderLeaseMin = LEADER_LEASE_HEARTBEATS * times.heartbeat;
  if (times.leaderLease < leaderLeaseMin) {
    const sum = `${LEADER_LEASE_HEARTBEATS} × timing.heartbeat (${heartbeat})`;
    const bound = `${sum} = ${writeDuration(leaderLeaseMin)}`;
    refuse('leaderLease', 'heartbeat', leaderLease, bound);
  }
  const least = masterLeaseMin(times, electors);
  if (times.masterLease < least) {
    const more = writeDuration(least - times.leaderLease);
    const sum = `timing.leaderLease (${leaderLease}) + ${more} = ${writeDuration(least)}`;
    const bound = `${sum} with ${countElectors(electors)} and a heartbeat of ${heartbeat}`;
    refuse('masterLease', 'leaderLease', writeDuration(times.masterLease), bound);
  }
  return problems;
}

/**
 * What follows from a set of times. Script runs, disk writes and the network's own delay come on
 * top.
 */
export interface Failover {
  /** From the death of the master's host to the next promotion, where its elector did not lead. */
  readonly masterDies: Duration;
  /** The same where the leading elector dies in that moment too; undefined: no majority is left. */
  readonly leaderDiesToo: Duration | undefined;
  /** The election that `leaderDiesToo` contains. */
  readonly election: Duration;
  /**
   * From the moment the old master is down for certain to the next promotion, clocks running alike.
   * Where its clock is slow by the whole `drift` nothing of it is left, and it is still not
   * negative.
   */
  readonly margin: Duration;
  /** From the old master's last SIGKILL to the next promotion, clocks running alike (M4). */
  readonly killMargin: Duration;
}

/**
 * Works out what follows from a set of times.
 *
 * The master's host dies, the leader lives. M2 counts (masterLease + demoteGrace)(1 + drift) from
 * the receipt of the last answered report. The host may die right after sending a report; that one
 * is received a transit later and not before it is the count restarted. So, with the transit left
 * out:
 *     A = (masterLease + demoteGrace)(1 + drift).
 *
 * Both die together, at 0. With L = leaderLease and D = masterLease - leaderLease, granters of the
 * last heartbeat stay bound until L(1 + drift) (P3). A new leader starts at s and counts M2's
 * (residue + D + demoteGrace)(1 + drift) from there. If it starts after the bindings have ended, at
 * most E = `electionMax` later, residue is 0 and the count ends at
 *     L(1 + drift) + E + (D + demoteGrace)(1 + drift) = A + E.
 * If it starts earlier (somebody resigned or restarted), residue = L(1 + drift) - s, and s plus the
 * count is largest at s = 0: A + drift × L(1 + drift). The larger of the two is the bound.
 *
 * The margin. The old master's lease counts from the *sending* of the report by its own clock, so
 * it is down masterLease + demoteGrace after that; the new one starts A after the receipt, by the
 * leader's clock. Clocks alike, that is drift × (masterLease + demoteGrace) apart; if the old one's
 * clock is slow by the whole drift its time is stretched by (1 + drift) and the transit alone is
 * left, at least 0.
 *
 * A model of the protocol with random faults gives 2662 and 2723 ms at the most with the default
 * times, where A = 2678 and A + E = 3238: its survivors rarely need a second probe.
 */
export function failover(times: ProtocolTimes, electors: number): Failover {
  const held = times.masterLease + times.demoteGrace;
  const masterDies = held * (1 + times.drift);
  const election = electionMax(times, electors);
  const early = times.drift * times.leaderLease * (1 + times.drift);
  const margin = held * times.drift;
  return {
    masterDies,
    leaderDiesToo: tolerated(electors) > 0 ? masterDies + Math.max(election, early) : undefined,
    election,
    margin,
    killMargin: margin + (1 - KILL_SHARE) * times.demoteGrace,
  };
}

/** How many electors form a majority of so many. */
export function majorityOf(electors: number): number {
  return Math.floor(electors / 2) + 1;
}

/** How many electors of so many may be lost while the others still form a majority. */
export function tolerated(electors: number): number {
  return electors - majorityOf(electors);
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))} %`;
}

function countElectors(count: number): string {
  return count === 1 ? '1 elector' : `${count} electors`;
}
