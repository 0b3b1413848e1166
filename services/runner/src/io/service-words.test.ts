// koi-service.sh, the words that scripts may source: that they mean what the core takes them for, in every
// shell that may be /bin/sh, and that they are found where koi-service(7) says.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Action } from '../core/input.ts';
import { type Outcome, outcomeOf } from '../core/outcome.ts';

const repository = new URL('../../../../', import.meta.url);
const WORDS = fileURLToPath(new URL('packaging/koi-service.sh', repository));
const MANUAL = fileURLToPath(new URL('docs/man/koi-service.7', repository));

const SHELLS: readonly (readonly string[])[] = [
  ['/bin/sh', '-eu'],
  ['/bin/bash', '--posix', '-eu'],
];

const codes: readonly (readonly [string, number, Action, Outcome])[] = [
  ['KOI_EXIT_OK', 0, 'start', 'succeeded'],
  ['KOI_EXIT_FAILED', 1, 'start', 'failed'],
  ['KOI_EXIT_PROMOTED', 90, 'status', 'found-promoted'],
  ['KOI_EXIT_STANDBY', 91, 'status', 'found-standby'],
  ['KOI_EXIT_STOPPED', 92, 'status', 'found-stopped'],
  ['KOI_EXIT_LIVE', 93, 'status', 'found-live'],
];

/** How a script ends that sources the words. */
function exitOf(shell: readonly string[], script: string, environment = {}): number | null {
  const [program = '', ...options] = shell;
  const text = `. '${WORDS}'\n${script}`;
  return spawnSync(program, [...options, '-c', text], { env: environment }).status;
}

for (const shell of SHELLS) {
  for (const [name, code, action, outcome] of codes) {
    test(`${shell[0]}: ${name} is ${code}, and from ${action} ${outcome}`, (t) => {
      t.is(exitOf(shell, `exit "$${name}"`), code);
      t.is(outcomeOf(action, { kind: 'exited', code }), outcome);
    });
  }

  test(`${shell[0]}: koi_is_promoted goes by KOI_IS_PROMOTED, also where there is none`, (t) => {
    const script = 'if koi_is_promoted; then exit 7; fi; exit 8';
    t.is(exitOf(shell, script, { KOI_IS_PROMOTED: '1' }), 7);
    t.is(exitOf(shell, script, { KOI_IS_PROMOTED: '0' }), 8);
    t.is(exitOf(shell, script), 8);
  });
}

const root = process.getuid?.() === 0 ? [] : ['--map-root-user'];
const namespaces = spawnSync('unshare', ['--mount', ...root, 'true']).status === 0;

// Skipped where this host lets us make no mount namespace.
(namespaces ? test : test.skip)('the words are sourced from where the manual says', (t) => {
  const manual = readFileSync(MANUAL, 'utf8');
  const [, named] = /^\.Pa (\S+koi-service\.sh)$/m.exec(manual) ?? [];
  const [, sourced = ''] = /^(?:\\&)?\. (\S+koi-service\.sh)$/m.exec(manual) ?? [];
  t.is(named, sourced);
  t.regex(readFileSync(WORDS, 'utf8'), new RegExp(`^#   \\. ${sourced}$`, 'm'));
  // A mount namespace of its own, in which they are installed.
  const directory = sourced.replace(/\/[^/]+$/, '');
  const script = [
    'set -e',
    'mount -t tmpfs none /usr/share',
    `mkdir -p ${directory}`,
    `cp '${WORDS}' ${sourced}`,
    `exec env -i KOI_IS_PROMOTED=1 sh -c '. ${sourced}; koi_is_promoted && exit "$KOI_EXIT_PROMOTED"'`,
  ].join('\n');
  const { status, stderr } = spawnSync('unshare', ['--mount', ...root, 'sh', '-c', script], {
    encoding: 'utf8',
  });
  t.is(status, 90, stderr);
});

test('the manual names every code, and every variable of the environment', (t) => {
  const manual = readFileSync(MANUAL, 'utf8');
  for (const code of [90, 91, 92, 93]) t.regex(manual, new RegExp(`^\\.It ${code}$`, 'm'));
  const variables = [
    'IS_PROMOTED',
    'STATE',
    'CLUSTER',
    'NODE',
    'SERVICE',
    'ACTION',
    'EPOCH',
    'MASTER',
  ];
  for (const name of variables) t.regex(manual, new RegExp(`^\\.It Ev KOI_${name}$`, 'm'));
});
