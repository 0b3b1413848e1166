// What the runner writes for the deadman is read by a shell as root: every value arrives as it is.
import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { parseResult } from './deadman-result.ts';
import {
  idOf,
  nameOf,
  orderNeedle,
  quoteForShell,
  type WatchedScript,
  type WatchedService,
  watchText,
} from './deadman-watch.ts';

const shells = ['bash', 'dash'];

/** What a shell makes of some text, value by value. */
function evaluate(shell: string, script: string): readonly string[] {
  const { stdout } = spawnSync(shell, ['-c', script], { encoding: 'utf8', env: { LC_ALL: 'C' } });
  return stdout.split('\0').slice(0, -1);
}

const anything = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .map((text) => text.replaceAll('\0', ''));

for (const shell of shells) {
  test(`a quoted word arrives as it is in ${shell}`, (t) => {
    const odd = [
      "'",
      "''",
      "a'b'c",
      '$(id)',
      '`id`',
      '\\',
      '\n',
      '"',
      '!x',
      '~',
      '*',
      ' ',
      '#x',
      '\t\r',
    ];
    const property = fc.property(fc.array(anything, { maxLength: 20 }), (some) => {
      const words = [...odd, ...some];
      const script = words.map((word) => `printf '%s\\0' ${quoteForShell(word)}`).join('\n');
      t.deepEqual(evaluate(shell, script), words);
    });
    fc.assert(property, { numRuns: 10 });
  });
}

function script(action: string, change: Partial<WatchedScript> = {}): WatchedScript {
  return {
    kind: 'directory',
    file: `/s/${action}`,
    directory: '/s',
    parameters: [],
    output: '',
    environment: {},
    ...change,
  };
}

function service(name: string, change: Partial<WatchedService> = {}): WatchedService {
  const tree = { kind: 'cgroup', directory: `/c/${name}` } as const;
  return {
    name,
    priority: undefined,
    demote: script('demote'),
    stop: script('stop'),
    tree,
    ...change,
  };
}

test('the whole file is what a shell reads', (t) => {
  const property = fc.property(anything, anything, (name, value) => {
    const one = service(name, {
      priority: 3,
      demote: script('demote', {
        kind: 'executable',
        file: value,
        parameters: ['demote'],
        environment: { A: value, KOI_SERVICE: name },
      }),
      tree: { kind: 'groups', file: value },
    });
    const fence = { file: value, environment: { B: value } };
    const text = watchText([one, service('plain')], fence);
    t.true(text.startsWith('# 2 promoted\n'));
    const show = [
      ...['fence', 'fence_environment', 'id', 'needle', 'priority', 'cgroup', 'groups'],
      ...['demote_file', 'demote_argument', 'demote_optional', 'demote_environment_1'],
    ].map((variable) => `printf '%s\\0' "\${${variable}[@]}" =`);
    t.deepEqual(evaluate('bash', `${text}\n${show.join('\n')}`), [
      ...[value, '=', `B=${value}`, '=', 'plain', idOf(name), '='],
      ...[orderNeedle('plain'), orderNeedle(name), '=', '', '3', '='],
      ...['/c/plain', '', '=', '', value, '=', '/s/demote', value, '=', '', 'demote', '='],
      ...['1', '0', '=', `A=${value}`, `KOI_SERVICE=${name}`, '='],
    ]);
    t.is(nameOf(idOf(name)), name);
  });
  fc.assert(property, { numRuns: 15 });
});

test('services go down by priority, the free ones first, then by name', (t) => {
  const services = [
    service('b', { priority: 1 }),
    service('c', { priority: 20 }),
    service('z'),
    service('a', { priority: 20 }),
    service('y'),
  ];
  const text = watchText(services, undefined);
  t.regex(text, /^id=\('y' 'z' 'a' 'c' 'b'\)$/m);
  t.regex(text, /^priority=\('' '' '20' '20' '1'\)$/m);
});

test('nothing promoted is a file as well', (t) => {
  t.regex(watchText([], undefined), /^# 0 promoted\n/);
});

test('a result is read as it was written, or not at all', (t) => {
  const text = [
    'lock deadman 12 345 7 1000',
    'epoch 7',
    'end 900',
    'began 940',
    'done 1200',
    'fenced none',
    `service killed-and-stopped 1150 ${idOf("it's two\nlines")}`,
    'service left 0 web',
    'said the lease of epoch 7 ended 40 ms ago: 2 services go down',
    '',
  ];
  t.deepEqual(parseResult(text.join('\n')), {
    lock: 'deadman 12 345 7 1000',
    epoch: 7,
    leaseEnd: 900,
    began: 940,
    done: 1200,
    fenced: 'none',
    services: [
      { name: "it's two\nlines", outcome: 'killed-and-stopped', at: 1150 },
      { name: 'web', outcome: 'left', at: 0 },
    ],
    story: ['the lease of epoch 7 ended 40 ms ago: 2 services go down'],
  });
  for (const missing of [1, 2, 3, 4, 5]) {
    t.is(parseResult(text.toSpliced(missing, 1).join('\n')), undefined);
  }
  t.is(parseResult(text.with(6, 'service gone 3 web').join('\n')), undefined);
  t.is(parseResult(''), undefined);
});
