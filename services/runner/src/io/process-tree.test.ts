// What belongs to a service dies whole, and nothing else does: with cgroups whatever it has done to
// detach itself, without them as far as process groups reach.
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openCgroupPlace } from './cgroup-place.ts';
import { readProcess } from './living-process.ts';
import { isGroupOf, livingMembers, signalGroup } from './process-group.ts';
import { GROUPS_MAX, GroupTrees } from './process-tree.ts';
import { isRunning, Stage } from './script-stage.fixture.ts';

/** Whether this host lets us make cgroups; where it does not, what is done instead is tested. */
async function hasCgroups(): Promise<boolean> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'koi-tree-'));
  const { kind } = openCgroupPlace({ cluster: 'shop', node: 'a', stateDirectory });
  await rm(stateDirectory, { recursive: true });
  return kind === 'place';
}

const withCgroups = await hasCgroups();

for (const groupsOnly of [false, true]) {
  const how = groupsOnly ? 'by process group' : 'by cgroup, where there are any';

  test(`${how}: a kill takes the daemons that scripts left, also those that ignore SIGTERM`, async (t) => {
    const stage = await Stage.open(t, { groupsOnly });
    const children: number[] = [];
    for (const action of ['start', 'promote'] as const) {
      t.deepEqual(await stage.ended(stage.run('forks-child', action)), { kind: 'exited', code: 0 });
      const said = await stage.until('the child', () =>
        stage.lines.find((line) => line.action === action),
      );
      children.push(Number(said.text.replace('child ', '')));
    }
    for (const child of children) t.true(isRunning(child));
    await stage.killed('forks-child');
    for (const child of children) t.false(isRunning(child));
  });

  test(`${how}: a kill takes the script that runs, which then has ended by SIGKILL`, async (t) => {
    const stage = await Stage.open(t, { groupsOnly });
    const run = stage.run('ignores-term', 'start');
    const child = await stage.left();
    await stage.killed('ignores-term');
    t.false(isRunning(child));
    t.deepEqual(await stage.ended(run), { kind: 'signalled', signal: 'SIGKILL' });
  });

  test(`${how}: a kill takes a script that has hardly begun`, async (t) => {
    const stage = await Stage.open(t, { groupsOnly });
    for (let index = 0; index < 5; index += 1) {
      const run = stage.run('hangs', 'start');
      await stage.killed('hangs');
      t.deepEqual(await stage.ended(run), { kind: 'signalled', signal: 'SIGKILL' });
    }
  });

  test(`${how}: a kill of one service leaves the others alone`, async (t) => {
    const stage = await Stage.open(t, { groupsOnly });
    const run = stage.run('hangs', 'start');
    const id = await stage.started(run);
    await stage.killed('ok');
    t.true(isRunning(id));
  });

  test(`${how}: a kill of nothing is told all the same, but not before it returns`, async (t) => {
    const stage = await Stage.open(t, { groupsOnly });
    stage.scripts.kill('ok', 'the test says so');
    t.deepEqual(stage.news, []);
    await stage.killed('ok');
    t.is(stage.news.length, 1);
  });

  test(`${how}: the script that follows a kill is not part of it`, async (t) => {
    const stage = await Stage.open(t, { groupsOnly });
    await stage.ended(stage.run('forks-child', 'promote'));
    const child = await stage.left();
    const killed = stage.killed('forks-child');
    const run = stage.run('forks-child', 'start');
    await killed;
    t.false(isRunning(child));
    t.deepEqual(await stage.ended(run), { kind: 'exited', code: 0 });
    const said = await stage.until('the other child', () =>
      stage.lines.find(({ action }) => action === 'start'),
    );
    t.true(isRunning(Number(said.text.replace('child ', ''))));
  });

  test(`${how}: what start has left before a restart still belongs to the service`, async (t) => {
    const stage = await Stage.open(t, { groupsOnly });
    await stage.ended(stage.run('forks-child', 'start'));
    const child = await stage.left();
    stage.succeed([]);
    t.true(isRunning(child));
    await stage.killed('forks-child');
    t.false(isRunning(child));
  });
}

