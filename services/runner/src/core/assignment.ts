// What the leader wants of this runner, and what this runner reports, as the core knows it.
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

export type Target = 'stopped' | 'standby' | 'master';

/** Leave to hold the role under an epoch. */
export interface Lease {
  readonly epoch: number;
  /** From the sending of the report with the assignment's `number`. */
  readonly duration: Duration;
}

/** One assignment of a leader. */
export interface Assignment {
  readonly term: number;
  readonly sequence: number;
  readonly session: string;
  /** The report it answers; 0: none, and no lease then. */
  readonly number: number;
  readonly target: Target;
  readonly lease: Lease | undefined;
  /** Epochs up to this one are to be released as soon as nothing is promoted (M2). */
  readonly release: number;
  readonly master: string | undefined;
  /** Absent: no news of maintenance. */
  readonly maintenance: { readonly on: boolean; readonly change: number } | undefined;
  readonly recovery: number;
  readonly reconfigure: number;
  readonly reason: string;
}

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

export interface FailureReport {
  readonly at: WallTime;
  readonly service: string;
  readonly action: string;
  readonly text: string;
}

/** Everything a leader needs to know of this runner (M1). */
export interface Report {
  readonly number: number;
  readonly state: RunnerState;
  readonly mode: RunnerMode;
  readonly priority: number;
  readonly uptime: Duration;
  readonly epoch: number;
  readonly leaseEnded: boolean;
  readonly released: number;
  readonly promoted: boolean;
  readonly maintenance: boolean;
  readonly maintenanceChange: number;
  readonly highestTerm: number;
  readonly sinceFailure: Duration | undefined;
  readonly services: readonly ServiceReport[];
  readonly failures: readonly FailureReport[];
  readonly away: Duration;
  /** The longest that its loop stood still of late; undefined: nothing worth telling. */
  readonly absence: AbsenceNews | undefined;
  /** It has had no assignment for 1.5 heartbeats (M9). */
  readonly leaderUnheard: boolean;
}
