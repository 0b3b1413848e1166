// The decisions that a charter remembers, bounded in number and length.
import type { WallTime } from '@koi/lib/time';
import type { Charter, Decision } from './charter.ts';
import { DECISION_BYTES_MAX, DECISIONS_MAX } from './charter.ts';

/** What is to be remembered of a decision. */
export interface DecisionNote {
  readonly subject: string;
  readonly rule: string;
  readonly text: string;
}

/** A charter's decisions with one more, the oldest ones dropped. */
export function withDecision(
  charter: Charter,
  note: DecisionNote,
  context: { readonly term: number; readonly epoch: number; readonly at: WallTime },
): readonly Decision[] {
  const number = (charter.decisions.at(-1)?.number ?? 0) + 1;
  const decision: Decision = { number, ...context, ...note, text: shorten(note.text) };
  return [...charter.decisions, decision].slice(-DECISIONS_MAX);
}

/** At most `DECISION_BYTES_MAX` bytes of UTF-8, cut at a character. */
export function shorten(text: string): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > DECISION_BYTES_MAX) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
