// What an elector shows of the cluster: made from the core on demand, never kept.
import type { AbsenceNews } from '@koi/lib/absence';
import type { Duration, WallTime } from '@koi/lib/time';
import type { Decision, Version } from './charter.ts';
import type { Report, RunnerState } from './report.ts';

export type ElectorRole = 'unknown' | 'follower' | 'candidate' | 'claimant' | 'leader';

export interface ElectorView {
  readonly name: string;
  readonly address: string;
  readonly priority: number;
  readonly role: ElectorRole;
  readonly heard: boolean;
  readonly charter: boolean;
  /** What keeps it from taking part, a sentence; empty: nothing. */
  readonly problem: string;
  /** The longest that its loop stood still of late. */
  readonly absence: AbsenceNews | undefined;
}

/** What an elector is by itself. */
export interface StandingView {
  readonly term: number;
  readonly role: ElectorRole;
  /** To whom a grant binds it (P3); undefined: to nobody. */
  readonly boundTo: string | undefined;
  readonly boundFor: Duration | undefined;
  /** Of the charter that it holds; undefined: none. */
  readonly charter: Version | undefined;
  readonly leader: string | undefined;
  /** What keeps it from taking part, a sentence; empty: nothing. */
  readonly problem: string;
}

export interface RunnerView {
  readonly name: string;
  /** As the leader sees it: `disconnected` where no report is younger than three heartbeats. */
  readonly state: RunnerState;
  /** Its last report; absent: none since this elector runs. */
  readonly report: Report | undefined;
  readonly reportAge: Duration | undefined;
  readonly stopped: boolean;
  /** Why it cannot become master now; empty: it could, or it is. */
  readonly rejected: string;
}

/** A failure that a runner remembers. */
export interface FailureView {
  readonly runner: string;
  readonly service: string;
  readonly action: string;
  /** By the runner's wall clock. */
  readonly at: WallTime;
  readonly text: string;
}

export interface ClusterView {
  readonly revision: number;
  readonly term: number;
  readonly leader: string | undefined;
  readonly master: string | undefined;
  readonly epoch: number;
  readonly maintenance: boolean;
  readonly manual: boolean;
  readonly target: string | undefined;
  /** Highest rank first. */
  readonly electors: readonly ElectorView[];
  /** By name. */
  readonly runners: readonly RunnerView[];
  /** What the leader waits for before it can choose a master, a sentence; empty: nothing. */
  readonly waiting: string;
  readonly waitingFor: Duration | undefined;
  /** Why no automatic failover would happen if the master's host died now, a sentence each; empty: one would. */
  readonly blocked: readonly string[];
  /** Oldest first, by the runners' wall clocks. */
  readonly failures: readonly FailureView[];
  /** The timeline: decisions and changes, oldest first. */
  readonly decisions: readonly Decision[];
}

/** How the role went from one epoch to the next, as the timeline tells it. Times are of the leaders' wall clocks. */
export interface FailoverView {
  /** The epoch that it led to; 0: none yet. */
  readonly epoch: number;
  /** The epoch that it ended; 0: none. */
  readonly fromEpoch: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Somebody wanted it; else something failed. */
  readonly planned: boolean;
  readonly detectedAt: WallTime;
  /** When the last holder was known to be down; undefined: not known. */
  readonly demotedAt: WallTime | undefined;
  /** When the next one was chosen; undefined: not yet. */
  readonly decidedAt: WallTime | undefined;
  /** When everything of it was promoted; undefined: not yet. */
  readonly promotedAt: WallTime | undefined;
  /** From detected or demoted, whichever was first, to promoted. */
  readonly gap: Duration | undefined;
  /** What the old holder measured after it lost its lease; empty: it lost none, or has not told yet. */
  readonly margin: string;
  /** Numbers of the events that it was made from, rising. */
  readonly events: readonly number[];
}

/** A runner as the rules see it. */
export interface CandidateView {
  readonly runner: string;
  readonly master: boolean;
  readonly electable: boolean;
  /** The rule that speaks against it, or that prefers it or another to it; empty: none does. */
  readonly rule: string;
  readonly reason: string;
  /** Since when, by the leader's wall clock; undefined: not known. */
  readonly since: WallTime | undefined;
  /** 1: would be chosen first; 0: not electable. */
  readonly rank: number;
}

/** Why the cluster is, or was in some epoch, as it is. */
export interface ExplainView {
  readonly kind: 'explained';
  readonly master: string | undefined;
  readonly epoch: number;
  /** What gave out that epoch; undefined: it is not remembered. */
  readonly decision: Decision | undefined;
  /** Other events of that epoch, and what has ended it. */
  readonly events: readonly Decision[];
  /** Of the present only: the master first, then by rank. */
  readonly candidates: readonly CandidateView[];
  /** What the leader waits for, a sentence; empty: nothing. */
  readonly waiting: string;
  /** As in `ClusterView`. */
  readonly blocked: readonly string[];
  readonly text: string;
}

/** What cannot be explained. */
export interface ExplainRefusal {
  readonly kind: 'refused';
  readonly reason: 'RUNNER_UNKNOWN' | 'EPOCH_UNKNOWN';
  readonly text: string;
}
