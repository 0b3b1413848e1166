// The wrapper as a shell script: the same in every shell that may be /bin/sh.
import { spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FifoPool } from './fifo-pool.ts';
import { RunDirectories } from './run-directory.ts';
import { EXIT_UNPLACED, installWrapper } from './script-wrapper.ts';

/** The shells that hosts have as /bin/sh. */
const SHELLS: readonly (readonly [string, readonly string[]])[] = [
  ['/bin/sh', []],
  ['/bin/bash', ['--posix']],
];

const scripts: readonly (readonly [string, string, string])[] = [
  ['exits', '#!/bin/sh\nexit 3\n', '3'],
  ['is killed', '#!/bin/sh\nkill -TERM $$\n', '143'],
  ['has a first line with an argument', '#! /usr/bin/env sh\nexit "$1"\n', '4'],
  ['has a first line and nothing else', '#!/bin/true', '0'],
  ['names no interpreter', '#!\nexit 0\n', 'no-first-line'],
  ['names what is not there', '#!/nowhere x\n', 'bad-interpreter'],
  ['has a carriage return in its first line', '#!/bin/sh\r\nexit 0\n', 'bad-interpreter'],
  ['has no first line', 'exit 0\n', 'no-first-line'],
  ['is empty', '', 'no-first-line'],
  [
    'signals its whole group',
    "#!/bin/sh\ntrap '' HUP INT TERM\nfor name in HUP INT TERM; do kill -$name 0; done\nexit 9\n",
    '9',
  ],
];

for (const [shell, options] of SHELLS) {
  test(`${shell}: how a script ended is left behind`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'koi-wrapper-'));
    t.teardown(() => rm(directory, { recursive: true }));
    const wrapper = installWrapper(directory);
    const fifos = new FifoPool(join(directory, 'fifos'));
    const runs = new RunDirectories(join(directory, 'runs'), fifos, 'test');
    const output = join(directory, 'output');
    fifos.take(output);
    const reader = openSync(output, constants.O_RDONLY | constants.O_NONBLOCK);
    t.teardown(() => closeSync(reader));
    const order = { service: 'web', action: 'start', timeout: 1_000, deadline: 0 } as const;

    const wrap = async (run: number, file: string, entrance = ''): Promise<number | null> => {
      const place = { kind: 'directory', directory, file } as const;
      const environment = { PATH: '/usr/bin:/bin' };
      const plan = { ...place, parameters: ['4'], output, environment };
      const { path } = runs.create({ ...order, ...place, run }, plan);
      const child = spawn(shell, [...options, wrapper, entrance, 'web'], {
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
        env: {},
      });
      // Gone before it has read anything: its exit code tells.
      child.stdin.on('error', () => {});
      child.stdin.end(`${path}\n`);
      return await new Promise((resolve) => child.once('exit', resolve));
    };
    const left = (run: number, name: string): string =>
      readFileSync(join(directory, 'runs', `test-${run}`, name), 'utf8');

    for (const [index, [what, text, recorded]] of scripts.entries()) {
      const file = join(directory, `script-${index}`);
      writeFileSync(file, text, { mode: 0o755 });
      const code = await wrap(index, file);
      t.is(left(index, 'exit'), `${recorded}\n`, what);
      t.is(code, /^\d+$/.test(recorded) ? Number(recorded) : 126, what);
      t.regex(left(index, 'pid'), /^\d+ \d+\n$/);
    }
    await wrap(100, '/bin/true');
    t.is(left(100, 'exit'), '0\n', 'a program');
    await wrap(101, join(directory, 'nothing'));
    t.is(left(101, 'exit'), 'missing\n');
    mkdirSync(join(directory, 'folder'));
    await wrap(102, join(directory, 'folder'));
    t.is(left(102, 'exit'), 'is-directory\n');
    t.is(await wrap(103, '/bin/true', '/nowhere/cgroup.procs'), EXIT_UNPLACED);
    t.throws(() => left(103, 'pid'));
  });

  test(`${shell}: a wrapper that gets no order ends`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'koi-wrapper-'));
    t.teardown(() => rm(directory, { recursive: true }));
    const child = spawn(shell, [...options, installWrapper(directory), '', 'web'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.end();
    t.is(await new Promise((resolve) => child.once('exit', resolve)), 0);
  });
}
