// Scripts as real processes: one behaviour per fixture, and what is told of it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Action, ScriptEnd } from '../core/input.ts';
import { createFolderReader } from './folder.ts';
import { isRecycled, livingMembers, signalGroup, untilGone } from './process-group.ts';
import { createScriptRunner, type ScriptNews, type ScriptOrder } from './script.ts';
import { LINE_MAX, LINES_PER_SECOND } from './script-output.ts';

const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/services', import.meta.url));

/** No test waits longer than this for anything. */
const PATIENCE = 20_000;

interface Line {
  readonly text: string;
  readonly service: unknown;
  readonly action: unknown;
}

/** A script runner over the fixtures that remembers what it was told. */
class Stage {
  readonly news: ScriptNews[] = [];
  readonly lines: Line[] = [];
  readonly scripts;
  #run = 0;

  private constructor(workingDirectory: string) {
    const note = (text: string, fields: Readonly<Record<string, unknown>>): void => {
      const { service, action } = fields;
      this.lines.push({ text, service, action });
    };
    this.scripts = createScriptRunner({
      cluster: 'shop',
      node: 'a',
      workingDirectory,
      log: { info: note, warn: note, error: note },
      tell: (news) => this.news.push(news),
    });
  }

  static async open(workingDirectory = tmpdir()): Promise<Stage> {
    const stage = new Stage(workingDirectory);
    const contents = await createFolderReader(FIXTURES, { warn: () => {} }).read();
    if (contents.kind === 'folder-failed') throw new Error(contents.reason);
    stage.scripts.place(contents.services);
    return stage;
  }

  run(service: string, action: Action, change: Partial<ScriptOrder> = {}): number {
    this.#run += 1;
    this.scripts.run({
      run: this.#run,
      service,
      action,
      timeout: 60_000,
      environment: { promoted: false, state: 'standby', epoch: 0, master: undefined },
      ...change,
    });
    return this.#run;
  }

  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    for (let waited = 0; waited < PATIENCE; waited += 10) {
      const found = look();
      if (found !== undefined) return found;
      await sleep(10);
    }
    throw new Error(`waited in vain for ${what}: ${JSON.stringify([this.news, this.lines])}`);
  }

  ended(run: number): Promise<ScriptEnd> {
    return this.until(`the end of run ${run}`, () => {
      const found = this.news.find((news) => news.kind === 'script-ended' && news.run === run);
      return found?.kind === 'script-ended' ? found.end : undefined;
    });
  }

  started(run: number): Promise<number> {
    return this.until(`the start of run ${run}`, () => {
      const found = this.news.find((news) => news.kind === 'script-started' && news.run === run);
      return found?.kind === 'script-started' ? found.processId : undefined;
    });
  }

  line(pattern: RegExp): Promise<RegExpExecArray> {
    return this.until(`a line like ${pattern}`, () => {
      for (const { text } of this.lines) {
        const match = pattern.exec(text);
        if (match !== null) return match;
      }
      return undefined;
    });
  }

  async killed(service: string): Promise<void> {
    this.scripts.kill(service, 'the test says so');
    await this.until(`the end of ${service}`, () =>
      this.news.find((news) => news.kind === 'killed' && news.service === service),
    );
  }
}

async function runs(id: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

test('a script runs in its directory, and its output goes to the log with its name', async (t) => {
  const stage = await Stage.open();
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
  ['fails', 'status', { kind: 'exited', code: 91 }],
  ['fails', 'stop', { kind: 'signalled', signal: 'SIGABRT' }],
  // A missing one counts as having succeeded.
  ['fails', 'promote', { kind: 'exited', code: 0 }],
  ['closes-output', 'start', { kind: 'exited', code: 4 }],
  ['reads-input', 'start', { kind: 'exited', code: 0 }],
  ['one-file', 'promote', { kind: 'exited', code: 0 }],
  ['one-file', 'demote', { kind: 'exited', code: 1 }],
];

for (const [service, action, end] of ends) {
  test(`${service} ${action}: ${JSON.stringify(end)}`, async (t) => {
    const stage = await Stage.open();
    t.deepEqual(await stage.ended(stage.run(service, action)), end);
  });
}

test('a single executable runs in the working directory with the action as its argument', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'koi-script-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const stage = await Stage.open(directory);
  await stage.ended(stage.run('one-file', 'promote'));
  const [, where] = await stage.line(/^promote in (.*)$/);
  t.is(where, directory);
});

const refusals: readonly (readonly [string, Action, RegExp])[] = [
  ['broken', 'stop', /what the first line of .* names does not exist/],
  ['broken', 'promote', /is not executable: chmod \+x/],
  ['unheard-of', 'start', /is not in the services folder/],
];

for (const [service, action, reason] of refusals) {
  test(`${service} ${action} cannot be started, and that is not a success`, async (t) => {
    const stage = await Stage.open();
    const end = await stage.ended(stage.run(service, action));
    t.is(end.kind, 'not-started');
    if (end.kind === 'not-started') t.regex(end.reason, reason);
  });
}

test('a service whose directory is gone has not succeeded', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'koi-script-'));
  const stage = await Stage.open();
  stage.scripts.place([{ name: 'gone', place: { kind: 'directory', directory } }]);
  await rm(directory, { recursive: true });
  const end = await stage.ended(stage.run('gone', 'stop'));
  t.deepEqual(end, { kind: 'not-started', reason: `${directory} is gone` });
});

