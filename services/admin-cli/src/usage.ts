// Everything about the command line that is not a plain command: help, suggestions, wrong usage.
import { VERSION } from '@koi/lib/version';
import { Argument, Command, CommanderError } from 'commander';
import type { CommandEntry, OptionValues } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { describeFailure, EXIT, type ExitCode, Failure } from './failure.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { globalOptions } from './plain-command.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line as the library reads it. Throws a `Failure` where the command does. */
export async function runAsTold(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.DONE;
  const program = build(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said it already.
    return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE;
  }
}

function build(terminal: Terminal, done: (code: ExitCode) => void): Command {
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
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', `\n${EPILOGUE}`);
  for (const { flags, summary } of GLOBAL_OPTIONS) program.option(flags, summary);
  for (const entry of COMMANDS) {
    addCommand(program, entry, async (args, options) => {
      const session = { terminal, options: globalOptions(program.opts()) };
      done(await entry.run(session, args, options));
    });
  }
  return program;
}

function addCommand(
  program: Command,
  entry: CommandEntry,
  act: (args: readonly (string | undefined)[], options: OptionValues) => Promise<void>,
): void {
  const command = program.command(entry.name).description(entry.summary);
  command.aliases([...(entry.aliases ?? [])]);
  for (const { name, required, summary, choices } of entry.arguments ?? []) {
    const words = choices === undefined ? name : choices.join('|');
    const argument = new Argument(required ? `<${words}>` : `[${words}]`, summary);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const { flags, summary } of entry.options ?? []) command.option(flags, summary);
  const aliases = entry.aliases === undefined ? [] : [`Aliases: ${entry.aliases.join(', ')}`, ''];
  const examples = entry.examples.map((example) => `  $ koi-admin ${example}`);
  const title = examples.length === 1 ? 'Example:' : 'Examples:';
  command.addHelpText('after', `\n${[...aliases, title, ...examples].join('\n')}`);
  const count = entry.arguments?.length ?? 0;
  // Commander passes the arguments, then the options.
  command.action((...passed: unknown[]) => {
    const args = passed
      .slice(0, count)
      .map((value) => (typeof value === 'string' ? value : undefined));
    return act(args, command.opts<OptionValues>());
  });
}

const EPILOGUE = `Examples:
  $ koi-admin get-cluster
  $ koi-admin why
  $ koi-admin --elector 10.0.0.1:42012 promote b

Asked are --elector, else this host's elector socket, else the configured electors
in their order, 300 ms each.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no elector answers or
nobody leads, 130 interrupted while a change was followed: the change goes on.`;

/** Commander's complaint in our form: its suggestion is a hint. */
function describeUsage(text: string): string {
  const [complaint = '', suggestion = ''] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const hint = suggestion.replace(/^\((.*)\)$/, '$1') || '`koi-admin --help` lists the commands';
  return describeFailure(new Failure(EXIT.USAGE, complaint, hint));
}
