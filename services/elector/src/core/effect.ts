// Everything the elector core can ask for, to be done in the order in which it is returned.
import type { Charter } from './charter.ts';
import type { Message } from './message.ts';
import type { Assignment } from './report.ts';

/** What an elector keeps on its disk (P2, C3). */
export interface ElectorRecord {
  readonly grantedTerm: number;
  /** Nobody: this term is granted to no one any more. */
  readonly grantedTo: string | undefined;
  readonly charter: Charter | undefined;
}

/** Why an administrator's order was not carried out; the field's word for it is in `lib/grpc/errors`. */
export type CommandRefusal =
  | 'NO_LEADER'
  | 'NO_QUORUM'
  | 'RUNNER_UNKNOWN'
  | 'RUNNER_NOT_ELECTABLE'
  | 'RUNNER_HELD'
  | 'MAINTENANCE'
  | 'OUTCOME_UNKNOWN';

export type Effect =
  /** Write the record; `persisted` tells when it and all before it are on disk. Never blocks. */
  | { readonly kind: 'persist'; readonly number: number; readonly record: ElectorRecord }
  /** Say something to an elector: on our own stream, or on its stream where the body is a reply. */
  | { readonly kind: 'send'; readonly to: string; readonly message: Message }
  | {
      readonly kind: 'assign';
      readonly runner: string;
      readonly session: string;
      readonly assignment: Assignment;
    }
  /** A report was received by one who does not lead: tell the runner so. */
  | {
      readonly kind: 'heard';
      readonly runner: string;
      readonly session: string;
      readonly number: number;
    }
  /** Refuse a runner's stream: another session of that name is open and heard (M7). */
  | {
      readonly kind: 'refuse-runner';
      readonly runner: string;
      readonly session: string;
      readonly reason: string;
    }
  /** An order is safe; `held`: it held already. */
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly revision: number;
      readonly held: boolean;
    }
  | {
      readonly kind: 'refuse';
      readonly id: number;
      readonly reason: CommandRefusal;
      readonly text: string;
    }
  /** The view that `cluster()` gives has changed in more than an age. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn'; readonly text: string };
