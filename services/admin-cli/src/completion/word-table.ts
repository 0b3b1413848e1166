// What can stand on a command line, as the three shells need it: made from the list of commands alone,
// so that a script can offer nothing that koi-admin does not take.
import type { ArgumentEntry, CommandEntry, OptionEntry } from '../command.ts';

/** Where the words come from that can stand in a place. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Of `koi-admin completion SHELL --names KIND`. */
  | { readonly kind: 'names'; readonly of: 'runners' | 'nodes' | 'electors' }
  | { readonly kind: 'files' }
  /** Only the person knows. */
  | { readonly kind: 'nothing' };

/** An option. */
export interface OptionWords {
  /** Shortest first: `-o`, `--output`. */
  readonly words: readonly string[];
  readonly summary: string;
  /** Its value; undefined: it has none. */
  readonly value: { readonly name: string; readonly offer: Offer } | undefined;
}

/** A command. */
export interface CommandWords {
  /** The name, then its aliases. */
  readonly words: readonly string[];
  readonly summary: string;
  /** Global ones apart. */
  readonly options: readonly OptionWords[];
  readonly arguments: readonly { readonly name: string; readonly offer: Offer }[];
}

/** All of it. */
export interface WordTable {
  readonly commands: readonly CommandWords[];
  /** After every command. */
  readonly options: readonly OptionWords[];
  /** Instead of a command. */
  readonly bare: readonly OptionWords[];
}

/** The library that reads the command line knows these by itself. */
const HELP: OptionWords = {
  words: ['-h', '--help'],
  summary: 'show help',
  value: undefined,
};
const VERSION: OptionWords = {
  words: ['-V', '--version'],
  summary: 'show the version',
  value: undefined,
};

/** Makes the table. */
export function wordTable(
  entries: readonly CommandEntry[],
  options: readonly OptionEntry[],
): WordTable {
  const commands = entries.map((entry) => ({
    words: [entry.name, ...(entry.aliases ?? [])],
    summary: entry.summary,
    options: (entry.options ?? []).map(optionWords),
    arguments: (entry.arguments ?? []).map((argument) => ({
      name: argument.name,
      offer: offerOf(argument),
    })),
  }));
  const names = commands.flatMap(({ words }) => words);
  const help: CommandWords = {
    words: ['help'],
    summary: 'show the help of a command',
    options: [],
    arguments: [{ name: 'command', offer: { kind: 'words', words: names } }],
  };
  return {
    commands: [...commands, help],
    options: [...options.map(optionWords), HELP],
    bare: [VERSION],
  };
}

/** "-o, --output <format>" in its parts. */
function optionWords(entry: OptionEntry): OptionWords {
  const [, words = '', name] = /^([^<]*?)(?: <(.*)>)?$/.exec(entry.flags) ?? [];
  return {
    words: words.split(', '),
    summary: entry.summary,
    value: name === undefined ? undefined : { name, offer: offerOf(entry) },
  };
}

const NAMES = { runner: 'runners', node: 'nodes', elector: 'electors' } as const;

function offerOf({
  choices,
  names,
}: Pick<ArgumentEntry | OptionEntry, 'choices' | 'names'>): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (names === 'file') return { kind: 'files' };
  return names === undefined ? { kind: 'nothing' } : { kind: 'names', of: NAMES[names] };
}
