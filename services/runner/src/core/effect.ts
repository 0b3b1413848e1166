// Everything the runner core can ask for, to be done in the order in which it is returned.
import type { Duration, Instant } from '@koi/lib/time';
import type { Report, RunnerState } from './assignment.ts';
import type { Action } from './input.ts';
import type { RunnerRecord } from './record.ts';

/** What a script finds in its environment. */
export interface ScriptEnvironment {
  readonly promoted: boolean;
  readonly state: RunnerState;
  readonly epoch: number;
  readonly master: string | undefined;
}

export type Effect =
  /** Send the report to every elector. */
  | { readonly kind: 'report'; readonly report: Report }
  /** Run a script in a process group of its own; `script-ended` tells how it ended. */
  | {
      readonly kind: 'run';
      readonly run: number;
      readonly service: string;
      readonly action: Action;
      readonly timeout: Duration;
      readonly environment: ScriptEnvironment;
    }
  /** Cut a running script short: SIGTERM, then SIGKILL for its whole group. */
  | { readonly kind: 'cut-short'; readonly run: number }
  /** SIGKILL at once whatever is left of a service's process tree; `killed` tells when it is gone. */
  | { readonly kind: 'kill'; readonly service: string; readonly reason: string }
  /** M6: what the next process has to know; kept before anything that follows. */
  | { readonly kind: 'record'; readonly record: RunnerRecord }
  /** M4, M6: what the deadman goes by; kept before anything that follows. In maintenance it does nothing. */
  | {
      readonly kind: 'lease';
      readonly epoch: number;
      readonly end: Instant;
      readonly maintenance: boolean;
    }
  /**
   * M4: take the demotion lock of an epoch whose lease has ended; `demotion-claimed` tells who has it.
   * `force`: a deadman that has it has had its time.
   */
  | { readonly kind: 'claim-demotion'; readonly epoch: number; readonly force: boolean }
  /** M4: the self-fence hook: something is still promoted though its time is over. */
  | { readonly kind: 'fence'; readonly epoch: number; readonly reason: string }
  /** Read the services folder again; `folder` tells what is in it. */
  | { readonly kind: 'read-folder' }
  /** Read the configuration again. */
  | { readonly kind: 'reconfigure' }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }
  /** Everything is down, or left to the next runner: the daemon may exit. */
  | { readonly kind: 'exit'; readonly detached: boolean };
