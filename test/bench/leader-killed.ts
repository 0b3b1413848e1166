// How long the cluster is without a leader when the leading elector dies, as its survivors tell their
// watchers; and whether the master noticed, by the scripts that ran on it.
import type { Duration, Instant } from '@koi/lib/time';
import { overlapsIn, scriptsRunIn } from '../cluster/overlap.ts';
import type { AdminClient } from '../cluster/test-admin.ts';
import { TestCluster } from '../cluster/test-cluster.ts';
import { type Figure, worst } from './figure.ts';

/** Nobody leads for longer than this, unless nobody ever will. */
const leaderMax: Duration = 10_000;

/** kill -9 of the leader while another host is master. */
export const leaderKilledFigure: Figure = {
  name: 'leader-killed',
  async measure(rounds, note) {
    const cluster = await TestCluster.start({ times: { preset: 'default', status: 1_000 } });
    try {
      const delays: Duration[] = [];
      const scripts: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const { delay, run } = await killLeader(cluster);
        delays.push(delay);
        scripts.push(...run);
        note(`${delay.toFixed(0)} ms`);
      }
      const remark = `worst of ${rounds}`;
      return [
        { what: 'leader killed, until another leads', value: worst(delays), bound: 1_000, remark },
        {
          what: 'overlap, leader killed',
          value: worst(overlapsIn(cluster.log()).map(({ lasts }) => lasts)),
          bound: 0,
          remark: `${rounds} rounds`,
        },
        {
          what: 'leader killed, run on the master beside status',
          value: scripts.length,
          unit: 'scripts',
          bound: 0,
          remark: scripts.join(', '),
        },
      ];
    } finally {
      await cluster.close();
    }
  },
};

async function killLeader(
  cluster: TestCluster,
): Promise<{ delay: Duration; run: readonly string[] }> {
  const { leader } = await cluster.untilSettled();
  const [master = ''] = cluster.others(leader);
  await cluster.admin.of(leader).promoteRunner({ runner: master });
  const { term } = await cluster.untilSettled(master);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(leaderMax)]);
  const successions = cluster
    .others(leader)
    .map((elector) => succession(cluster.admin.of(elector), term, signal));
  const killedAt = cluster.host(leader).signal('elector', 'SIGKILL');
  const ledAt = await Promise.any(successions);
  stop.abort();
  cluster.host(leader).start();
  await cluster.untilSettled(master);
  return { delay: ledAt - killedAt, run: scriptsRunIn(cluster.log(), master, killedAt) };
}

/** When an elector tells of a leader of a higher term. */
async function succession(admin: AdminClient, term: bigint, signal: AbortSignal): Promise<Instant> {
  for await (const { cluster } of admin.watchCluster({}, { signal })) {
    if (cluster !== undefined && cluster.leader !== '' && cluster.term > term) return Date.now();
  }
  throw new Error('the elector ended the watch');
}
