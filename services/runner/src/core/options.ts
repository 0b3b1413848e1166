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
