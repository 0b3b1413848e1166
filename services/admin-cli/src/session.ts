// One run of a command: its options and its surroundings.
import type { Duration } from '@koi/lib/time';
import type { Terminal } from './terminal.ts';

/** How answers are printed. */
export type Output = 'text' | 'wide' | 'json';

/** The options that every command takes. */
export interface GlobalOptions {
  /** As given on the command line; undefined: not given. */
  readonly config?: string;
  /** host:port, or unix:/path. Overrides the search. */
  readonly elector?: string;
  /** For the whole command; undefined: each kind of command has its own bound. */
  readonly timeout?: Duration;
  readonly output: Output;
}

/** What a command works with. */
export interface Session {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
}
