// Scripts as real processes: one behaviour per fixture, and what is told of it.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Action, ScriptEnd } from '../core/input.ts';
import { livingMembers } from './process-group.ts';
import { FIXTURES, isRunning, Stage } from './script-stage.fixture.ts';

test('a script runs in its directory, and its output goes to the log with its name', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('ok', 'start');
  t.deepEqual(stage.news, []);
  t.deepEqual(await stage.ended(run), { kind: 'exited', code: 0 });
  await stage.line(/started/);
  const text = `started in ${join(FIXTURES, 'ok')}`;
  t.deepEqual(stage.lines, [{ text, service: 'ok', action: 'start' }]);
  t.deepEqual(
    stage.news.map(({ kind }) => kind),
    ['script-started', 'script-ended'],
  );
});

const ends: readonly (readonly [string, Action, ScriptEnd])[] = [
  ['fails', 'start', { kind: 'exited', code: 3 }],
  ['is-standby', 'status', { kind: 'exited', code: 91 }],
  ['dies-by-signal', 'start', { kind: 'signalled', signal: 'SIGABRT' }],
  // A missing one counts as having succeeded.
  ['fails', 'promote', { kind: 'exited', code: 0 }],
  ['no-scripts', 'start', { kind: 'exited', code: 0 }],
  ['closes-output', 'start', { kind: 'exited', code: 4 }],
  ['reads-input', 'start', { kind: 'exited', code: 0 }],
  ['ignores-input', 'start', { kind: 'exited', code: 0 }],
  ['one-file', 'promote', { kind: 'exited', code: 0 }],
  ['one-file', 'demote', { kind: 'exited', code: 1 }],
];

for (const [service, action, end] of ends) {
  test(`${service} ${action}: ${JSON.stringify(end)}`, async (t) => {
    const stage = await Stage.open(t);
    t.deepEqual(await stage.ended(stage.run(service, action)), end);
  });
}

test('scripts follow each other as fast as they end, whatever is in store for them', async (t) => {
  const stage = await Stage.open(t);
  for (let index = 0; index < 6; index += 1) {
    t.deepEqual(await stage.ended(stage.run('fails', 'start')), { kind: 'exited', code: 3 });
  }
});

test('a single executable runs in the working directory with the action as its argument', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'koi-script-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const stage = await Stage.open(t, { workingDirectory: directory });
  await stage.ended(stage.run('one-file', 'promote'));
  const [, where] = await stage.line(/^promote in (.*)$/);
  t.is(where, directory);
});

const refusals: readonly (readonly [string, Action, RegExp])[] = [
  ['bad-interpreter', 'start', /what the first line of .* names does not exist/],
  ['not-executable', 'start', /is not executable: chmod \+x/],
  ['dangling-script', 'start', /is a link to what does not exist/],
  ['no-first-line', 'start', /does not begin with #!: say what runs it/],
  ['script-is-directory', 'start', /is a directory, not an executable/],
  ['unheard-of', 'start', /is not in the services folder/],
  ['dangling', 'start', /is not in the services folder/],
];

for (const [service, action, reason] of refusals) {
  test(`${service} ${action} cannot be started, and that is not a success`, async (t) => {
    const stage = await Stage.open(t);
    const end = await stage.ended(stage.run(service, action));
    t.is(end.kind, 'not-started');
    if (end.kind === 'not-started') t.regex(end.reason, reason);
  });
}

test('a service whose directory is gone has not succeeded', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'koi-script-'));
  const stage = await Stage.open(t);
  stage.scripts.place([{ name: 'gone', place: { kind: 'directory', directory } }]);
  await rm(directory, { recursive: true });
  const end = await stage.ended(stage.run('gone', 'stop'));
  t.deepEqual(end, { kind: 'gone', reason: `${directory} is gone` });
});

test('a single executable that is gone has not succeeded', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  const file = join(stage.services, 'one-file');
  await rm(file);
  const end = await stage.ended(stage.run('one-file', 'stop'));
  t.deepEqual(end, { kind: 'gone', reason: `${file} is gone` });
});

test('a missing working directory is named', async (t) => {
  const stage = await Stage.open(t, { workingDirectory: '/nowhere/at/all' });
  const end = await stage.ended(stage.run('one-file', 'start'));
  t.is(end.kind, 'not-started');
  if (end.kind === 'not-started') t.regex(end.reason, /working directory \/nowhere\/at\/all/);
});

test('a script may remove itself, or its whole directory, while it runs', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  t.deepEqual(await stage.ended(stage.run('disappears', 'start')), { kind: 'exited', code: 7 });
  t.deepEqual(await stage.ended(stage.run('disappears', 'stop')), { kind: 'exited', code: 0 });
  const end = await stage.ended(stage.run('disappears', 'stop'));
  const directory = join(stage.services, 'disappears');
  t.deepEqual(end, { kind: 'gone', reason: `${directory} is gone` });
});

