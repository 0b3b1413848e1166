// Scripts outlive their runner, and the next one takes them over: with their end, their time limit and
// their output.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createUptime, UPTIME_STEP } from '@koi/lib/uptime';
import test from 'ava';
import { FifoPool } from './fifo-pool.ts';
import { livingMembers } from './process-group.ts';
import { RunDirectories } from './run-directory.ts';
import { END_KEPT } from './script.ts';
import { isRunning, Stage } from './script-stage.fixture.ts';
import { EXIT_UNPLACED } from './script-wrapper.ts';

const uptime = createUptime();

const SLOW = { run: 1, service: 'slow', action: 'start' } as const;
const HANGS = { run: 1, service: 'hangs', action: 'start' } as const;

test('a script goes on without its runner, and the next one is told how it ended', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  await stage.started(stage.run('slow', 'start'));
  await stage.line(/^it begins$/);
  stage.succeed([SLOW]);
  stage.release();
  t.deepEqual(await stage.ended(1), { kind: 'exited', code: 5 });
  await stage.line(/^it ends$/);
  t.is(stage.news.filter(({ kind }) => kind === 'script-started').length, 2);
});

test('a script that has ended while nobody was there has ended as it did', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  const id = await stage.started(stage.run('slow', 'start'));
  stage.scripts.detach();
  stage.release();
  await stage.until('its end', () => (isRunning(id) ? undefined : true));
  t.false(stage.news.some(({ kind }) => kind === 'script-ended'));
  stage.succeed([SLOW]);
  t.deepEqual(await stage.ended(1), { kind: 'exited', code: 5 });
});

test('a script whose runner is killed goes on', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  const { services, stateDirectory } = stage;
  const program = fileURLToPath(new URL('./script-process.fixture.ts', import.meta.url));
  const parameters = [program, stateDirectory, services, 'slow', 'start'];
  const other = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => other.stdout.once('data', resolve));
  other.kill('SIGKILL');
  await new Promise((resolve) => other.once('exit', resolve));
  // What it had ready for later scripts ends with it.
  const wrapper = join(stateDirectory, 'koi-script');
  await stage.until('the end of the rest', () =>
    processesOf(wrapper).length === 1 ? true : undefined,
  );
  stage.uses('slow');
  stage.succeed([SLOW]);
  stage.release();
  t.deepEqual(await stage.ended(1), { kind: 'exited', code: 5 });
  await stage.line(/^it ends$/);
});

/** Puts the time limit of the one script that runs elsewhere. */
function changeDeadline({ stateDirectory }: Stage, deadline: number): void {
  const runs = join(stateDirectory, 'runs');
  const file = join(runs, readdirSync(runs)[0] ?? '', 'order');
  const order = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...order, deadline }));
}

/** The processes that have a word in their command line. */
function processesOf(word: string): readonly string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      return false;
    }
  });
}

test('an adopted script can be cut short, and has a moment to end', async (t) => {
  const stage = await Stage.open(t);
  stage.run('slow', 'promote');
  await stage.line(/^it begins$/);
  stage.succeed([{ run: 1, service: 'slow', action: 'promote' }]);
  stage.scripts.cutShort(1);
  t.deepEqual(await stage.ended(1), { kind: 'cut-short' });
  await stage.line(/^it was told to end$/);
});

test('an adopted script that ignores SIGTERM gets SIGKILL', async (t) => {
  const stage = await Stage.open(t);
  const group = await stage.started(stage.run('ignores-term', 'start'));
  await stage.left();
  stage.succeed([{ run: 1, service: 'ignores-term', action: 'start' }]);
  stage.scripts.cutShort(1);
  t.deepEqual(await stage.ended(1), { kind: 'cut-short' });
  t.deepEqual(livingMembers(group), []);
});

test('an adopted script dies with its service', async (t) => {
  const stage = await Stage.open(t);
  const group = await stage.started(stage.run('ignores-term', 'start'));
  const child = await stage.left();
  stage.succeed([{ run: 1, service: 'ignores-term', action: 'start' }]);
  await stage.killed('ignores-term');
  t.deepEqual(await stage.ended(1), { kind: 'signalled', signal: 'SIGKILL' });
  t.deepEqual([livingMembers(group), isRunning(child)], [[], false]);
});

test('the time limit of an adopted script is the one that it began with', async (t) => {
  const stage = await Stage.open(t);
  await stage.started(stage.run('hangs', 'start', { timeout: 3_600_000 }));
  stage.scripts.detach();
  // As if it had run for an hour by now.
  const deadline = uptime() + 300;
  changeDeadline(stage, deadline);
  stage.succeed([HANGS]);
  t.deepEqual(await stage.ended(1), { kind: 'timed-out', after: 3_600_000 });
  t.true(uptime() >= deadline - 2 * UPTIME_STEP);
});

test('a time limit that passed while nobody was there is over', async (t) => {
  const stage = await Stage.open(t);
  const id = await stage.started(stage.run('hangs', 'start', { timeout: 3_600_000 }));
  stage.scripts.detach();
  changeDeadline(stage, uptime() - 1_000);
  t.true(isRunning(id));
  stage.succeed([HANGS]);
  t.deepEqual(await stage.ended(1), { kind: 'timed-out', after: 3_600_000 });
});

