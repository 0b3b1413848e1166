// What runners and electors say to each other, as the core knows it.
import type { AbsenceNews } from '@koi/lib/absence';
import type { Duration, WallTime } from '@koi/lib/time';

export type RunnerState = 'failed' | 'disconnected' | 'stopped' | 'live' | 'standby' | 'master';
export type RunnerMode = 'active' | 'passive';
export type ServiceState =
  | 'failed'
  | 'failing'
  | 'stopped'
  | 'stopping'
  | 'starting'
  | 'started'
  | 'demoting'
  | 'promoting'
  | 'promoted';

/** A service as its runner tells it; electors pass it on. */
export interface ServiceReport {
  readonly name: string;
  readonly priority: number | undefined;
  readonly state: ServiceState;
  readonly promotable: boolean;
  /** The script that runs; empty: none. */
  readonly action: string;
  readonly processId: number;
  readonly failure: string;
}

/** A failure that a runner remembers. */
export interface FailureReport {
  readonly at: WallTime;
  readonly service: string;
  readonly action: string;
  readonly text: string;
}

/** Everything a leader needs to know of a runner (M1). */
export interface Report {
  /** Rises by one with each report of the session. */
  readonly number: number;
  readonly state: RunnerState;
  readonly mode: RunnerMode;
  readonly priority: number;
  readonly uptime: Duration;
  /** The epoch under which it was leased last; 0: none. */
  readonly epoch: number;
  /** It will obey no other lease of `epoch`. */
  readonly leaseEnded: boolean;
  /** The newest epoch it has given back; 0: none. */
  readonly released: number;
  /** Anything on the host is or may be promoted. */
  readonly promoted: boolean;
  readonly maintenance: boolean;
  readonly maintenanceChange: number;
  /** The highest term of any leader it has heard (P7). */
  readonly highestTerm: number;
  readonly sinceFailure: Duration | undefined;
  readonly services: readonly ServiceReport[];
  readonly failures: readonly FailureReport[];
  /** How long its loop was away; 0: it was not. */
  readonly away: Duration;
  /** The longest that its loop stood still of late; undefined: nothing worth telling. */
  readonly absence: AbsenceNews | undefined;
  /** It has had no assignment for 1.5 heartbeats (M9). */
  readonly leaderUnheard: boolean;
}

export type Target = 'stopped' | 'standby' | 'master';

/** Leave to hold the role, counted by the runner from the sending of the report that is answered. */
export interface Lease {
  readonly epoch: number;
  readonly duration: Duration;
}

/** What the leader wants of a runner (M1, M2, M7). */
export interface Assignment {
  readonly term: number;
  readonly sequence: number;
  readonly session: string;
  /** The report it answers; 0: none, and no lease then. */
  readonly number: number;
  readonly target: Target;
  readonly lease: Lease | undefined;
  /** Epochs up to this one are to be released. */
  readonly release: number;
  readonly master: string | undefined;
  /** Absent: no news (M8: the holder hears of the end only with a lease or a release). */
  readonly maintenance: { readonly on: boolean; readonly change: number } | undefined;
  readonly recovery: number;
  readonly reconfigure: number;
  readonly reason: string;
}

/** Whether two reports show anything different but their ages. */
export function differs(a: Report, b: Report): boolean {
  const stable = (report: Report) =>
    JSON.stringify({
      ...report,
      number: 0,
      uptime: 0,
      sinceFailure: undefined,
      away: 0,
      absence: report.absence?.longest,
      leaderUnheard: false,
    });
  return stable(a) !== stable(b);
}
