// The timeline that a charter carries: decisions and changes in one order under one counter, bounded in number
// and length. The oldest of a kind make room for new ones of that kind.
import type { WallTime } from '@koi/lib/time';
import type { Charter, Decision, EventKind, Rejection } from './charter.ts';
import { CHANGES_MAX, DECISION_BYTES_MAX, DECISIONS_MAX } from './charter.ts';

/** What is to be remembered of a decision or a change. */
export interface EventNote {
  readonly subject: string;
  readonly rule: string;
  readonly text: string;
  readonly rejected?: readonly Rejection[];
}

/** When and under which leader it came about. */
export interface EventContext {
  readonly kind: EventKind;
  readonly term: number;
  readonly epoch: number;
  readonly at: WallTime;
}

/** An event that has no number yet. */
export type FreshEvent = Omit<Decision, 'number'>;

const BOUNDS: Readonly<Record<EventKind, number>> = {
  decision: DECISIONS_MAX,
  change: CHANGES_MAX,
};

export function eventOf(note: EventNote, context: EventContext): FreshEvent {
  const { subject, rule } = note;
  const text = shorten(note.text);
  const rejected = fitting(note.rejected ?? [], DECISION_BYTES_MAX - bytesOf(text));
  return { ...context, subject, rule, text, rejected };
}

/** A charter's timeline with some more events, in the order in which they came about. */
export function withEvents(charter: Charter, fresh: readonly FreshEvent[]): readonly Decision[] {
  let number = charter.decisions.at(-1)?.number ?? 0;
  const added = fresh.map((event) => {
    number += 1;
    return { number, ...event };
  });
  return trimmed([...charter.decisions, ...added]);
}

/** Without the oldest of each kind that has too many. */
export function trimmed(events: readonly Decision[]): readonly Decision[] {
  const over = (kind: EventKind) =>
    events.filter((event) => event.kind === kind).length - BOUNDS[kind];
  const left: Record<EventKind, number> = { decision: over('decision'), change: over('change') };
  if (left.decision <= 0 && left.change <= 0) return events;
  return events.filter(({ kind }) => {
    left[kind] -= 1;
    return left[kind] < 0;
  });
}

/** The rejections for which there is room; where some are left out, the last one says how many. */
function fitting(all: readonly Rejection[], room: number): readonly Rejection[] {
  const sizeOf = ({ runner, rule, reason }: Rejection) => bytesOf(runner + rule + reason);
  const sum = (some: readonly Rejection[]) => some.reduce((total, each) => total + sizeOf(each), 0);
  if (sum(all) <= room) return all;
  for (let kept = all.length - 1; kept >= 0; kept -= 1) {
    const rest = { runner: '', rule: '', reason: `and ${all.length - kept} more` };
    const cut = [...all.slice(0, kept), rest];
    if (sum(cut) <= room) return cut;
  }
  return [];
}

/** At most `DECISION_BYTES_MAX` bytes of UTF-8, cut at a character. */
export function shorten(text: string): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += bytesOfCharacter(character);
    if (bytes > DECISION_BYTES_MAX) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += bytesOfCharacter(character);
  return bytes;
}

/** In UTF-8. */
function bytesOfCharacter(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
