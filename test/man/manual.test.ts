// The pages of docs/man say what the code says: commands, options, signals, exit codes, variables. What is
// there and not documented fails here, and what is documented and not there.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fileSchema } from '@koi/lib/config-schema';
import { DAEMON_OPTIONS } from '@koi/lib/daemon';
import { EXIT_CONFIGURATION, EXIT_FAULT, EXIT_STOPPED } from '@koi/lib/signals';
import test from 'ava';
import * as v from 'valibot';
import { COMMANDS } from '../../services/admin-cli/src/command-table.ts';
import { wordTable } from '../../services/admin-cli/src/completion/word-table.ts';
import { EXIT } from '../../services/admin-cli/src/failure.ts';
import { GLOBAL_OPTIONS } from '../../services/admin-cli/src/global-options.ts';
import { commandLine } from '../../services/admin-cli/src/plain-command.ts';
import { itemsOf, type MdocPage, readPage, wordsAfter } from './mdoc-page.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = readdirSync(`${root}docs/man`);
const table = wordTable(COMMANDS, GLOBAL_OPTIONS);

/** What the sources of some folders say, tests apart. */
function sources(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
      .map((file) => readFileSync(`${root}${folder}/${file}`, 'utf8')),
  );
}

/** The variables that a program reads, whichever way it is written. */
function variables(...folders: readonly string[]): readonly string[] {
  const found = sources(...folders).flatMap((text) => [
    ...[...text.matchAll(/\benv\['([A-Z_]+)'\]/g)].map(([, name = '']) => name),
    ...[...text.matchAll(/\{([^{}]*)\} = [\w.]*\benv;/g)].flatMap(([, names = '']) => {
      return names.match(/\b[A-Z][A-Z_]+\b/g) ?? [];
    }),
  ]);
  return [...new Set(found)].toSorted();
}

function documented(page: MdocPage, section: string, macro: string): readonly string[] {
  return itemsOf(page, section)
    .flatMap(({ head }) => wordsAfter(head, macro))
    .toSorted();
}

// Skipped where there is no formatter. `.ci/run` installs it.
const formatter = spawnSync('mandoc', ['-T', 'lint', '/dev/null']).error === undefined;

(formatter ? test : test.skip)('the formatter has nothing against them', (t) => {
  for (const page of pages) {
    const lint = ['-T', 'lint', '-W', 'warning', `docs/man/${page}`];
    t.is(spawnSync('mandoc', lint, { cwd: root, encoding: 'utf8' }).stdout, '', page);
  }
});

test('each page refers to those that are there', (t) => {
  for (const name of pages) {
    for (const [, page, section] of readPage(name).text.matchAll(/^\.Xr (\S+) (\d)/gm)) {
      t.true(pages.includes(`${page}.${section}`), `${name} refers to ${page}(${section})`);
    }
  }
});

test('each page has what a page has', (t) => {
  const always = ['NAME', 'DESCRIPTION', 'FILES', 'EXAMPLES', 'SEE ALSO'];
  const programs = ['SYNOPSIS', 'OPTIONS', 'ENVIRONMENT', 'EXIT STATUS'];
  const wanted = {
    'koi-admin.1': [...programs, 'COMMANDS'],
    'koi-elector.8': [...programs, 'SIGNALS'],
    'koi-runner.8': [...programs, 'SIGNALS'],
    'koi.yaml.5': ['RELOAD'],
  };
  for (const [name, own] of Object.entries(wanted)) {
    const { sections } = readPage(name);
    for (const section of [...always, ...own])
      t.true(sections.includes(section), `${name} ${section}`);
  }
});

