// The command line as a whole: what is asked for, and how a run ends. A plain command line is read
// here; the library that knows help, suggestions and every wrong usage is loaded only for those, since
// it costs as much as a good part of an answer.

import { describeFailure, type ExitCode, Failure } from './failure.ts';
import { commandLine } from './plain-command.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs one command line, without the program's own name. Returns the exit code; never throws for
 * what is expected.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    const plain = commandLine(args);
    if (plain === undefined) return await (await import('./usage.ts')).runAsTold(args, terminal);
    return await plain.entry.run({ terminal, options: plain.global }, plain.args, plain.options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.err(describeFailure(error));
    return error.exitCode;
  }
}
