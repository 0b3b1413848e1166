// One run in a process of its own: everything but the compile cache.
import './native-base64.ts';
import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

/** Runs the process's command line, and ends the process. */
export async function runProcess(): Promise<void> {
  const code = await run(process.argv.slice(2), processTerminal());
  // Connections that nobody waits for any more must not hold the end up.
  process.exit(code);
}
