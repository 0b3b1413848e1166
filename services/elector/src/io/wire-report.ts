// What runners report and what they are assigned: protobuf to the core's types and back.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Failure, FailureSchema } from '@koi/gen/koi/cluster/v1/event_pb';
import {
  RunnerMode as WireMode,
  RunnerState as WireState,
} from '@koi/gen/koi/cluster/v1/runner_pb';
import {
  type ServiceSchema,
  type Service as WireService,
  ServiceState as WireServiceState,
} from '@koi/gen/koi/cluster/v1/service_pb';
import {
  type AssignmentSchema,
  type Report as WireReport,
  Target as WireTarget,
} from '@koi/gen/koi/runner/v1/runner_service_pb';
import { absenceFromWire } from '@koi/lib/grpc/wire-absence';
import {
  countFromWire,
  countToWire,
  durationFromWire,
  durationToWire,
  enumCodec,
  namePresent,
  present,
  wallFromWire,
  wallToWire,
} from '@koi/lib/grpc/wire-value';
import type { WallTime } from '@koi/lib/time';
import type {
  Assignment,
  FailureReport,
  Report,
  RunnerMode,
  RunnerState,
  ServiceReport,
  ServiceState,
  Target,
} from '../core/report.ts';

export const runnerState = enumCodec<RunnerState, WireState>({
  failed: WireState.FAILED,
  disconnected: WireState.DISCONNECTED,
  stopped: WireState.STOPPED,
  live: WireState.LIVE,
  standby: WireState.STANDBY,
  master: WireState.MASTER,
});

export const runnerMode = enumCodec<RunnerMode, WireMode>({
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

/** What a runner is to become. */
export const target = enumCodec<Target, WireTarget>({
  stopped: WireTarget.STOPPED,
  standby: WireTarget.STANDBY,
  master: WireTarget.MASTER,
});

export function reportFromWire(wire: WireReport): Report {
  const { leaseEnded, promoted, maintenance, priority, sinceFailure } = wire;
  return {
    number: countFromWire(wire.number, 'report.number'),
    state: runnerState.fromWire(wire.state, 'report.state'),
    mode: runnerMode.fromWire(wire.mode, 'report.mode'),
    priority,
    uptime: durationFromWire(present(wire.uptime, 'report.uptime'), 'report.uptime'),
    epoch: countFromWire(wire.epoch, 'report.epoch'),
    leaseEnded,
    released: countFromWire(wire.released, 'report.released'),
    promoted,
    maintenance,
    maintenanceChange: countFromWire(wire.maintenanceChange, 'report.maintenance_change'),
    highestTerm: countFromWire(wire.highestTerm, 'report.highest_term'),
    sinceFailure:
      sinceFailure === undefined
        ? undefined
        : durationFromWire(sinceFailure, 'report.since_failure'),
    services: wire.services.map(serviceFromWire),
    failures: wire.failures.map(failureFromWire),
    away: durationFromWire(wire.away, 'report.away'),
    absence: absenceFromWire(wire, 'report'),
    leaderUnheard: wire.leaderUnheard,
  };
}

function serviceFromWire(wire: WireService): ServiceReport {
  const { priority, promotable, action, processId, failure } = wire;
  return {
    name: namePresent(wire.name, 'service.name'),
    priority,
    state: serviceState.fromWire(wire.state, 'service.state'),
    promotable,
    action,
    processId,
    failure,
  };
}

/** A service as it is shown to administrators. */
export function serviceToWire(service: ServiceReport): MessageInitShape<typeof ServiceSchema> {
  const { name, priority, promotable, action, processId, failure } = service;
  const state = serviceState.toWire(service.state);
  const wire = { name, state, promotable, action, processId, failure };
  return priority === undefined ? wire : { ...wire, priority };
}

function failureFromWire(wire: Failure): FailureReport {
  const { service, action, text } = wire;
  return { at: wallFromWire(wire.failureTime), service, action, text };
}

/** A failure or a lost lease as it is passed on and shown. */
export function failureToWire(
  { at, service, action, text }: FailureReport,
  runner: string,
): MessageInitShape<typeof FailureSchema> {
  return { failureTime: wallToWire(at), runner, service, action, text };
}

/** An assignment; `wall` is when it was sent, for people: absent where it is passed on. */
export function assignmentToWire(
  assignment: Assignment,
  wall?: WallTime,
): MessageInitShape<typeof AssignmentSchema> {
  const { session, lease, maintenance, reason } = assignment;
  const wire: MessageInitShape<typeof AssignmentSchema> = {
    term: countToWire(assignment.term),
    sequence: countToWire(assignment.sequence),
    session,
    number: countToWire(assignment.number),
    target: target.toWire(assignment.target),
    release: countToWire(assignment.release),
    master: assignment.master ?? '',
    recovery: countToWire(assignment.recovery),
    reconfigure: countToWire(assignment.reconfigure),
    reason,
  };
  if (wall !== undefined) wire.assignmentTime = wallToWire(wall);
  if (lease !== undefined) {
    wire.lease = { epoch: countToWire(lease.epoch), duration: durationToWire(lease.duration) };
  }
  if (maintenance !== undefined) {
    wire.maintenance = { on: maintenance.on, change: countToWire(maintenance.change) };
  }
  return wire;
}
