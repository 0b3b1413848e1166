// The words and tones for what the protos number: the same in every view.
import { type Duration, durationMs, type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import { type Elector, ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { type Runner, RunnerMode, RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import { describeDuration } from '@koi/lib/time';
import { type Span, span } from './page.ts';
import type { Tone } from './paint.ts';

/** What electors and runners tell of their standstills. */
type Absence = Pick<Elector | Runner, 'longestAway' | 'sinceAway'>;

const ROLES: Readonly<Record<ElectorRole, string>> = {
  [ElectorRole.UNSPECIFIED]: 'unknown',
  [ElectorRole.FOLLOWER]: 'follower',
  [ElectorRole.CANDIDATE]: 'candidate',
  [ElectorRole.CLAIMANT]: 'claimant',
  [ElectorRole.LEADER]: 'leader',
};

/** What an elector does. */
export function roleSpan({ heard, role }: Pick<Elector, 'heard' | 'role'>): Span {
  if (!heard) return span('not heard', 'bad');
  return span(ROLES[role] ?? 'unknown', role === ElectorRole.LEADER ? 'good' : 'plain');
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

/** What a runner is. */
export function runnerStateSpan(state: RunnerState): Span {
  return span(...(RUNNER_STATES[state] ?? RUNNER_STATES[RunnerState.UNSPECIFIED]));
}

/** Whether a runner may become master at all. */
export const MODES: Readonly<Record<RunnerMode, string>> = {
  [RunnerMode.UNSPECIFIED]: '',
  [RunnerMode.ACTIVE]: 'active',
  [RunnerMode.PASSIVE]: 'passive',
};

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

/** What a service does. */
export function serviceStateSpan(state: ServiceState): Span {
  return span(...(SERVICE_STATES[state] ?? SERVICE_STATES[ServiceState.UNSPECIFIED]));
}

/** A length of time for people. */
export function writeAge(duration: Duration): string {
  return describeDuration(durationMs(duration));
}

/** P10: its loop stood still, or its process or machine did; empty: not of late. */
export function writeAbsence({ longestAway, sinceAway }: Absence): string {
  if (longestAway === undefined) return '';
  return `away ${writeAge(longestAway)}${sinceAway ? `, ${writeAge(sinceAway)} ago` : ''}`;
}

/** A moment to the millisecond. UTC: the hosts of a cluster need not share a zone. */
export function writeTime(time: Timestamp): string {
  return `${timestampDate(time).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** A moment to the second. */
export function writeSecond(time: Timestamp): string {
  return `${timestampDate(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The time of day alone, for moments of one table that says the day. */
export function writeClock(time: Timestamp): string {
  return timestampDate(time).toISOString().slice(11, 23);
}

/** How many milliseconds lie between two moments. */
export function between(from: Timestamp, to: Timestamp): number {
  return timestampDate(to).getTime() - timestampDate(from).getTime();
}
