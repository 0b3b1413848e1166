// Everything the elector core can be told. Each is one fact, in the order in which it became known.
import type { Duration, WallTime } from '@koi/lib/time';
import type { Message } from './message.ts';
import type { ChangeableOptions } from './options.ts';
import type { Report } from './report.ts';

/** What an administrator orders. */
export type Command =
  /** `force`: also where it is held back after a failure. */
  | { readonly kind: 'promote'; readonly runner: string; readonly force?: boolean }
  | { readonly kind: 'demote' }
  | { readonly kind: 'elect' }
  | { readonly kind: 'maintenance'; readonly on: boolean }
  | { readonly kind: 'start'; readonly runner: string }
  | { readonly kind: 'stop'; readonly runner: string }
  | { readonly kind: 'recover'; readonly runner: string | undefined }
  | { readonly kind: 'confirm-down'; readonly runner: string }
  /** Read the configuration again: one runner, or all. */
  | { readonly kind: 'reconfigure'; readonly runner: string | undefined };

export type Input =
  /** The deadline has come; says nothing else. */
  | { readonly kind: 'time' }
  /** Our own stream to an elector is open: its Welcome follows as a message. */
  | { readonly kind: 'peer-connected'; readonly peer: string }
  /** Our own stream to an elector is gone. */
  | { readonly kind: 'peer-lost'; readonly peer: string }
  | { readonly kind: 'message'; readonly from: string; readonly message: Message }
  /** A runner's stream is open. `digest` is of its protocol times (P1). */
  | {
      readonly kind: 'runner-connected';
      readonly runner: string;
      readonly session: string;
      readonly digest: string;
    }
  | { readonly kind: 'runner-lost'; readonly runner: string; readonly session: string }
  | {
      readonly kind: 'report';
      readonly runner: string;
      readonly session: string;
      readonly report: Report;
    }
  /** An administrator's order; `id` names the call until it is answered. */
  | { readonly kind: 'command'; readonly id: number; readonly command: Command }
  /** All records up to this number are on disk. */
  | { readonly kind: 'persisted'; readonly number: number }
  | { readonly kind: 'persist-failed'; readonly number: number; readonly reason: string }
  /** The wall clock is this far ahead of our own; told at the start and when it changes. */
  | { readonly kind: 'wall'; readonly offset: WallTime }
  /** The loop was away for so long before this step. */
  | { readonly kind: 'late'; readonly away: Duration }
  /** The configuration was read again. */
  | { readonly kind: 'options'; readonly options: ChangeableOptions }
  /** A clean stop: resign. */
  | { readonly kind: 'stop' };
