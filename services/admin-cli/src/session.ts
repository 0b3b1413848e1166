// One run of a command: its options and its surroundings.
import type { Duration } from '@koi/lib/time';
import type { Terminal } from './terminal.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  /** As given on the command line; undefined: not given. */
  readonly config?: string;
  /** host:port, or unix:/path. Overrides the search. */
  readonly elector?: string;
  /** For the whole command. */
  readonly timeout: Duration;
  readonly output: 'text' | 'json';
}

/** What a command works with. */
export interface Session {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
}

/** Opens the session once the command line is parsed. */
export type OpenSession = () => Session;