test('koi-admin(1): every command with its aliases, options and arguments', (t) => {
  const items = itemsOf(readPage('koi-admin.1'), 'COMMANDS');
  const told = items.map(({ head }) => {
    // The command's own words come first, those that an argument can be are elsewhere.
    const end = head.findIndex((word, index) => index > 0 && /^[A-Z][a-z]$/.test(word));
    const own = end === -1 ? head : head.slice(0, end);
    const rest = end === -1 ? [] : head.slice(end);
    const valued = [...rest.join(' ').matchAll(/Fl (-[\w-]+) Ar \w+/g)].map(([, flag]) => flag);
    // What is left of the line when options are taken away.
    const places = rest.join(' ').replace(/Fl -[\w-]+( Ar \w+)?/g, '');
    return {
      words: wordsAfter(own, 'Cm'),
      flags: wordsAfter(rest, 'Fl').toSorted(),
      valued: valued.toSorted(),
      choices: wordsAfter(rest, 'Cm'),
      names: [...places.matchAll(/Ar (\w+)/g)].map(([, name]) => name),
      optional: /O[op] Ar \w+/.test(places),
    };
  });
  const known = table.commands.map(({ words, options, arguments: list }) => {
    const entry = COMMANDS.find(({ name }) => name === words[0]);
    return {
      words,
      flags: options.map((option) => option.words.at(-1)?.slice(1)).toSorted(),
      valued: options
        .filter(({ value }) => value !== undefined)
        .map((option) => option.words.at(-1)?.slice(1))
        .toSorted(),
      choices: entry?.arguments?.flatMap(({ choices = [] }) => choices) ?? [],
      names: list
        .filter((_, index) => entry?.arguments?.[index]?.choices === undefined)
        .map(({ name }) => name),
      optional: entry === undefined || entry.arguments?.some(({ required }) => !required) === true,
    };
  });
  const byName = (one: { words: readonly string[] }) => one.words.join();
  t.deepEqual(
    told.toSorted((a, b) => byName(a).localeCompare(byName(b))),
    known.toSorted((a, b) => byName(a).localeCompare(byName(b))),
  );
  for (const { head, body } of items) t.true(body.length > 20, head.join(' '));
});

test('koi-admin(1): the options of every command, and their words', (t) => {
  const page = readPage('koi-admin.1');
  const known = [...table.options, ...table.bare];
  const flags = known.flatMap(({ words }) => words.map((word) => word.slice(1)));
  t.deepEqual(documented(page, 'OPTIONS', 'Fl'), flags.toSorted());
  for (const { words, value } of known) {
    const item = itemsOf(page, 'OPTIONS').find(({ head }) =>
      head.includes(words.at(-1)?.slice(1) ?? ''),
    );
    if (value !== undefined) t.is(item?.head.at(-1), value.name);
    const choices = value?.offer.kind === 'words' ? value.offer.words : [];
    const told = [...(item?.body ?? '').matchAll(/^\.Cm (\w+)$/gm)].map(([, word = '']) => word);
    t.deepEqual(
      told.filter((word) => word !== 'watch'),
      choices,
    );
  }
});

test('examples are command lines', (t) => {
  for (const page of pages) {
    for (const [, example = ''] of readPage(page).text.matchAll(/^\.Dl [$#] koi-admin (.*)$/gm)) {
      const [written = ''] = example.split(/ [>|] | && /);
      t.not(commandLine(written.split(' ')), undefined, example);
    }
  }
});

test('koi-admin(1): exit codes and variables', (t) => {
  const page = readPage('koi-admin.1');
  const codes = itemsOf(page, 'EXIT STATUS').map(({ head }) => Number(head[0]));
  t.deepEqual(codes, Object.values(EXIT));
  t.deepEqual(documented(page, 'ENVIRONMENT', 'Ev'), variables('services/admin-cli/src'));
});

for (const daemon of ['elector', 'runner'] as const) {
  test(`koi-${daemon}(8): options, signals, exit codes, variables, files`, (t) => {
    const page = readPage(`koi-${daemon}.8`);
    const flags = Object.keys(DAEMON_OPTIONS).map((name) => `-${name}`);
    t.deepEqual(documented(page, 'OPTIONS', 'Fl'), flags.toSorted());
    const own = readFileSync(`${root}services/${daemon}/src/main.ts`, 'utf8');
    const handled = [own, ...sources('lib/src')].flatMap((text) =>
      [...text.matchAll(/process\.on\('(SIG\w+)'/g)].map(([, signal = '']) => signal),
    );
    t.deepEqual(documented(page, 'SIGNALS', 'Dv'), handled.toSorted());
    const codes = itemsOf(page, 'EXIT STATUS').map(({ head }) => Number(head[0]));
    t.deepEqual(codes, [EXIT_STOPPED, EXIT_FAULT, EXIT_CONFIGURATION]);
    const read = variables('lib/src', `services/${daemon}/src`);
    t.deepEqual(documented(page, 'ENVIRONMENT', 'Ev'), read);
    const section: Readonly<Record<string, unknown>> = v.getDefaults(
      v.unwrap(fileSchema.pipe[1].entries[daemon]).pipe[1],
    );
    const paths = Object.values(section).filter((value) => `${value}`.startsWith('/'));
    t.true(paths.length > 1);
    const files = documented(page, 'FILES', 'Pa');
    for (const path of paths) t.true(files.includes(`${path}`), `${path}`);
  });
}
