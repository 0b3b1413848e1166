// How a command ends when it cannot do what was asked: an exit code, a sentence, and what to do.
import { neutral } from './render/neutral.ts';

/** Exit codes. Documented: scripts rely on them. */
export const EXIT = {
  DONE: 0,
  /** Refused or failed; the reason is on standard error. */
  REFUSED: 1,
  /** The command line itself is wrong. */
  USAGE: 2,
  /** No elector answers, or nobody leads. */
  UNREACHABLE: 3,
  /** Ctrl-C while a change was followed: as a shell says of a program that SIGINT ended. */
  INTERRUPTED: 130,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Ends a command. The message is printed after `koi-admin: error: `, each hint on a line of its
 * own.
 */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  readonly hints: readonly string[];

  constructor(exitCode: ExitCode, message: string, ...hints: readonly string[]) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.hints = hints;
  }
}

/** As it is printed: lower-case first letter, no full stop, hints below. */
export function describeFailure(failure: Failure): string {
  // A wrong configuration has a line for each problem.
  const lines = failure.message.split('\n').map((text) => `koi-admin: error: ${asClause(text)}`);
  for (const hint of failure.hints) lines.push(`koi-admin: hint: ${asClause(hint)}`);
  return `${lines.join('\n')}\n`;
}

/** A daemon's sentence as the end of a line that begins elsewhere. Acronyms keep their capitals. */
export function asClause(sentence: string): string {
  const text = neutral(sentence).replace(/\.$/, '');
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
