// What electors say to each other, as the core knows it. `io/wire.ts` translates to and from protobuf.
import type { AbsenceNews } from '@koi/lib/absence';
import type { Duration } from '@koi/lib/time';
import type { Charter, Version } from './charter.ts';
import type { Assignment, Report } from './report.ts';

/** What an elector says of itself when a stream opens (P1, C4). */
export interface Introduction {
  readonly digest: string;
  /** The charter it holds, whole. */
  readonly charter: Charter | undefined;
}

/** Why a term was not granted or a lease not renewed. Only `term` is for ever (P7). */
export type RefusalReason = 'term' | 'bound' | 'abstaining' | 'digest' | 'list' | 'empty';

/** What an elector would do if a candidate claimed now (P4). */
export interface Prospect {
  readonly probe: number;
  readonly wouldGrant: boolean;
  readonly boundTo: string | undefined;
  /** How long it is bound or abstains from now. 0: it is not. */
  readonly boundFor: Duration;
  readonly highestTerm: number;
  /** Why it would not; undefined: it would. */
  readonly reason: RefusalReason | undefined;
}

/** A report that its runner could not bring to the leader itself (M9). */
export interface RelayedReport {
  readonly runner: string;
  readonly session: string;
  readonly digest: string;
  readonly report: Report;
}

/** The body of a message. Requests go out on one's own stream, replies on the stream of the one who asked. */
export type Body =
  | ({ readonly kind: 'hello' } & Introduction)
  | ({ readonly kind: 'welcome' } & Introduction)
  | {
      readonly kind: 'heartbeat';
      readonly leading: boolean;
      readonly term: number;
      readonly round: number;
      /** The longest that the sender's loop stood still of late. */
      readonly absence?: AbsenceNews | undefined;
    }
  | { readonly kind: 'election'; readonly probe: number }
  | { readonly kind: 'coordinator'; readonly term: number; readonly round: number }
  | { readonly kind: 'resign'; readonly term: number }
  | { readonly kind: 'store'; readonly charter: Charter }
  | { readonly kind: 'stored'; readonly version: Version }
  | ({ readonly kind: 'answer' } & Prospect)
  | ({ readonly kind: 'prospect' } & Prospect)
  | {
      readonly kind: 'grant';
      readonly term: number;
      readonly round: number;
      readonly residue: Duration;
      /** Whether it answers a Coordinator; only then does `charter` mean anything (C2). */
      readonly carriesCharter: boolean;
      readonly charter: Charter | undefined;
    }
  | {
      readonly kind: 'refusal';
      readonly term: number;
      readonly round: number;
      readonly reason: RefusalReason;
      readonly boundTo: string | undefined;
      readonly boundFor: Duration;
    }
  | { readonly kind: 'heard'; readonly round: number }
  | ({ readonly kind: 'relayed-report' } & RelayedReport)
  | {
      readonly kind: 'relayed-assignment';
      readonly runner: string;
      readonly assignment: Assignment;
    }
  /** Asks the leader of that term to resign in favour of the sender (P9). */
  | { readonly kind: 'handover'; readonly term: number };

/** One message between electors. */
export interface Message {
  /** The highest term that the sender has granted, claimed or stored. */
  readonly term: number;
  /** Whether the sender holds a charter (C4: every message says so). */
  readonly hasCharter: boolean;
  readonly body: Body;
}