test('a service may be named whatever a file may', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  const directory = join(stage.services, 'ok');
  const names = ["it's 5% $HOME `a`", 'x'.repeat(250), '-n\n"', 'ä'];
  const place = { kind: 'directory', directory } as const;
  stage.scripts.place(names.map((name) => ({ name, place })));
  for (const name of names) {
    const run = stage.run(name, 'start');
    t.deepEqual(await stage.ended(run), { kind: 'exited', code: 0 });
    await stage.until('its line', () => stage.lines.find(({ service }) => service === name));
  }
});

test('scripts get a clean environment', async (t) => {
  const stage = await Stage.open(t);
  const environment = { promoted: true, state: 'master', epoch: 7, master: "a'b" } as const;
  await stage.ended(stage.run('tells-environment', 'status', { environment }));
  await stage.line(/^that is all$/);
  const own = stage.lines.map(({ text }) => text);
  t.deepEqual(own.toSorted(), [
    `HOME=${homedir()}`,
    'KOI_ACTION=status',
    'KOI_CLUSTER=shop',
    'KOI_EPOCH=7',
    'KOI_IS_PROMOTED=1',
    "KOI_MASTER=a'b",
    'KOI_NODE=a',
    'KOI_SERVICE=tells-environment',
    'KOI_STATE=master',
    'LANG=C.UTF-8',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'that is all',
  ]);
});

test('scripts have the three usual files open, and no signal is ignored', async (t) => {
  const stage = await Stage.open(t);
  await stage.ended(stage.run('tells-environment', 'start'));
  await stage.line(/^SigIgn/);
  const told = stage.lines.map(({ text }) => text);
  // The list itself is open too, and so may be what whoever runs this test has left open.
  const foreign = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).stdout.trim();
  t.deepEqual(told, [
    `files ${foreign.replaceAll('\n', ' ')}`,
    'input /dev/null',
    'SigBlk:\t0000000000000000',
    'SigIgn:\t0000000000000000',
  ]);
});

test('a script may use the words of koi-service.sh', async (t) => {
  const stage = await Stage.open(t);
  const promoted = { promoted: true, state: 'master', epoch: 1, master: 'a' } as const;
  t.deepEqual(await stage.ended(stage.run('uses-codes', 'status')), { kind: 'exited', code: 91 });
  const run = stage.run('uses-codes', 'status', { environment: promoted });
  t.deepEqual(await stage.ended(run), { kind: 'exited', code: 90 });
});

test('a script that runs too long is ended, with the time-out as the reason', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('hangs', 'start', { timeout: 100 });
  const id = await stage.started(run);
  t.deepEqual(await stage.ended(run), { kind: 'timed-out', after: 100 });
  t.false(isRunning(id));
});

test('a script that ignores SIGTERM gets SIGKILL, with its whole group', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('ignores-term', 'start', { timeout: 500 });
  const group = await stage.started(run);
  const child = await stage.left();
  t.true(isRunning(child));
  t.deepEqual(await stage.ended(run), { kind: 'timed-out', after: 500 });
  // Told when everything is gone, and not when only its wrapper is.
  t.deepEqual(livingMembers(group), []);
  t.false(isRunning(child));
});

test('a script that is told to end has a moment to do so', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('slow', 'promote');
  await stage.line(/^it begins$/);
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  await stage.line(/^it was told to end$/);
});

test('a status that is cut short has hardly a moment: something more urgent waits for it', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  const directory = join(stage.services, 'ignores-term');
  await copyFile(join(directory, 'start'), join(directory, 'status'));
  const start = stage.run('ignores-term', 'start');
  const status = stage.run('ignores-term', 'status');
  await stage.until('both to begin', () => (stage.lines.length >= 2 ? true : undefined));
  stage.scripts.cutShort(start);
  await sleep(400);
  stage.scripts.cutShort(status);
  t.deepEqual(await stage.ended(start), { kind: 'cut-short' });
  const ended = stage.news.flatMap((news) => (news.kind === 'script-ended' ? [news.run] : []));
  t.deepEqual(ended, [status, start]);
});

test('a script that is cut short has been cut short, whatever else happens to it', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('hangs', 'start', { timeout: 300 });
  await stage.started(run);
  stage.scripts.cutShort(run);
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  await sleep(400);
  t.is(stage.news.filter(({ kind }) => kind === 'script-ended').length, 1);
});

test('a script that is cut short at once does not go on', async (t) => {
  const stage = await Stage.open(t);
  for (let index = 0; index < 10; index += 1) {
    const run = stage.run('hangs', 'start');
    if (index > 0) await sleep(index / 2);
    stage.scripts.cutShort(run);
    t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  }
});

test('a promotion whose lease is over does not begin, which is no failure of its service', async (t) => {
  const stage = await Stage.open(t);
  stage.lease(7, -1);
  const environment = { promoted: true, state: 'master', epoch: 7, master: 'a' } as const;
  const run = stage.run('ok', 'promote', { environment });
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  const { text, service, action } = stage.lines[0] ?? {};
  t.deepEqual([service, action], ['ok', 'promote']);
  t.regex(text ?? '', /did not begin: its lease was over/);
  t.is(stage.lines.length, 1);
});

test('what a script that was ended leaves in its group ends with it', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('leaves-child', 'start');
  const group = await stage.started(run);
  const child = await stage.left();
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  t.deepEqual(livingMembers(group), []);
  t.false(isRunning(child));
});
