// Leaders come and go, masters stay: a master must not notice that its leader died, was stopped, hung
// or was restarted, and what an administrator has ordered outlives whoever took the order. The lease is
// longer than by default: how tight it may be is measured by the bench, not here on a busy machine.
import { setTimeout as sleep } from 'node:timers/promises';
import { ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import test from 'ava';
import { scriptsRunIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

let cluster: TestCluster;

test.before('start', async () => {
  cluster = await TestCluster.start({ times: { masterLease: 4_000 } });
});
test.after.always('remove', () => cluster.close());
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

/** Makes a runner master whose elector does not lead. */
async function masterElsewhere() {
  const { leader } = await cluster.untilSettled();
  const [master = ''] = cluster.others(leader);
  await cluster.admin.of(leader).promoteRunner({ runner: master });
  return cluster.untilSettled(master);
}

function ledByAnother(leader: string) {
  return cluster.until(`another elector than ${leader} leads`, (now) => now.leader !== leader);
}

test.serial("the leader's host dies: the master does not notice", async (t) => {
  const before = await masterElsewhere();
  const since = cluster.host(before.leader).kill();
  const after = await ledByAnother(before.leader);
  t.true(after.term > before.term);
  cluster.host(before.leader).start();
  const settled = await cluster.untilSettled(before.master);
  t.is(settled.epoch, before.epoch);
  t.deepEqual(scriptsRunIn(cluster.log(), before.master, since), []);
});

test.serial(
  'the leader stops cleanly: the next one leads at once, the master does not notice',
  async (t) => {
    const before = await masterElsewhere();
    const since = Date.now();
    t.is(await cluster.host(before.leader).stop('elector'), 0);
    await ledByAnother(before.leader);
    cluster.host(before.leader).start();
    t.is((await cluster.untilSettled(before.master)).epoch, before.epoch);
    t.deepEqual(scriptsRunIn(cluster.log(), before.master, since), []);
  },
);

test.serial('a follower stops cleanly: nobody notices', async (t) => {
  const before = await masterElsewhere();
  const [, follower = ''] = cluster.others(before.leader);
  const since = Date.now();
  t.is(await cluster.host(follower).stop('elector'), 0);
  cluster.host(follower).start();
  const after = await cluster.untilSettled(before.master);
  t.is(after.term, before.term);
  t.deepEqual(scriptsRunIn(cluster.log(), before.master, since), []);
});

test.serial('the leader hangs for five seconds and comes back as a follower', async (t) => {
  const before = await masterElsewhere();
  const leader = cluster.host(before.leader);
  const since = leader.signal('elector', 'SIGSTOP');
  const after = await ledByAnother(before.leader);
  await sleep(5_000 - (Date.now() - since));
  leader.signal('elector', 'SIGCONT');
  const settled = await cluster.untilSettled(before.master);
  t.is(settled.leader, after.leader);
  t.is(settled.term, after.term);
  t.is(settled.epoch, before.epoch);
  const woken = settled.electors.find(({ name }) => name === before.leader);
  t.is(woken?.role, ElectorRole.FOLLOWER);
  t.deepEqual(scriptsRunIn(cluster.log(), before.master, since), []);
});

test.serial(
  'maintenance outlives its leader, and while it lasts no script runs at all',
  async (t) => {
    const before = await masterElsewhere();
    await cluster.admin.of(before.master).setMaintenance({ on: true });
    await cluster.until('all runners are in maintenance', ({ maintenance, runners }) => {
      return maintenance && runners.every((runner) => runner.maintenance);
    });
    // A status that was running when maintenance began may end; none begins.
    const count = begun();
    cluster.host(before.leader).signal('elector', 'SIGKILL');
    const led = await ledByAnother(before.leader);
    t.true(led.maintenance);
    cluster.host(before.leader).start();
    await sleep(3_500);
    t.is(begun(), count);
    await cluster.admin.of(before.leader).setMaintenance({ on: false });
    const after = await cluster.untilSettled(before.master);
    t.false(after.maintenance);
    t.is(after.epoch, before.epoch);
    await cluster.untilLog('status scripts run again', () => begun() > count);
  },
);

test.serial('all electors restart: what they had agreed on is still there', async (t) => {
  const before = await cluster.untilSettled();
  const names = cluster.others();
  await Promise.all(names.map((name) => cluster.host(name).stop('elector')));
  for (const name of names) cluster.host(name).start();
  const after = await cluster.untilSettled();
  t.true(after.revision >= before.revision);
  t.true(after.term > before.term);
  t.true(after.epoch >= before.epoch);
});

test.serial('all electors are killed at once and restart', async (t) => {
  const before = await cluster.untilSettled();
  const names = cluster.others();
  for (const name of names) cluster.host(name).signal('elector', 'SIGKILL');
  for (const name of names) cluster.host(name).start();
  const after = await cluster.untilSettled();
  t.true(after.revision >= before.revision);
  t.true(after.epoch >= before.epoch);
});

function begun(): number {
  return cluster.log().filter(({ kind }) => kind === 'begin').length;
}