test('a kill takes what has double-forked into a session of its own, or we have said that it cannot', async (t) => {
  const stage = await Stage.open(t);
  await stage.ended(stage.run('double-forks', 'start'));
  const daemon = await stage.left();
  await stage.killed('double-forks');
  t.is(isRunning(daemon), !withCgroups);
  if (!withCgroups) process.kill(daemon, 'SIGKILL');
  const warnings = stage.lines.filter(({ text }) => text.includes('no cgroups of their own'));
  t.is(warnings.length, withCgroups ? 0 : 1);
});

test('without cgroups it is said once what that means, and so it is', async (t) => {
  const stage = await Stage.open(t, { groupsOnly: true });
  await stage.ended(stage.run('double-forks', 'start'));
  const daemon = await stage.left();
  await stage.killed('double-forks');
  t.true(isRunning(daemon));
  process.kill(daemon, 'SIGKILL');
  const warnings = stage.lines.filter(({ text }) => text.includes('no cgroups of their own'));
  t.is(warnings.length, 1);
  t.regex(warnings[0]?.text ?? '', /setsid, a double fork.*outlives a kill/);
});

test('somebody else finds the tree of a service', async (t) => {
  const stage = await Stage.open(t);
  const before = stage.scripts.treeOf('double-forks');
  await stage.ended(stage.run('double-forks', 'start'));
  const daemon = await stage.left();
  const tree = stage.scripts.treeOf('double-forks');
  t.deepEqual(tree, before);
  if (tree.kind === 'groups') {
    t.false(withCgroups);
    process.kill(daemon, 'SIGKILL');
    return;
  }
  writeFileSync(join(tree.directory, 'cgroup.kill'), '1');
  await stage.until('its end', () => (isRunning(daemon) ? undefined : true));
  // What was ready for the next script has died with it, and is replaced.
  t.deepEqual(await stage.ended(stage.run('double-forks', 'stop')), { kind: 'exited', code: 0 });
});

test('somebody else finds the groups of a service in a file, and may add one', async (t) => {
  const stage = await Stage.open(t, { groupsOnly: true });
  const group = await stage.started(stage.run('hangs', 'start'));
  const tree = stage.scripts.treeOf('hangs');
  if (tree.kind !== 'groups') throw new Error('it was told to do without cgroups');
  const leader = `${group} ${readProcess(group)?.start}\n`;
  t.is(readFileSync(tree.file, 'utf8'), leader);
  const other = await stage.started(stage.run('ignores-term', 'start'));
  writeFileSync(tree.file, `${leader}${other} ${readProcess(other)?.start}\n1 0\nnonsense\n`);
  await stage.killed('hangs');
  t.deepEqual(livingMembers(other), []);
});

test('a group is known while something runs in it, and its number is not anybody else', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('forks-child', 'start');
  const pid = await stage.started(run);
  const child = await stage.left();
  await stage.ended(run);
  const start = '1';
  t.deepEqual(livingMembers(pid), [child]);
  t.true(isGroupOf({ pid, start }));
  // A process that is alive under the number means that the number was given away.
  t.false(isGroupOf({ pid: process.pid, start }));
  await stage.killed('forks-child');
  t.deepEqual(livingMembers(pid), []);
  t.false(signalGroup(0, 0));
});

test('no more groups are followed than can be', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'koi-tree-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const warnings: string[] = [];
  const trees = new GroupTrees(directory, (text) => warnings.push(text));
  const own = readProcess(process.pid);
  // The group of this test, as often as it takes.
  const leader = { pid: own?.group ?? 0, start: readProcess(own?.group ?? 0)?.start ?? '' };
  for (let index = 0; index < GROUPS_MAX; index += 1) trees.began('web', leader);
  t.deepEqual(warnings, []);
  trees.began('web', leader);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /is no longer followed/);
});
