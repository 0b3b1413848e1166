// The charter: the one document that survives any leader (C1 to C4). Never changed in place.
import type { WallTime } from '@koi/lib/time';

/** Orders charters: term first, then index. */
export interface Version {
  readonly term: number;
  readonly index: number;
}

/** Whether a leader or an administrator decided it, or the leader saw it happen. */
export type EventKind = 'decision' | 'change';

/** Why a runner cannot be master, by which rule. */
export interface Rejection {
  readonly runner: string;
  readonly rule: string;
  readonly reason: string;
}

/** One event of the timeline with its reason: most of the time a decision, else a change that a leader saw. */
export interface Decision {
  /** Of both kinds together: one order, no number twice. */
  readonly number: number;
  readonly kind: EventKind;
  /** For people. */
  readonly at: WallTime;
  readonly term: number;
  readonly epoch: number;
  /** The runner or elector it is about; empty for the cluster. */
  readonly subject: string;
  /** The rule that decided, as in "longest-uptime", or the kind of change (`change-rule.ts`). */
  readonly rule: string;
  readonly text: string;
  /** Where a master was chosen: who could not be, and why, as of that moment. */
  readonly rejected: readonly Rejection[];
}

/** What the cluster wants and who holds the role. */
export interface Charter {
  readonly version: Version;
  /** +1 per commit, for people. */
  readonly revision: number;
  /** The names of the elector list of the leader that wrote it (P1). */
  readonly electors: readonly string[];
  readonly maintenance: boolean;
  /** Counts the changes of maintenance. */
  readonly maintenanceChange: number;
  /** The newest change whose end the holder has acknowledged, or that came before its epoch (M8). */
  readonly maintenanceAcknowledged: number;
  /** Nobody is elected until an administrator says so. */
  readonly manual: boolean;
  /** The runner that an administrator wants as master. */
  readonly target: string | undefined;
  /** The holder. Stays until it is released or counted out, whatever the targets say. */
  readonly master: string | undefined;
  /** The session for which the epoch was committed (M7). */
  readonly masterSession: string | undefined;
  readonly epoch: number;
  readonly stopped: readonly string[];
  readonly recovery: Readonly<Record<string, number>>;
  readonly reconfigure: Readonly<Record<string, number>>;
  /** All runners that ever reported and were not forgotten. */
  readonly runners: readonly string[];
  /** The timeline, oldest first: at most `DECISIONS_MAX` decisions and `CHANGES_MAX` changes. */
  readonly decisions: readonly Decision[];
}

/** How many decisions a charter remembers. */
export const DECISIONS_MAX = 200;

/** How many changes it remembers beside them: however much happens, no decision is forgotten for it. */
export const CHANGES_MAX = 200;

/** How long the words of an event may be in UTF-8 bytes, its rejections included. */
export const DECISION_BYTES_MAX = 400;

/** Whether version `a` is newer than `b`; anything is newer than nothing. */
export function newer(a: Version, b: Version | undefined): boolean {
  if (b === undefined) return true;
  return a.term > b.term || (a.term === b.term && a.index > b.index);
}