test('a missing working directory is named', async (t) => {
  const stage = await Stage.open('/nowhere/at/all');
  const end = await stage.ended(stage.run('one-file', 'start'));
  t.is(end.kind, 'not-started');
  if (end.kind === 'not-started') t.regex(end.reason, /working directory \/nowhere\/at\/all/);
});

test('scripts get a clean environment', async (t) => {
  const stage = await Stage.open();
  const environment = { promoted: true, state: 'master', epoch: 7, master: 'a' } as const;
  await stage.ended(stage.run('tells-environment', 'status', { environment }));
  await stage.line(/^PATH=/);
  // The shell and env add these themselves.
  const own = stage.lines
    .map(({ text }) => text)
    .filter((text) => !/^(HOME|PWD|OLDPWD|SHLVL|_)=/.test(text));
  t.deepEqual(own.toSorted(), [
    'KOI_ACTION=status',
    'KOI_CLUSTER=shop',
    'KOI_EPOCH=7',
    'KOI_IS_PROMOTED=1',
    'KOI_MASTER=a',
    'KOI_NODE=a',
    'KOI_SERVICE=tells-environment',
    'KOI_STATE=master',
    'LANG=C.UTF-8',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ]);
});

test('a script that runs too long is ended, with the time-out as the reason', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('hangs', 'start', { timeout: 100 });
  const id = await stage.started(run);
  t.deepEqual(await stage.ended(run), { kind: 'timed-out', after: 100 });
  t.false(await runs(id));
});

test('a script that ignores SIGTERM gets SIGKILL, with its whole group', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('ignores-term', 'start', { timeout: 500 });
  const group = await stage.started(run);
  const [, child] = await stage.line(/^child (\d+)$/);
  t.true(await runs(Number(child)));
  t.deepEqual(await stage.ended(run), { kind: 'timed-out', after: 500 });
  t.true(await untilGone([group]));
  t.false(await runs(Number(child)));
});

test('a script that is cut short has been cut short, whatever else happens to it', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('hangs', 'start', { timeout: 300 });
  await stage.started(run);
  stage.scripts.cutShort(run);
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  await sleep(400);
  t.is(stage.news.filter(({ kind }) => kind === 'script-ended').length, 1);
});

test('a script that is cut short at once does not go on', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('hangs', 'start');
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
});

test('what a script that was ended leaves in its group ends with it', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('leaves-child', 'start');
  const group = await stage.started(run);
  const [, child] = await stage.line(/^child (\d+)$/);
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  t.true(await untilGone([group]));
  t.false(await runs(Number(child)));
});

test('the end of a script does not wait for a daemon that holds its output', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('keeps-output', 'start');
  t.deepEqual(await stage.ended(run), { kind: 'exited', code: 0 });
  t.false(stage.lines.some(({ text }) => text === 'the daemon speaks'));
  await stage.line(/^the daemon speaks$/);
  await stage.killed('keeps-output');
});

test('a kill takes the daemons that scripts left, also those that ignore SIGTERM', async (t) => {
  const stage = await Stage.open();
  const children: number[] = [];
  for (const action of ['start', 'promote'] as const) {
    t.deepEqual(await stage.ended(stage.run('forks-child', action)), { kind: 'exited', code: 0 });
    const said = await stage.until('the child', () =>
      stage.lines.find((line) => line.action === action),
    );
    children.push(Number(said.text.replace('child ', '')));
  }
  for (const child of children) t.true(await runs(child));
  await stage.killed('forks-child');
  for (const child of children) t.false(await runs(child));
});

test('a kill takes the script that runs, which then has ended by SIGKILL', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('ignores-term', 'start');
  await stage.line(/^child/);
  await stage.killed('ignores-term');
  t.deepEqual(await stage.ended(run), { kind: 'signalled', signal: 'SIGKILL' });
});

test('a kill of one service leaves the others alone', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('hangs', 'start');
  const id = await stage.started(run);
  await stage.killed('ok');
  t.true(await runs(id));
  await stage.killed('hangs');
});

test('a kill of what runs nothing is told all the same, but not before it returns', async (t) => {
  const stage = await Stage.open();
  stage.scripts.kill('ok', 'the test says so');
  t.deepEqual(stage.news, []);
  await stage.killed('ok');
});

test('a flood of output is dropped and counted, and does not hold up the loop', async (t) => {
  const stage = await Stage.open();
  const run = stage.run('floods-output', 'start');
  await stage.line(/\d+ more lines dropped/);
  // The loop turns: a timer comes back, and the script can be ended.
  await sleep(1);
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  const notice = stage.lines.findIndex(({ text }) => text.includes('more lines dropped'));
  t.is(notice, LINES_PER_SECOND);
  stage.scripts.close();
});

test('a line without end is cut, and what follows it is not', async (t) => {
  const stage = await Stage.open();
  await stage.ended(stage.run('floods-output', 'stop'));
  await stage.line(/^the end$/);
  const [long] = stage.lines;
  t.is(long?.text, `${'x'.repeat(LINE_MAX)} … (cut)`);
  t.is(stage.lines.length, 2);
});

test('a group is known while something runs in it, and its number is not anybody else', async (t) => {
  const stage = await Stage.open();
  const group = await stage.started(stage.run('forks-child', 'start'));
  const [, child] = await stage.line(/^child (\d+)$/);
  await stage.until('the end of the script', () => (isRecycled(group) ? undefined : true));
  t.deepEqual(await livingMembers(group), [Number(child)]);
  t.true(signalGroup(group, 0));
  await stage.killed('forks-child');
  t.deepEqual(await livingMembers(group), []);
  // A process that is alive under the number means that the number was given away.
  t.true(isRecycled(process.pid));
});
