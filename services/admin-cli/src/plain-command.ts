// Reads a plain command line: a known command, its own options, as many words as it takes. Whatever
// else there is, help included, is left to usage.ts.
import { parseArgs } from 'node:util';
import type { CommandEntry, OptionValues } from './command.ts';
import { COMMANDS, commandNamed } from './command-table.ts';
import { readChoice, readElector, readTimeout } from './option-values.ts';
import type { GlobalOptions, Output } from './session.ts';

/** What is asked for. */
export interface CommandLine {
  readonly entry: CommandEntry;
  readonly global: GlobalOptions;
  readonly args: readonly (string | undefined)[];
  readonly options: OptionValues;
}

/** Global options as they are written; all of them have a value. */
export type Written = Readonly<
  Partial<Record<'config' | 'elector' | 'timeout' | 'output', string>>
>;

const GLOBAL = {
  config: { type: 'string' },
  elector: { type: 'string' },
  timeout: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const;

/** The command line; undefined where it is not plain. */
export function commandLine(args: readonly string[]): CommandLine | undefined {
  const read = readArgs(args);
  if (read === undefined) return undefined;
  const { config, elector, timeout, output, ...options } = read.values;
  const [name = '', ...words] = read.positionals;
  const entry = commandNamed(name);
  if (entry === undefined || !takes(entry, words, options)) return undefined;
  const written = { config, elector, timeout, output };
  return { entry, global: globalOptions(strings(written)), args: words, options };
}

/** The options that every command takes, from what was written. */
export function globalOptions({ config, elector, timeout, output }: Written): GlobalOptions {
  return {
    ...(config === undefined ? {} : { config }),
    ...(elector === undefined ? {} : { elector: readElector(elector) }),
    ...(timeout === undefined ? {} : { timeout: readTimeout(timeout) }),
    output: readChoice<Output>('--output', output ?? 'text', ['text', 'wide', 'json']),
  };
}

/** The name of an option, and whether it has a value. */
export function optionOf(flags: string): { readonly name: string; readonly valued: boolean } {
  const [, name = ''] = /^--([a-z-]+)/.exec(flags) ?? [];
  return { name, valued: flags.includes('<') };
}

interface Read {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

function readArgs(args: readonly string[]): Read | undefined {
  const known = COMMANDS.flatMap(({ options = [] }) => options.map(({ flags }) => optionOf(flags)));
  const own = known.map(({ name, valued }) => {
    return [name, { type: valued ? ('string' as const) : ('boolean' as const) }] as const;
  });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...Object.fromEntries(own), ...GLOBAL },
      allowPositionals: true,
      // --no-wait.
      allowNegative: true,
    });
    return { values, positionals };
  } catch {
    return undefined;
  }
}

/** Whether a command takes these words and options. */
function takes(entry: CommandEntry, words: readonly string[], options: OptionValues): boolean {
  const { arguments: wanted = [], options: known = [] } = entry;
  const required = wanted.filter(({ required: needed }) => needed).length;
  if (words.length < required || words.length > wanted.length) return false;
  const chosen = wanted.every(({ choices }, index) => {
    const word = words[index];
    return word === undefined || choices === undefined || choices.includes(word);
  });
  const flags = known.map((option) => optionOf(option.flags).name);
  return (
    chosen &&
    Object.entries(options).every(([name, value]) => {
      return flags.includes(value === false ? `no-${name}` : name);
    })
  );
}

function strings(values: Readonly<Record<string, string | boolean | undefined>>): Written {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => typeof value === 'string'),
  );
}
