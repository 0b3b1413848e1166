// koi.yaml(5) says what the configuration's own reader says: every key, its kind, its default, its bounds, and
// what a reload may change. The reader is asked by giving it values, right ones and wrong ones.
import type { Config } from '@koi/lib/config';
import { DURATION_MAX, readDuration, writeDuration } from '@koi/lib/config-duration';
import { ConfigError } from '@koi/lib/config-error';
import { knownKeys, parseConfig } from '@koi/lib/config-file';
import { CONFIG_KEYS } from '@koi/lib/config-keys';
import {
  DEMOTE_GRACE_MIN,
  DRIFT_MIN,
  failover,
  LEADER_LEASE_HEARTBEATS,
  PRESETS,
} from '@koi/lib/timing';
import test from 'ava';
import { itemsOf, readPage } from './mdoc-page.ts';

const page = readPage('koi.yaml.5');

interface Key {
  /** The section in which it stands, as the reader calls it: empty at the top. */
  readonly section: string;
  readonly name: string;
  /** The words that it can be, or empty. */
  readonly words: readonly string[];
  /** `duration`, or empty where it is only words. */
  readonly kind: string;
  readonly required: boolean;
  /** As it would be written; undefined: none is told, or it depends. */
  readonly fallback: string | undefined;
  readonly body: string;
}

/** The keys of the page: `.It Cm KEY : KIND , No default Li VALUE`. */
const keys: readonly Key[] = itemsOf(page, 'DESCRIPTION')
  .filter(({ subsection }) => subsection !== '')
  .map(({ subsection, head, body }) => {
    const line = head.join(' ');
    const [, name = '', kinds = '', rest = ''] =
      /^Cm (\w+) : (.*?)(?: , No (.*))?$/.exec(line) ?? [];
    const [, words = ''] = /^Cm ([\w |]+?)(?: Ar \w+)?$/.exec(kinds) ?? [];
    return {
      section: subsection === 'Top level' ? '' : subsection,
      name,
      words: words === '' ? [] : words.split(' | ').map((word) => word.replace(/ \|$/, '')),
      kind: /Ar (\w+)$/.exec(kinds)?.[1] ?? '',
      required: rest === 'required',
      fallback: /^default Li (.*)$/.exec(rest)?.[1],
      // A bound can be told of all keys of a section.
      body: `${body}${introduction(subsection)}`,
    };
  });

/** What is told between a subsection's title and its list. */
function introduction(subsection: string): string {
  const [, after = ''] = page.text.split(`\n.Ss ${subsection}\n`);
  return after.slice(0, Math.max(0, after.indexOf('\n.Bl')));
}

type Content = Readonly<Record<string, unknown>>;

const ELECTOR: Content = { name: 'a', address: '127.0.0.1:42012' };
const TLS: Content = { ca: '/ca', certificate: '/certificate', key: '/key' };

/** A whole file in which one key has a value; undefined: it is not there. */
function contentWith({ section, name }: Pick<Key, 'section' | 'name'>, value: unknown): Content {
  const base: Content = { cluster: 'shop', name: 'a', electors: [ELECTOR] };
  switch (section) {
    case '':
      return { ...base, [name]: value };
    case 'electors':
      return { ...base, electors: [{ ...ELECTOR, [name]: value }] };
    case 'tls':
      return { ...base, tls: { ...TLS, [name]: value } };
    default:
      return { ...base, [section]: { [name]: value } };
  }
}

function read(content: Content): Config {
  return parseConfig(JSON.stringify(content), '/etc/koi/koi.yaml', 'a');
}

/** What the reader says against a value of a key; undefined: nothing. */
function refusal(key: Pick<Key, 'section' | 'name'>, value: unknown): string | undefined {
  try {
    read(contentWith(key, value));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.find((problem) => problem.key.endsWith(key.name))?.text;
  }
}

/** As YAML would read it. */
function written(value: string): unknown {
  return /^(true|false|-?\d+)$/.test(value) ? JSON.parse(value) : value;
}

function pathOf({ section, name }: Pick<Key, 'section' | 'name'>): string {
  return section === '' ? name : `${section}.${name}`;
}

test('every key is documented, and no other', (t) => {
  const known = [...knownKeys()].flatMap(([section, names]) =>
    names.map((name) => pathOf({ section: section.replace('.*', ''), name })),
  );
  t.true(known.length > 40);
  const certificates = Object.keys(TLS).map((name) => `tls.${name}`);
  const all = new Set([...known, ...certificates]);
  t.deepEqual(keys.map(pathOf).toSorted(), [...all].toSorted());
});

/** What the reader calls a kind, and a value that is none. */
const kinds: Readonly<Record<string, readonly [says: RegExp, wrong: unknown]>> = {
  name: [/must be a name of at most 64 /, {}],
  address: [/must be an address like /, {}],
  path: [/must be a path/, {}],
  integer: [/must be a whole number/, 1.5],
  number: [/must be a number/, 'x'],
  duration: [/must be a duration /, {}],
  percentage: [/must be a percentage /, {}],
  section: [/must be .*a section /, 5],
  list: [/must be a list of electors/, 5],
};

