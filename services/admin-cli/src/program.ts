// The command line as a whole: options, commands, and how a run ends.
import { readAddress } from '@koi/lib/config-address';
import { readDuration } from '@koi/lib/config-duration';
import type { Duration } from '@koi/lib/time';
import { VERSION } from '@koi/lib/version';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { addCheckConfig } from './commands/check-config.ts';
import { addConfirmDown } from './commands/confirm-down.ts';
import { addDemote } from './commands/demote.ts';
import { addElect } from './commands/elect.ts';
import { addEvents } from './commands/events.ts';
import { addGetCluster } from './commands/get-cluster.ts';
import { addLocal } from './commands/local.ts';
import { addMaintenance } from './commands/maintenance.ts';
import { addPromote } from './commands/promote.ts';
import { addRecover } from './commands/recover.ts';
import { addStart } from './commands/start.ts';
import { addStop } from './commands/stop.ts';
import { describeFailure, EXIT, type ExitCode, Failure } from './failure.ts';
import type { GlobalOptions, OpenSession } from './session.ts';
import type { Terminal } from './terminal.ts';

const COMMANDS: readonly ((program: Command, open: OpenSession) => void)[] = [
  addGetCluster,
  addPromote,
  addDemote,
  addElect,
  addMaintenance,
  addStart,
  addStop,
  addRecover,
  addConfirmDown,
  addEvents,
  addLocal,
  addCheckConfig,
];

/**
 * Runs one command line, without the program's own name. Returns the exit code; never throws for
 * what is expected.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = build(terminal);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.DONE;
  } catch (error) {
    if (error instanceof Failure) {
      terminal.err(describeFailure(error));
      return error.exitCode;
    }
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said it already.
    return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
  }
}

function build(terminal: Terminal): Command {
  const program = new Command('koi-admin')
    .description(
      'Shows and orders a koi cluster. Any elector answers; one that does not lead relays.',
    )
    .version(VERSION)
    // Inherited by every command that is added below.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(describeUsage(text)),
      getOutHasColors: () => terminal.colour,
      getErrHasColors: () => false,
    })
    .option('--config <file>', 'configuration (default: $KOI_CONFIG, else /etc/koi/koi.yaml)')
    .option('--elector <host:port>', 'ask this elector and no other', readElector)
    .option('--timeout <duration>', 'give up after this long, like 500ms or 1m', readTimeout, 5_000)
    .addOption(
      new Option('-o, --output <format>', 'json: the response message as proto3 JSON')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', `\n${EPILOGUE}`);
  const open = () => ({ terminal, options: program.opts<GlobalOptions>() });
  for (const add of COMMANDS) add(program, open);
  return program;
}

const EPILOGUE = `Examples:
  $ koi-admin get-cluster
  $ koi-admin --elector 10.0.0.1:42012 promote b

Asked are --elector, else this host's elector socket, else the configured electors
in their order, 300 ms each.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no elector answers or
nobody leads.`;

function readElector(text: string): string {
  if (/^unix:\//.test(text)) return text;
  const address = readAddress(text);
  if (typeof address === 'string') throw new InvalidArgumentError(`${address}.`);
  return text;
}

function readTimeout(text: string): Duration {
  const timeout = readDuration(text);
  if (timeout === undefined || timeout <= 0) {
    throw new InvalidArgumentError('It must be a duration like 500ms, 5s or 1m.');
  }
  return timeout;
}

/** Commander's complaint in our form: its suggestion is a hint. */
function describeUsage(text: string): string {
  const [complaint = '', suggestion = ''] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const hint = suggestion.replace(/^\((.*)\)$/, '$1') || '`koi-admin --help` lists the commands';
  return describeFailure(new Failure(EXIT.USAGE, complaint, hint));
}
