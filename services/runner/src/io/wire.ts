// What this runner reports and what it is assigned: the core's types to protobuf and back.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  RunnerMode as WireMode,
  RunnerState as WireState,
} from '@koi/gen/koi/cluster/v1/runner_pb';
import {
  type ServiceSchema,
  ServiceState as WireServiceState,
} from '@koi/gen/koi/cluster/v1/service_pb';
import {
  type ReportSchema,
  type Assignment as WireAssignment,
  Target as WireTarget,
} from '@koi/gen/koi/runner/v1/runner_service_pb';
import { absenceToWire } from '@koi/lib/grpc/wire-absence';
import {
  countFromWire,
  countToWire,
  durationFromWire,
  durationToWire,
  enumCodec,
  namePresent,
  optionalName,
  present,
  wallToWire,
} from '@koi/lib/grpc/wire-value';
import type {
  Assignment,
  Report,
  RunnerMode,
  RunnerState,
  ServiceReport,
  ServiceState,
  Target,
} from '../core/assignment.ts';

export const runnerState = enumCodec<RunnerState, WireState>({
  failed: WireState.FAILED,
  disconnected: WireState.DISCONNECTED,
  stopped: WireState.STOPPED,
  live: WireState.LIVE,
  standby: WireState.STANDBY,
  master: WireState.MASTER,
});

const runnerMode = enumCodec<RunnerMode, WireMode>({
  active: WireMode.ACTIVE,
  passive: WireMode.PASSIVE,
});

const serviceState = enumCodec<ServiceState, WireServiceState>({
  failed: WireServiceState.FAILED,
  failing: WireServiceState.FAILING,
  stopped: WireServiceState.STOPPED,
  stopping: WireServiceState.STOPPING,
  starting: WireServiceState.STARTING,
  started: WireServiceState.STARTED,
  demoting: WireServiceState.DEMOTING,
  promoting: WireServiceState.PROMOTING,
  promoted: WireServiceState.PROMOTED,
});

const target = enumCodec<Target, WireTarget>({
  stopped: WireTarget.STOPPED,
  standby: WireTarget.STANDBY,
  master: WireTarget.MASTER,
});

/** A report as it goes to every elector; `runner` is this runner's name, for its failures. */
export function reportToWire(
  report: Report,
  runner: string,
): MessageInitShape<typeof ReportSchema> {
  const { priority, leaseEnded, promoted, maintenance, sinceFailure, away, leaderUnheard } = report;
  const wire: MessageInitShape<typeof ReportSchema> = {
    number: countToWire(report.number),
    state: runnerState.toWire(report.state),
    mode: runnerMode.toWire(report.mode),
    priority,
    uptime: durationToWire(report.uptime),
    epoch: countToWire(report.epoch),
    leaseEnded,
    released: countToWire(report.released),
    promoted,
    maintenance,
    leaderUnheard,
    maintenanceChange: countToWire(report.maintenanceChange),
    highestTerm: countToWire(report.highestTerm),
    services: report.services.map(serviceToWire),
    failures: report.failures.map(({ at, service, action, text }) => ({
      failureTime: wallToWire(at),
      runner,
      service,
      action,
      text,
    })),
    ...absenceToWire(report.absence),
  };
  if (sinceFailure !== undefined) wire.sinceFailure = durationToWire(sinceFailure);
  if (away > 0) wire.away = durationToWire(away);
  return wire;
}

/** A service as reports and the local socket tell it. */
export function serviceToWire(service: ServiceReport): MessageInitShape<typeof ServiceSchema> {
  const { name, priority, promotable, action, processId, failure } = service;
  const state = serviceState.toWire(service.state);
  const wire = { name, state, promotable, action, processId, failure };
  return priority === undefined ? wire : { ...wire, priority };
}

/** An assignment; undefined where its target is not said, and nothing changes then. */
export function assignmentFromWire(wire: WireAssignment): Assignment | undefined {
  if (wire.target === WireTarget.UNSPECIFIED) return undefined;
  const { lease, maintenance, reason } = wire;
  return {
    term: countFromWire(wire.term, 'assignment.term'),
    sequence: countFromWire(wire.sequence, 'assignment.sequence'),
    session: namePresent(wire.session, 'assignment.session'),
    number: countFromWire(wire.number, 'assignment.number'),
    target: target.fromWire(wire.target, 'assignment.target'),
    lease:
      lease === undefined
        ? undefined
        : {
            epoch: countFromWire(lease.epoch, 'lease.epoch'),
            duration: durationFromWire(present(lease.duration, 'lease.duration'), 'lease.duration'),
          },
    release: countFromWire(wire.release, 'assignment.release'),
    master: optionalName(wire.master),
    maintenance:
      maintenance === undefined
        ? undefined
        : { on: maintenance.on, change: countFromWire(maintenance.change, 'maintenance.change') },
    recovery: countFromWire(wire.recovery, 'assignment.recovery'),
    reconfigure: countFromWire(wire.reconfigure, 'assignment.reconfigure'),
    reason,
  };
}
