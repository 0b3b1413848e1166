// Everything the runner core can be told.
import type { Duration, WallTime } from '@koi/lib/time';
import type { Assignment } from './assignment.ts';
import type { ChangeableOptions } from './options.ts';

/** The scripts of a service, in the original's words. */
export type Action = 'start' | 'stop' | 'promote' | 'demote' | 'status' | 'failed';

/** An entry of the services folder. */
export interface ServiceDefinition {
  readonly name: string;
  /** 0 to 99; absent: it waits for nobody. */
  readonly priority: number | undefined;
  /** A file `disabled` is in its directory. */
  readonly disabled: boolean;
  /** Changes when the entry's scripts do, so that a change can be logged. */
  readonly fingerprint: string;
}

/** How a script ended. The first reason wins: one that timed out and was killed has timed out. */
export type ScriptEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly after: Duration }
  /** We ended it ourselves: a stop or a failure cut it short. */
  | { readonly kind: 'cut-short' }
  | { readonly kind: 'not-started'; readonly reason: string }
  /** Its service's entry is not in the services folder any more, which was not read again yet. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** It has ended while no runner was there to see how (M6). */
  | { readonly kind: 'unknown'; readonly reason: string };

/** How the deadman has taken a service down. */
export type TakenDown = 'demoted' | 'stopped' | 'killed';

export type Input =
  | { readonly kind: 'time' }
  | { readonly kind: 'folder'; readonly services: readonly ServiceDefinition[] }
  | { readonly kind: 'folder-failed'; readonly reason: string }
  | { readonly kind: 'elector-connected'; readonly elector: string }
  | { readonly kind: 'elector-lost'; readonly elector: string }
  /** Anything was heard of an elector: a Welcome or a Heard. */
  | { readonly kind: 'elector-heard'; readonly elector: string }
  | { readonly kind: 'assignment'; readonly elector: string; readonly assignment: Assignment }
  /** A script's process exists. */
  | { readonly kind: 'script-started'; readonly run: number; readonly processId: number }
  | { readonly kind: 'script-ended'; readonly run: number; readonly end: ScriptEnd }
  /** Nothing of a service's process tree is left, as far as the host can tell. */
  | { readonly kind: 'killed'; readonly service: string }
  /** M4: who may take down what is promoted after a lease end: this runner, or the deadman that was quicker. */
  | { readonly kind: 'demotion-claimed'; readonly epoch: number; readonly by: 'runner' | 'deadman' }
  /** The deadman has done it: what has become of the services that were promoted. */
  | {
      readonly kind: 'deadman-acted';
      readonly epoch: number;
      /** How long after the end of the lease it was done. */
      readonly after: Duration;
      readonly services: readonly {
        readonly name: string;
        readonly outcome: TakenDown;
      }[];
    }
  | { readonly kind: 'wall'; readonly offset: WallTime }
  | { readonly kind: 'late'; readonly away: Duration }
  /** The configuration was read again. */
  | { readonly kind: 'options'; readonly options: ChangeableOptions }
  /** A clean stop: demote, stop, then `exit`. */
  | { readonly kind: 'stop' }
  /** M6: leave everything as it is, for the next runner, and `exit`. */
  | { readonly kind: 'detach' };
