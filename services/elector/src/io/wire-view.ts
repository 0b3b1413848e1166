// What an elector shows of the cluster, as protobuf. One way only: nobody decides by it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ClusterSchema,
  type ElectorSchema,
  ElectorRole as WireRole,
} from '@koi/gen/koi/cluster/v1/cluster_pb';
import { RunnerMode, type RunnerSchema } from '@koi/gen/koi/cluster/v1/runner_pb';
import { absenceToWire } from '@koi/lib/grpc/wire-absence';
import { countToWire, durationToWire } from '@koi/lib/grpc/wire-value';
import type { ClusterView, ElectorRole, ElectorView, RunnerView } from '../core/view.ts';
import { failureToWire, runnerMode, runnerState, serviceToWire } from './wire-report.ts';

const ROLES: Readonly<Record<ElectorRole, WireRole>> = {
  unknown: WireRole.UNSPECIFIED,
  follower: WireRole.FOLLOWER,
  candidate: WireRole.CANDIDATE,
  claimant: WireRole.CLAIMANT,
  leader: WireRole.LEADER,
};

export function electorRole(role: ElectorRole): WireRole {
  return ROLES[role];
}

export function clusterToWire(
  name: string,
  view: ClusterView,
): MessageInitShape<typeof ClusterSchema> {
  const { maintenance, manual, waiting, waitingFor } = view;
  const wire = {
    name,
    revision: countToWire(view.revision),
    term: countToWire(view.term),
    leader: view.leader ?? '',
    master: view.master ?? '',
    epoch: countToWire(view.epoch),
    maintenance,
    manual,
    target: view.target ?? '',
    electors: view.electors.map(electorToWire),
    runners: view.runners.map(runnerToWire),
    waiting,
    blocked: [...view.blocked],
  };
  return waitingFor === undefined ? wire : { ...wire, waitingFor: durationToWire(waitingFor) };
}

function electorToWire(view: ElectorView): MessageInitShape<typeof ElectorSchema> {
  const { name, address, priority, heard, charter, problem } = view;
  const role = ROLES[view.role];
  return {
    ...{ name, address, priority, role, heard, charter, problem },
    ...absenceToWire(view.absence),
  };
}

function runnerToWire(view: RunnerView): MessageInitShape<typeof RunnerSchema> {
  const { name, stopped, rejected, report, reportAge } = view;
  const wire: MessageInitShape<typeof RunnerSchema> = {
    name,
    state: runnerState.toWire(view.state),
    mode: RunnerMode.UNSPECIFIED,
    stopped,
    rejected,
  };
  if (reportAge !== undefined) wire.reportAge = durationToWire(reportAge);
  if (report === undefined) return wire;
  if (report.sinceFailure !== undefined) wire.sinceFailure = durationToWire(report.sinceFailure);
  const { absence } = report;
  // As old as it was when the runner said so, and as that is old by now.
  const aged = absence && { ...absence, since: absence.since + (reportAge ?? 0) };
  return {
    ...wire,
    ...absenceToWire(aged),
    mode: runnerMode.toWire(report.mode),
    priority: report.priority,
    uptime: durationToWire(report.uptime),
    epoch: countToWire(report.epoch),
    released: countToWire(report.released),
    promoted: report.promoted,
    maintenance: report.maintenance,
    services: report.services.map(serviceToWire),
    failures: report.failures.map((failure) => failureToWire(failure, name)),
  };
}
