// What a runner core is made with.
import type { Duration } from '@koi/lib/time';
import type { RunnerMode } from './assignment.ts';
import type { Action } from './input.ts';

/** When a failure is forgotten by itself. */
export interface RecoveryOptions {
  /** 0: never. */
  readonly attempts: number;
  readonly delay: Duration;
  readonly factor: number;
  readonly reset: Duration;
}

export interface RunnerOptions {
  readonly name: string;
  /** Drawn at random by the daemon's main at each start (M7). */
  readonly session: string;
  readonly mode: RunnerMode;
  readonly priority: number;
  readonly heartbeat: Duration;
  readonly demoteGrace: Duration;
  readonly statusInterval: Duration;
  readonly timeouts: Readonly<Record<Action, Duration>>;
  readonly recovery: RecoveryOptions;
}

/** What a reload of the configuration may change. */
export type ChangeableOptions = Pick<
  RunnerOptions,
  'mode' | 'priority' | 'statusInterval' | 'timeouts' | 'recovery'
>;

/** A copy that a core keeps for itself: its parts hold this very object. */
export function ownOptions(given: RunnerOptions): RunnerOptions {
  return { ...given, recovery: { ...given.recovery } };
}

/** Scripts that run keep their time, and a failure that is remembered its delay. */
export function changeOptions(own: RunnerOptions, change: ChangeableOptions): void {
  const { recovery, ...options } = change;
  Object.assign(own, options);
  Object.assign(own.recovery, recovery);
}
