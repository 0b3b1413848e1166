// What an elector shows of the cluster: made from the core on demand, never kept.
import type { AbsenceNews } from '@koi/lib/absence';
import type { Duration } from '@koi/lib/time';
import type { Decision } from './charter.ts';
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
  readonly decisions: readonly Decision[];
}
