// koi-admin: shows and orders a cluster. Everything but the exit code is in program.ts.
import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

process.exitCode = await run(process.argv.slice(2), processTerminal());
