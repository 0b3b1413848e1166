// Everything the runner core can ask for, to be done in the order in which it is returned.
import type { Duration } from '@koi/lib/time';
import type { Report, RunnerState } from './assignment.ts';
import type { Action } from './input.ts';

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
  /** Read the services folder again; `folder` tells what is in it. */
  | { readonly kind: 'read-folder' }
  /** Read the configuration again. */
  | { readonly kind: 'reconfigure' }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }
  /** Everything is down: the daemon may exit. */
  | { readonly kind: 'exit' };
