// What a command is: its words, its arguments and options, and the code that is loaded when it runs.
// The command line and its help are made from this alone.
import type { ExitCode } from './failure.ts';
import type { Session } from './session.ts';

/** A word on the command line after the command's name. */
export interface ArgumentEntry {
  readonly name: string;
  readonly required: boolean;
  /** What it is, lower case, no full stop. */
  readonly summary: string;
  /** The only words allowed; absent: any. */
  readonly choices?: readonly string[];
  /** Whether it names a runner, any node or a file: for completion. */
  readonly names?: 'runner' | 'node' | 'file';
}

/** An option of a command. */
export interface OptionEntry {
  /** As people write it: "--since <time>". */
  readonly flags: string;
  /** What it does, lower case, no full stop. */
  readonly summary: string;
  /** The only words allowed as its value; absent: any. For completion. */
  readonly choices?: readonly string[];
  /** Whether its value names a file or an elector: for completion. */
  readonly names?: 'file' | 'elector';
}

/** The options that were given, as they were written, by name in camelCase. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** One command. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What it does, lower case, no full stop. */
  readonly summary: string;
  readonly arguments?: readonly ArgumentEntry[];
  readonly options?: readonly OptionEntry[];
  /** At least one, without the program's name. */
  readonly examples: readonly string[];
  /** Loads what it needs, and runs it. An argument that was not given is undefined. */
  readonly run: (
    session: Session,
    args: readonly (string | undefined)[],
    options: OptionValues,
  ) => Promise<ExitCode>;
}
