// M9: what electors pass on for runners goes the other way than usual: a report out, an assignment in.
import type { MessageInitShape } from '@bufbuild/protobuf';
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
  namePresent,
  optionalName,
  present,
} from '@koi/lib/grpc/wire-value';
import type { Assignment, Report } from '../core/report.ts';
import { failureToWire, runnerMode, runnerState, serviceToWire, target } from './wire-report.ts';

/** A runner's report as it is passed on. */
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
    maintenanceChange: countToWire(report.maintenanceChange),
    highestTerm: countToWire(report.highestTerm),
    services: report.services.map(serviceToWire),
    failures: report.failures.map((failure) => failureToWire(failure, runner)),
    leaderUnheard,
    ...absenceToWire(report.absence),
  };
  if (sinceFailure !== undefined) wire.sinceFailure = durationToWire(sinceFailure);
  if (away > 0) wire.away = durationToWire(away);
  return wire;
}

/** An assignment that is passed on; undefined where its target is not said, and it means nothing then. */
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
