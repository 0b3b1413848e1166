// The sentence of a decision that makes a runner master, and the reason in it.
import type { Decision } from './charter.ts';

/** `why`: how the last holder came to be down; empty where there was none. */
export function describeChoice(why: string, name: string, epoch: number, reason: string): string {
  const before = why === '' ? '' : `${why}; `;
  return `${before}${opening(name, epoch)}${reason}`;
}

/** Why that runner was chosen, as in "it has the highest priority (2)". */
export function reasonOfChoice({ subject, epoch, text }: Decision): string {
  const mark = opening(subject, epoch);
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(at + mark.length);
}

function opening(name: string, epoch: number): string {
  return `${name} is promoted (epoch ${epoch}): `;
}
