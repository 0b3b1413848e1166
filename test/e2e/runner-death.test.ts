// koi-runner alone dies, stands still or is replaced, while what it supervises goes on. Promoted exactly as
// long as its lease allows, by the clock and not by luck: seen in the scripts' own log.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { handoversIn, scriptsRunIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

let cluster: TestCluster;

test.before('start', async () => {
  // Long enough for the start of a runner on a machine that has much else to do.
  cluster = await TestCluster.start({ times: { masterLease: 3_000 } });
});
test.after.always('remove', () => cluster.close());
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

/** The scripts but `status` that ran on a host since a moment. */
function disturbances(host: string, since: number): readonly string[] {
  return scriptsRunIn(cluster.log(), host, since).filter((line) => !line.includes('status'));
}

test.serial('killed and started again within its lease, it disturbs nothing', async (t) => {
  const before = await cluster.untilSettled();
  const since = cluster.host(before.master).signal('runner', 'SIGKILL');
  cluster.host(before.master).startDaemon('runner');
  const after = await cluster.untilSettled(before.master);
  // Longer than what was left of its lease.
  await sleep(3_500);
  t.is(after.epoch, before.epoch);
  t.deepEqual(disturbances(before.master, since), []);
});

test.serial('detached and started again, it disturbs nothing', async (t) => {
  const before = await cluster.untilSettled();
  const since = cluster.host(before.master).signal('runner', 'SIGUSR2');
  while (cluster.host(before.master).runs('runner')) await sleep(10);
  cluster.host(before.master).startDaemon('runner');
  const after = await cluster.untilSettled(before.master);
  // Longer than what was left of its lease.
  await sleep(3_500);
  t.is(after.epoch, before.epoch);
  t.deepEqual(disturbances(before.master, since), []);
});

test.serial(
  'killed for good, its services go down with its lease, and another is master',
  async (t) => {
    const before = await cluster.untilSettled();
    const since = cluster.host(before.master).signal('runner', 'SIGKILL');
    const after = await cluster.untilSettled();
    t.not(after.master, before.master);
    t.is(after.epoch, before.epoch + 1n);
    // By the same scripts, in the same order as the runner would.
    t.deepEqual(disturbances(before.master, since), ['web demote', 'store demote']);
    const handover = handoversIn(cluster.log()).at(-1);
    t.is(handover?.from, before.master);
    cluster.host(before.master).startDaemon('runner');
    await cluster.untilSettled(after.master);
  },
);

test.serial('stopped by a signal for ten seconds, it finds its services taken down', async (t) => {
  const before = await cluster.untilSettled();
  const since = cluster.host(before.master).signal('runner', 'SIGSTOP');
  await cluster.until('another host is master', ({ master }) => master !== before.master);
  t.deepEqual(disturbances(before.master, since), ['web demote', 'store demote']);
  await sleep(Math.max(0, 10_000 - (Date.now() - since)));
  const awake = cluster.host(before.master).signal('runner', 'SIGCONT');
  const after = await cluster.untilSettled();
  t.not(after.master, before.master);
  t.deepEqual(disturbances(before.master, awake), []);
});

test.serial('killed in maintenance, its services stay as they are', async (t) => {
  const before = await cluster.untilSettled();
  const admin = cluster.admin.of(before.leader);
  await admin.setMaintenance({ on: true });
  await cluster.until('all know of the maintenance', ({ runners }) => {
    return runners.every(({ maintenance }) => maintenance);
  });
  const since = cluster.host(before.master).signal('runner', 'SIGKILL');
  // Longer than its lease and grace together.
  await sleep(5_500);
  const everywhere = () =>
    [before.master, ...cluster.others(before.master)].flatMap((host) => disturbances(host, since));
  t.deepEqual(everywhere(), []);
  cluster.host(before.master).startDaemon('runner');
  await cluster.until('it is heard again', ({ runners }) => {
    const { reportAge, maintenance } = runners.find(({ name }) => name === before.master) ?? {};
    return maintenance === true && reportAge?.seconds === 0n;
  });
  await admin.setMaintenance({ on: false });
  const after = await cluster.untilSettled(before.master);
  t.is(after.epoch, before.epoch);
  t.deepEqual(everywhere(), []);
});
