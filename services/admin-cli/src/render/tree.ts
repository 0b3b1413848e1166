// The cluster as people read it: what it does, what it waits for, its electors, its runners and
// their services.
import { durationMs, type Duration as ProtoDuration, timestampDate } from '@bufbuild/protobuf/wkt';
import { type Cluster, type Elector, ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { type Runner, RunnerMode, RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { type Service, ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import { describeDuration } from '@koi/lib/time';
import { alignColumns, type Cell, cell, drawBranches } from './columns.ts';
import { writeTime } from './event-list.ts';
import type { Paint, Tone } from './paint.ts';

/** The whole cluster, with a final newline. `elector` is whose view it is. */
export function renderTree(cluster: Cluster, elector: string, paint: Paint): string {
  const lines = [
    ...renderHead(cluster, elector, paint),
    paint('heading', 'electors'),
    ...renderElectors(cluster.electors, paint),
    paint('heading', 'runners'),
    ...(cluster.runners.length > 0
      ? renderRunners(cluster.runners, paint)
      : [paint('warning', '└─ none has reported yet')]),
  ];
  return `${lines.join('\n')}\n`;
}

function renderHead(cluster: Cluster, elector: string, paint: Paint): string[] {
  const { leader, master, epoch, term, revision } = cluster;
  const lead = leader === '' ? paint('bad', 'nobody') : `${leader} (term ${term})`;
  const role = master === '' ? paint('bad', 'nobody') : paint('good', master);
  const lines = [
    `${paint('heading', `cluster ${cluster.name}`)}, revision ${revision}, as ${elector} sees it`,
    `leader: ${lead}`,
    `master: ${role}${epoch > 0n ? ` (epoch ${epoch})` : ''}`,
  ];
  if (cluster.maintenance) {
    lines.push(
      paint('warning', 'maintenance: on, no script runs and nobody is elected or demoted'),
    );
  }
  if (cluster.manual) {
    lines.push(paint('warning', 'manual: an administrator demoted the master, `elect` ends that'));
  }
  if (cluster.target !== '') lines.push(`target: ${cluster.target} is to become master`);
  if (cluster.waiting !== '') {
    const bound = cluster.waitingFor ? ` (${age(cluster.waitingFor)} at most)` : '';
    lines.push(paint('warning', `waiting: ${cluster.waiting}${bound}`));
  }
  return lines;
}

const ROLES: Readonly<Record<ElectorRole, string>> = {
  [ElectorRole.UNSPECIFIED]: 'unknown',
  [ElectorRole.FOLLOWER]: 'follower',
  [ElectorRole.CANDIDATE]: 'candidate',
  [ElectorRole.CLAIMANT]: 'claimant',
  [ElectorRole.LEADER]: 'leader',
};

function renderElectors(electors: readonly Elector[], paint: Paint): string[] {
  const rows = electors.map((elector): Cell[] => [
    cell(elector.name),
    elector.heard
      ? cell(ROLES[elector.role] ?? 'unknown', roleTone(elector))
      : cell('not heard', 'bad'),
    cell(elector.address, 'quiet'),
    cell(`priority ${elector.priority}`, 'quiet'),
    cell(elector.heard && !elector.charter ? 'no charter' : '', 'warning'),
    cell(describeAbsence(elector), 'warning'),
  ]);
  const lines = alignColumns(rows, paint);
  return drawBranches(
    electors.map(({ problem }, index) => ({
      line: lines[index] ?? '',
      below: problem === '' ? [] : [paint('bad', problem)],
    })),
  );
}

function roleTone({ role }: Elector): Tone {
  return role === ElectorRole.LEADER ? 'good' : 'plain';
}

const RUNNER_STATES: Readonly<Record<RunnerState, readonly [string, Tone]>> = {
  [RunnerState.UNSPECIFIED]: ['unknown', 'warning'],
  [RunnerState.FAILED]: ['failed', 'bad'],
  [RunnerState.DISCONNECTED]: ['disconnected', 'bad'],
  [RunnerState.STOPPED]: ['stopped', 'warning'],
  [RunnerState.LIVE]: ['live', 'warning'],
  [RunnerState.STANDBY]: ['standby', 'plain'],
  [RunnerState.MASTER]: ['master', 'good'],
};

const MODES: Readonly<Record<RunnerMode, string>> = {
  [RunnerMode.UNSPECIFIED]: '',
  [RunnerMode.ACTIVE]: 'active',
  [RunnerMode.PASSIVE]: 'passive',
};

function renderRunners(runners: readonly Runner[], paint: Paint): string[] {
  const rows = runners.map((runner): Cell[] => [
    cell(runner.name),
    cell(...(RUNNER_STATES[runner.state] ?? RUNNER_STATES[RunnerState.UNSPECIFIED])),
    cell(MODES[runner.mode] ?? ''),
    cell(`priority ${runner.priority}`, 'quiet'),
    cell(runner.uptime ? `up ${age(runner.uptime)}` : '', 'quiet'),
    cell(runner.reportAge ? `heard ${age(runner.reportAge)} ago` : 'never heard', 'quiet'),
    cell(runner.epoch > 0n ? `epoch ${runner.epoch}` : '', 'quiet'),
    cell(marks(runner), 'warning'),
  ]);
  const lines = alignColumns(rows, paint);
  return drawBranches(
    runners.map((runner, index) => ({
      line: lines[index] ?? '',
      below: [
        ...(runner.rejected === ''
          ? []
          : [paint('warning', `cannot become master: ${runner.rejected}`)]),
        ...renderLostLease(runner, paint),
        ...renderStale(runner, paint),
        ...renderServices(runner.services, paint),
      ],
    })),
  );
}

/** What is known of a silent runner is old: nobody may take it for the present. */
function renderStale({ state, services }: Runner, paint: Paint): string[] {
  if (state !== RunnerState.DISCONNECTED || services.length === 0) return [];
  return [paint('quiet', 'when it was last heard:')];
}

/** How close it was when it lost its lease the last time, with a moment of its own wall clock. */
function renderLostLease({ failures }: Runner, paint: Paint): string[] {
  const lost = failures.findLast(({ service, action }) => service === '' && action === 'lease');
  if (lost === undefined) return [];
  const when = lost.failureTime ? ` at ${writeTime(timestampDate(lost.failureTime))}` : '';
  return [paint('warning', `lost its lease${when}: ${lost.text}`)];
}

/** P10: its loop stood still, or its process or machine did. */
function describeAbsence({ longestAway, sinceAway }: Runner | Elector): string {
  if (longestAway === undefined) return '';
  return `away ${age(longestAway)}${sinceAway ? `, ${age(sinceAway)} ago` : ''}`;
}

function marks(runner: Runner): string {
  const found: string[] = [];
  const silent = runner.state === RunnerState.DISCONNECTED;
  if (runner.stopped) found.push('stopped by an administrator');
  if (runner.maintenance) found.push('in maintenance');
  if (runner.promoted && runner.state !== RunnerState.MASTER && !silent)
    found.push('still promoted');
  if (runner.sinceFailure) found.push(`failed ${age(runner.sinceFailure)} ago`);
  const absence = describeAbsence(runner);
  if (absence !== '') found.push(absence);
  return found.join(', ');
}

const SERVICE_STATES: Readonly<Record<ServiceState, readonly [string, Tone]>> = {
  [ServiceState.UNSPECIFIED]: ['unknown', 'warning'],
  [ServiceState.FAILED]: ['failed', 'bad'],
  [ServiceState.FAILING]: ['failing', 'bad'],
  [ServiceState.STOPPED]: ['stopped', 'warning'],
  [ServiceState.STOPPING]: ['stopping', 'warning'],
  [ServiceState.STARTING]: ['starting', 'warning'],
  [ServiceState.STARTED]: ['started', 'plain'],
  [ServiceState.DEMOTING]: ['demoting', 'warning'],
  [ServiceState.PROMOTING]: ['promoting', 'warning'],
  [ServiceState.PROMOTED]: ['promoted', 'good'],
};

function renderServices(services: readonly Service[], paint: Paint): string[] {
  const rows = services.map((service): Cell[] => [
    cell(service.priority === undefined ? '' : String(service.priority).padStart(2, '0'), 'quiet'),
    cell(service.name),
    cell(...(SERVICE_STATES[service.state] ?? SERVICE_STATES[ServiceState.UNSPECIFIED])),
    cell(service.promotable ? '' : 'not promotable', 'warning'),
    cell(
      service.action === '' ? '' : `${service.action} runs (process ${service.processId})`,
      'quiet',
    ),
    cell(service.failure, 'bad'),
  ]);
  return drawBranches(alignColumns(rows, paint).map((line) => ({ line, below: [] })));
}

function age(duration: ProtoDuration): string {
  return describeDuration(durationMs(duration));
}
