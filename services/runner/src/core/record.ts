// M6: what of a runner outlives its process, so that the next one goes on where it ended. The core says
// what it is; keeping it under /run, by boot time, is the shell's.
import type { Duration, Instant } from '@koi/lib/time';
import type { FailureReport, ServiceState, Target } from './assignment.ts';
import type { Action, ServiceDefinition } from './input.ts';
import type { Level } from './transition.ts';

/** What a runner was told last, and the lease it holds. */
export interface MandateRecord {
  readonly epoch: number;
  readonly leaseEnd: Instant;
  readonly ended: boolean;
  readonly released: number;
  readonly highestTerm: number;
  readonly maintenance: { readonly on: boolean; readonly change: number };
  readonly maintenanceEnd: Instant;
  readonly killAt: Instant;
  readonly fenceAt: Instant;
  readonly told: Told | undefined;
}

/** The part of an assignment that holds until the next one. */
export interface Told {
  readonly target: Target;
  readonly release: number;
  readonly master: string | undefined;
  readonly reason: string;
}

/** A script under way. */
export interface RunRecord {
  readonly run: number;
  readonly action: Action;
  readonly since: Instant;
}

export interface ServiceRecord {
  readonly definition: ServiceDefinition;
  readonly state: ServiceState;
  readonly promoted: boolean;
  readonly promotable: boolean;
  readonly failure: string;
  readonly removed: boolean;
  readonly ceiling: Level;
  readonly begun: boolean;
  readonly remaining: readonly Action[];
  readonly epoch: number;
  readonly killing: boolean;
  readonly running: RunRecord | undefined;
}

/** What is remembered of failures. */
export interface RecoveryRecord {
  readonly count: number;
  readonly last: Instant;
  readonly remembered: boolean;
  readonly forgetAt: Instant;
  readonly counter: number | undefined;
  readonly failures: readonly FailureReport[];
}

/** Everything that a new process needs to know of the one before it. */
export interface RunnerRecord {
  readonly mandate: MandateRecord;
  readonly goingDown: boolean;
  /** The number of the last script. */
  readonly run: number;
  readonly services: readonly ServiceRecord[];
  readonly recovery: RecoveryRecord;
}

/**
 * The record with the lease as it was renewed last: it is kept apart, since it changes with each renewal. One
 * that was over in maintenance ends here when maintenance did, which is past as well.
 */
export function withLease(
  record: RunnerRecord,
  lease: { readonly epoch: number; readonly end: Instant },
): RunnerRecord {
  const { mandate } = record;
  if (lease.epoch !== mandate.epoch) return record;
  return { ...record, mandate: { ...mandate, leaseEnd: Math.max(lease.end, mandate.leaseEnd) } };
}

/** The same record by another clock, which shows `by` more at the same moment. */
export function shiftRecord(record: RunnerRecord, by: Duration): RunnerRecord {
  const { mandate, recovery } = record;
  return {
    ...record,
    mandate: {
      ...mandate,
      leaseEnd: mandate.leaseEnd + by,
      maintenanceEnd: mandate.maintenanceEnd + by,
      killAt: mandate.killAt + by,
      fenceAt: mandate.fenceAt + by,
    },
    services: record.services.map((service) => {
      const { running } = service;
      return running === undefined
        ? service
        : { ...service, running: { ...running, since: running.since + by } };
    }),
    recovery: { ...recovery, last: recovery.last + by, forgetAt: recovery.forgetAt + by },
  };
}
