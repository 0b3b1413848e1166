// What a mutant is: production code with one rule taken out, and the run that shows it. A mutant that no
// run shows is a hole in the simulator, or its rule is not needed.
import type { PromiseName } from '../checkers/promises.ts';

/** One change of one file. The text must occur in it exactly once. */
export interface Edit {
  /** From the top of the repository. */
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

/** Edits of one file. */
export function editorOf(file: string): (text: string, instead: string) => Edit {
  return (text, instead) => ({ file, text, instead });
}

/** Where a mutant is caught: in one of so many seeds, counted from the first, or in a written story. */
export type Trap =
  | { readonly seeds: { readonly from: number; readonly count: number } }
  | { readonly scenario: string };

/** A promise that the checkers watch over in every run, or a sentence of the story that must hold. */
export type Promised = PromiseName | { readonly mustHold: string };

/** One rule taken out of the production code. */
export interface Mutant {
  /** What is done wrong, in a few words. */
  readonly name: string;
  /** The rule of docs/PROTOCOL.md that forbids it; `2` is what its second section says of the charter. */
  readonly rule: string;
  readonly edits: readonly Edit[];
  readonly trap: Trap;
  /** What breaks. A run that breaks something else only is no proof. */
  readonly promise: Promised;
  readonly cover?: Cover;
}

/**
 * Another rule that catches the same fault, so that either alone is enough. Both are kept, and the proof
 * has two halves: with the cover gone the rule by itself still keeps the promise in the trap; with both
 * gone it breaks.
 */
export interface Cover {
  /** Why the cover is enough where it stands, and why the rule is kept beside it. */
  readonly argument: string;
  readonly edits: readonly Edit[];
}

/** What one run came to. */
export interface TrialLine {
  /** The seed, or the name of the story. */
  readonly run: string;
  /** Promises that broke, each with what happened. */
  readonly broken: readonly string[];
  /** What else ended the run, and proves nothing: an exception, a story that does not go on. */
  readonly breakdown: string | undefined;
}

/** What a trial is asked for. */
export interface TrialOrder {
  readonly trap: Trap;
  readonly promise: Promised;
  /** How many runs that break the promise end it. */
  readonly enough: number;
}

/** What of a run broke a promise; undefined: it was kept. */
export function breach({ broken }: TrialLine, promise: Promised): string | undefined {
  const start = typeof promise === 'string' ? `${promise}: ` : `"${promise.mustHold}" `;
  return broken.find((text) => text.startsWith(start));
}
