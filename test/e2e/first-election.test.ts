// A cluster from its first start to a planned switchover, with real processes: what an administrator
// sees on an ordinary day. The tests build on each other and share one cluster.
import { setTimeout as sleep } from 'node:timers/promises';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import test from 'ava';
import { handoversIn, promotionsIn, scriptsRunIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

let cluster: TestCluster;

test.before('start', async () => {
  cluster = await TestCluster.start();
});
test.after.always('remove', () => cluster.close());
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

test.serial('a first election makes one leader and one master', async (t) => {
  const { leader, master, epoch, electors, runners } = await cluster.untilSettled();
  t.not(leader, '');
  t.is(epoch, 1n);
  t.is(electors.length, 3);
  t.true(electors.every(({ charter, problem }) => charter && problem === ''));
  t.is(runners.filter(({ state }) => state === RunnerState.MASTER).length, 1);
  t.is(await cluster.answers(), master);
  // Low priority number first, for start and for promote.
  const all = ['store start', 'web start', 'store promote', 'web promote'];
  t.deepEqual(scriptsRunIn(cluster.log(), master, 0), all);
  for (const other of cluster.others(master)) {
    t.deepEqual(scriptsRunIn(cluster.log(), other, 0), all.slice(0, 2));
  }
});

test.serial(
  'a planned switchover demotes first, in the reverse order, and raises the epoch',
  async (t) => {
    const before = await cluster.untilSettled();
    const [next = ''] = cluster.others(before.master);
    const since = Date.now();
    await cluster.admin.of(next).promoteRunner({ runner: next });
    const after = await cluster.untilSettled(next);
    t.is(after.epoch, before.epoch + 1n);
    t.true(after.revision > before.revision);
    t.is(await cluster.answers(), next);
    t.deepEqual(scriptsRunIn(cluster.log(), before.master, since), ['web demote', 'store demote']);
    t.deepEqual(scriptsRunIn(cluster.log(), next, since), ['store promote', 'web promote']);
    const handover = handoversIn(cluster.log()).at(-1);
    t.is(handover?.from, before.master);
    t.is(handover?.to, next);
    // Repeating it while it holds changes nothing.
    await cluster.admin.of(before.master).promoteRunner({ runner: next });
    t.is((await cluster.untilSettled(next)).epoch, after.epoch);
  },
);

test.serial(
  'an unknown runner is refused with its reason before anything is touched',
  async (t) => {
    const before = await cluster.untilSettled();
    const error = await t.throwsAsync(cluster.admin.of('a').promoteRunner({ runner: 'nobody' }));
    t.like(error, { reason: 'RUNNER_UNKNOWN' });
    t.is((await cluster.untilSettled()).revision, before.revision);
  },
);

test.serial('demote leaves nobody master until elect', async (t) => {
  const before = await cluster.untilSettled();
  const client = cluster.admin.of(before.leader);
  await client.demoteMaster({});
  await cluster.until('nobody is master', ({ master, runners }) => {
    return master === '' && runners.every(({ promoted }) => !promoted);
  });
  const since = Date.now();
  await sleep(1_500);
  const waiting = await cluster.until('the cluster is still led', () => true);
  t.true(waiting.manual);
  t.is(waiting.master, '');
  t.is(await cluster.answers(), undefined);
  t.true(promotionsIn(cluster.log()).every(({ until }) => until < since));
  await client.electMaster({});
  const after = await cluster.untilSettled();
  t.false(after.manual);
  t.is(after.epoch, before.epoch + 1n);
});

test.serial(
  'a master whose status fails is replaced, and comes back once that is forgotten',
  async (t) => {
    const before = await cluster.untilSettled();
    const since = Date.now();
    cluster.setStoreStatus(before.master, 1);
    await cluster.until('another host is master', ({ master }) => {
      return master !== '' && master !== before.master;
    });
    t.true(scriptsRunIn(cluster.log(), before.master, since).includes('store failed'));
    t.true(scriptsRunIn(cluster.log(), before.master, since).includes('store stop'));
    cluster.setStoreStatus(before.master, undefined);
    const after = await cluster.untilSettled();
    t.is(after.epoch, before.epoch + 1n);
    t.is(await cluster.answers(), after.master);
  },
);

test.serial(
  'a master that stops cleanly demotes, stops and is replaced without waiting',
  async (t) => {
    const before = await cluster.untilSettled();
    const since = Date.now();
    t.is(await cluster.host(before.master).stop('runner'), 0);
    // What is demoted stops while others still demote: which of the two is logged first is open.
    const scripts = scriptsRunIn(cluster.log(), before.master, since);
    t.deepEqual(actionsOf(scripts, 'demote'), ['web demote', 'store demote']);
    t.deepEqual(actionsOf(scripts, 'stop'), ['web stop', 'store stop']);
    t.is(scripts.length, 4);
    t.true(scripts.indexOf('web demote') < scripts.indexOf('web stop'));
    t.true(scripts.indexOf('store demote') < scripts.indexOf('store stop'));
    const after = await cluster.untilSettled();
    t.is(after.epoch, before.epoch + 1n);
    cluster.host(before.master).start();
    t.is((await cluster.untilSettled()).master, after.master);
  },
);

test.serial('a standby that stops cleanly is no matter to the master', async (t) => {
  const before = await cluster.untilSettled();
  const [standby = ''] = cluster.others(before.master);
  const since = Date.now();
  t.is(await cluster.host(standby).stop('runner'), 0);
  t.deepEqual(scriptsRunIn(cluster.log(), standby, since), ['web stop', 'store stop']);
  cluster.host(standby).start();
  const after = await cluster.untilSettled(before.master);
  t.is(after.epoch, before.epoch);
  t.deepEqual(scriptsRunIn(cluster.log(), before.master, since), []);
});

function actionsOf(scripts: readonly string[], action: string): string[] {
  return scripts.filter((script) => script.endsWith(` ${action}`));
}
