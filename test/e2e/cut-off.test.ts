// A master that is cut off from every elector, its services running on: it must have put itself down
// before another is promoted. And the proof that these tests can see two masters: the same cut on a
// runner whose lease never ends.
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { bundleEndlessRunner } from '../cluster/endless-runner.ts';
import { handoversIn, overlapsIn, scriptsRunIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

async function cutOff(t: ExecutionContext, runner: string | undefined) {
  const cluster = await TestCluster.start({
    wires: true,
    times: { preset: 'fast' },
    ...(runner === undefined ? {} : { programs: { runner } }),
  });
  t.teardown(() => cluster.close());
  const before = await cluster.untilSettled();
  t.deepEqual(cluster.faults(), []);
  const since = cluster.cut(before.master);
  await cluster.untilLog('the store is promoted elsewhere', (lines) =>
    lines.some(
      (line) =>
        line.kind === 'end' &&
        line.host !== before.master &&
        line.service === 'store' &&
        line.action === 'promote',
    ),
  );
  return { cluster, master: before.master, since };
}

test.serial('a master that is cut off demotes itself before another is promoted', async (t) => {
  const { cluster, master, since } = await cutOff(t, undefined);
  t.deepEqual(cluster.faults(), []);
  const scripts = scriptsRunIn(cluster.log(), master, since);
  t.deepEqual(scripts.slice(0, 2), ['web demote', 'store demote']);
  const handover = handoversIn(cluster.log()).at(-1);
  t.is(handover?.from, master);
  t.true((handover?.gap ?? 0) > 0);
  cluster.mend(master);
  const after = await cluster.untilSettled();
  t.is(after.master, handover?.to ?? '');
  t.deepEqual(cluster.faults(), []);
});

test.serial(
  'a master that misses only the leader stays master: others pass on its reports',
  async (t) => {
    const cluster = await TestCluster.start({ wires: true });
    t.teardown(() => cluster.close());
    const before = await cluster.untilSettled();
    const since = cluster.cut(before.master, before.leader);
    // Twice as long as its lease and grace together.
    await sleep(5_500);
    t.deepEqual(scriptsRunIn(cluster.log(), before.master, since), []);
    const after = await cluster.untilSettled(before.master);
    t.is(after.epoch, before.epoch);
    t.is(after.leader, before.leader);
    t.deepEqual(cluster.faults(), []);
  },
);

test.serial('these tests see two masters, where a lease never ends', async (t) => {
  const bundle = await bundleEndlessRunner();
  t.teardown(() => bundle.remove());
  const { cluster, master } = await cutOff(t, bundle.program);
  const overlaps = overlapsIn(cluster.log());
  t.true(overlaps.length > 0);
  t.is(overlaps[0]?.first.host, master);
  // The second witness: the port that only one host can hold is still held by the old master.
  await cluster.untilLog('the web service cannot be promoted elsewhere', () =>
    cluster.faults().some((fault) => fault.startsWith('promote of web on ')),
  );
  t.is(await cluster.answers(), master);
});