test('nobody knows how a script ended whose wrapper was killed, and it is ended too', async (t) => {
  const stage = await Stage.open(t);
  const wrapper = await stage.started(stage.run('ignores-term', 'start'));
  const child = await stage.left();
  stage.scripts.detach();
  process.kill(wrapper, 'SIGKILL');
  await stage.until('its end', () => (isRunning(wrapper) ? undefined : true));
  t.true(isRunning(child));
  stage.succeed([{ run: 1, service: 'ignores-term', action: 'start' }]);
  t.deepEqual(await stage.ended(1), { kind: 'unknown', reason: 'its wrapper was killed' });
  await stage.until('its end', () => (isRunning(child) ? undefined : true));
});

test('a script of which nothing is there has ended somehow', async (t) => {
  const stage = await Stage.open(t);
  stage.succeed([HANGS]);
  t.deepEqual(stage.news, []);
  const end = await stage.ended(1);
  t.is(end.kind, 'unknown');
});

test('an order that was never followed is given up for good', async (t) => {
  const stage = await Stage.open(t);
  const { stateDirectory } = stage;
  const runs = new RunDirectories(
    join(stateDirectory, 'runs'),
    new FifoPool(join(stateDirectory, 'fifos')),
    'earlier',
  );
  const place = { directory: '/', file: '/bin/true', kind: 'directory' } as const;
  const left = runs.create(
    { ...HANGS, ...place, timeout: 1_000, deadline: uptime() + 1_000 },
    { ...place, parameters: [], output: join(stateDirectory, 'output', 'x'), environment: {} },
  );
  stage.succeed([HANGS]);
  t.deepEqual(await stage.ended(1), { kind: 'unknown', reason: 'it had not begun' });
  // Its wrapper comes late, and finds that nobody wants it any more.
  const late = spawn('/bin/sh', [join(stateDirectory, 'koi-script'), '', 'hangs'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  late.stdin.end(`${left.path}\n`);
  t.is(await new Promise((resolve) => late.once('exit', resolve)), EXIT_UNPLACED);
});

test('a script that nobody waits for is ended, and that is logged but not told', async (t) => {
  const stage = await Stage.open(t);
  const id = await stage.started(stage.run('hangs', 'start'));
  const before = stage.news.length;
  // The number is the same, the script is not.
  stage.succeed([{ run: 1, service: 'slow', action: 'start' }]);
  await stage.until('its end', () => (isRunning(id) ? undefined : true));
  await stage.line(/^it runs, and nobody waits for it: it is ended$/);
  await sleep(50);
  t.deepEqual(
    stage.news.slice(before).map(({ kind }) => kind),
    ['script-ended'],
  );
  t.is((await stage.ended(1)).kind, 'unknown');
});

test('numbers may come again after a record was lost', async (t) => {
  const stage = await Stage.open(t);
  const id = await stage.started(stage.run('ignores-term', 'start'));
  await stage.left();
  stage.succeed([]);
  stage.run('fails', 'start', { run: 1 });
  t.deepEqual(await stage.ended(1), { kind: 'exited', code: 3 });
  t.true(isRunning(id));
  await stage.until('its end', () => (isRunning(id) ? undefined : true));
});

test('a daemon outlives its runner and is heard by the next one', async (t) => {
  const stage = await Stage.open(t);
  await stage.ended(stage.run('says-more', 'start'));
  const daemon = await stage.left();
  await stage.line(/^line 2$/);
  stage.scripts.detach();
  await sleep(300);
  t.true(isRunning(daemon));
  stage.succeed([]);
  // What it said meanwhile has waited in the FIFO.
  await stage.line(/^line 20$/);
  const numbers = stage.lines.flatMap(({ text }) => /^line (\d+)$/.exec(text)?.[1] ?? []);
  t.deepEqual(numbers.map(Number), [...numbers.keys()]);
});

test('what an earlier life of the host has left is nothing', async (t) => {
  const stage = await Stage.open(t, { copied: true });
  const { stateDirectory } = stage;
  const id = await stage.started(stage.run('slow', 'start'));
  writeFileSync(join(stateDirectory, 'boot'), 'another\n');
  stage.succeed([SLOW]);
  t.is((await stage.ended(1)).kind, 'unknown');
  t.deepEqual(readdirSync(join(stateDirectory, 'runs')), []);
  t.not(readFileSync(join(stateDirectory, 'boot'), 'utf8'), 'another\n');
  stage.release();
  await stage.until('its end', () => (isRunning(id) ? undefined : true));
});

test('orders are forgotten some time after their end, and what is no order at once', async (t) => {
  const stage = await Stage.open(t);
  const runs = join(stage.stateDirectory, 'runs');
  await stage.ended(stage.run('fails', 'start'));
  t.is(readdirSync(runs).length, 1);
  await stage.until('its removal', () => (readdirSync(runs).length === 0 ? true : undefined));
  t.true(END_KEPT >= 1_000);
  stage.scripts.detach();
  writeFileSync(join(runs, 'nonsense'), '');
  stage.succeed([]);
  t.false(existsSync(join(runs, 'nonsense')));
});
