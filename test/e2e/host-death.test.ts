// Hosts that die without a word: kill -9 of everything on them. Somebody else is master afterwards,
// and the lease and grace of the dead one are over before.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { handoversIn, scriptsRunIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

let cluster: TestCluster;

test.before('start', async () => {
  cluster = await TestCluster.start();
});
test.after.always('remove', () => cluster.close());
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

/** Makes a runner master whose elector leads, or one whose elector does not. */
async function placeMaster(leads: boolean): Promise<{ master: string; epoch: bigint }> {
  const { leader } = await cluster.untilSettled();
  const master = leads ? leader : (cluster.others(leader)[0] ?? '');
  await cluster.admin.of(leader).promoteRunner({ runner: master });
  return cluster.untilSettled(master);
}

for (const leads of [false, true]) {
  const which = leads ? 'leads' : 'does not lead';
  test.serial(`the master's host dies while its elector ${which}`, async (t) => {
    const before = await placeMaster(leads);
    cluster.host(before.master).kill();
    const after = await cluster.untilSettled();
    t.not(after.master, before.master);
    t.not(after.leader, before.master);
    t.is(after.epoch, before.epoch + 1n);
    t.is(await cluster.answers(), after.master);
    const handover = handoversIn(cluster.log()).at(-1);
    t.is(handover?.from, before.master);
    // At least the grace: the dead one could have gone on for so long, had only its network died.
    t.true((handover?.gap ?? 0) >= 1_000, `handed over after ${handover?.gap} ms`);
    cluster.host(before.master).start();
    t.is((await cluster.untilSettled()).master, after.master);
  });
}

test.serial('two of three hosts die: nobody is master until one is back', async (t) => {
  const before = await placeMaster(true);
  const [survivor = '', other = ''] = cluster.others(before.master);
  const since = cluster.host(before.master).kill();
  cluster.host(other).kill();
  // Longer than lease and grace: a minority must not elect even then.
  await sleep(3_200);
  t.is(await cluster.answers(), undefined);
  t.deepEqual(scriptsRunIn(cluster.log(), survivor, since), []);
  cluster.host(other).start();
  const after = await cluster.untilSettled();
  t.true([survivor, other].includes(after.master));
  cluster.host(before.master).start();
  await cluster.untilSettled(after.master);
});