test('every kind is the one that the reader wants', (t) => {
  for (const key of keys) {
    const [says, wrong] = kinds[key.kind] ?? [/must be /, {}];
    t.regex(refusal(key, wrong) ?? 'nothing', says, pathOf(key));
    const flags = ['true', 'false'];
    for (const word of key.words)
      t.is(refusal(key, written(word)), undefined, `${key.name}: ${word}`);
    if (key.kind !== '' || key.words.length === 0) continue;
    const told = refusal(key, 'nonsense')?.match(/(?<=")\w+(?=")|true|false/g);
    t.deepEqual(told?.filter((word) => word !== 'nonsense').toSorted(), key.words.toSorted());
    t.is(flags.includes(key.words[0] ?? ''), /true or false/.test(refusal(key, 5) ?? ''));
  }
});

test('what is required is, and nothing else', (t) => {
  for (const key of keys) {
    t.is(refusal(key, undefined) !== undefined, key.required, pathOf(key));
  }
});

test('every default is the one that the reader takes', (t) => {
  for (const key of keys.filter(({ fallback }) => fallback !== undefined)) {
    const value = written(key.fallback ?? '');
    t.deepEqual(read(contentWith(key, value)), read(contentWith(key, undefined)), pathOf(key));
  }
  // Whoever has a default tells it; what differs from host to host is told in words.
  const untold = keys.filter(({ required, fallback }) => !required && fallback === undefined);
  t.deepEqual(
    untold.filter(({ kind }) => kind !== 'section').map(({ name }) => name),
    ['name', 'listen', 'workingDirectory', 'fence'],
  );
});

/** Their relations to each other keep them well above what the reader wants of any duration. */
const related = ['leaderLease', 'masterLease', 'demoteGrace'];

test('every bound is the one that the reader keeps', (t) => {
  for (const key of keys.filter(
    ({ kind, name }) => kind === 'duration' && !related.includes(name),
  )) {
    const [, least] = /at least (.*?),/.exec(refusal(key, '0ms') ?? '') ?? [];
    if (least !== undefined) tells(t, key, `at least ${least}`);
  }
  for (const key of keys.filter(({ kind }) => ['integer', 'number'].includes(kind))) {
    const [, range = ''] = /(from .*?),/.exec(refusal(key, 1e300) ?? '') ?? [];
    t.true(range.length > 5);
    tells(t, key, range);
  }
  const most = /at most (\S*),/.exec(
    refusal({ section: 'timing', name: 'drift' }, '99%') ?? '',
  )?.[1];
  tells(t, keyOf('timing.drift'), `at most ${most}`);
  tells(t, keyOf('timing.drift'), `at least ${DRIFT_MIN * 100} %`);
  tells(t, keyOf('timing.demoteGrace'), `at least ${writeDuration(DEMOTE_GRACE_MIN)}`);
  tells(t, keyOf('timing.leaderLease'), `at least ${LEADER_LEASE_HEARTBEATS} times the heartbeat`);
  t.true(page.text.includes(`at most ${writeDuration(DURATION_MAX)}.`));
});

function keyOf(path: string): Key {
  const key = keys.find((one) => pathOf(one) === path);
  if (key === undefined) throw new Error(`${path} is not documented`);
  return key;
}

function tells(
  t: { true(value: boolean, message: string): unknown },
  key: Key,
  text: string,
): void {
  t.true(key.body.toLowerCase().includes(text), `${pathOf(key)} does not say "${text}"`);
}

test('the fast times, and what follows from times', (t) => {
  for (const [name, value] of Object.entries(PRESETS.fast)) {
    if (value === PRESETS.default[name as keyof typeof PRESETS.fast]) continue;
    tells(t, keyOf(`timing.${name}`), `.li fast\n${writeDuration(value)}.`);
  }
  const seconds = (preset: 'default' | 'fast') =>
    (failover(PRESETS[preset], 3).masterDies / 1_000).toFixed(1);
  t.true(
    page.text.includes(`later: ${seconds('default')} seconds by default, ${seconds('fast')} with`),
  );
});

test('units are those that are read', (t) => {
  const units = itemsOf(page, 'DESCRIPTION').filter(({ subsection }) => subsection === '');
  const told = units.map(({ head }) => head[1] ?? '');
  const candidates = ['ns', 'us', 'ms', 's', 'm', 'h', 'd', 'w', 'min', 'sec', ''];
  t.deepEqual(
    told,
    candidates.filter((unit) => readDuration(`1${unit}`) !== undefined),
  );
});

test('what a reload may change', (t) => {
  const told = itemsOf(page, 'RELOAD').map(({ head }) => head.join(' ').replace('Li ', ''));
  const known = CONFIG_KEYS.flatMap(({ key, effect }) => {
    const daemons = (['elector', 'runner'] as const).filter(
      (daemon) => effect[daemon] === 'applied',
    );
    if (daemons.length === 0) return [];
    return [`${key} Ta ${daemons.map((daemon) => `koi-${daemon}`).join(', ')}`];
  });
  t.deepEqual(told.toSorted(), known.toSorted());
});

test('the example is a configuration', (t) => {
  const [, example = ''] = /\.Bd -literal -offset indent\n([\s\S]*?)\.Ed/.exec(page.text) ?? [];
  t.is(parseConfig(example, '/etc/koi/koi.yaml', 'a', { role: 'elector' }).times.heartbeat, 50);
});
