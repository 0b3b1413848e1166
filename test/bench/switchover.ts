// How long a planned switchover takes where the scripts themselves take no time: from the call to the
// first line of the new master's promote script, and how long nobody is master in between.
import type { Duration } from '@koi/lib/time';
import { handoversIn, overlapsIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';
import { type Figure, median, worst } from './figure.ts';

/** PromoteRunner, from one host to the next. */
export const switchoverFigure: Figure = {
  name: 'switchover',
  async measure(rounds, note) {
    // The web service's process takes its time to start: only the store's scripts are instant.
    const cluster = await TestCluster.start({ web: false, times: { preset: 'default' } });
    try {
      const delays: Duration[] = [];
      const gaps: Duration[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const { delay, gap } = await switchOver(cluster);
        delays.push(delay);
        gaps.push(gap);
        note(`${delay.toFixed(1)} ms, nobody for ${gap.toFixed(1)} ms`);
      }
      const remark = `of ${rounds}`;
      return [
        { what: 'switchover, call to promote, median', value: median(delays), bound: 80, remark },
        { what: 'switchover, call to promote, worst', value: worst(delays), bound: 150, remark },
        { what: 'switchover, nobody is master, median', value: median(gaps), bound: 30, remark },
        { what: 'switchover, nobody is master, worst', value: worst(gaps), bound: 80, remark },
        {
          what: 'overlap, switchover',
          value: worst(overlapsIn(cluster.log()).map(({ lasts }) => lasts)),
          bound: 0,
          remark: `${rounds} rounds`,
        },
      ];
    } finally {
      await cluster.close();
    }
  },
};

async function switchOver(cluster: TestCluster): Promise<{ delay: Duration; gap: Duration }> {
  const { leader, master } = await cluster.untilSettled();
  const [next = ''] = cluster.others(master);
  const before = handoversIn(cluster.log()).length;
  // The channel is open: the cluster was just asked on it.
  const calledAt = Date.now();
  await cluster.admin.of(leader).promoteRunner({ runner: next });
  await cluster.untilSettled(next);
  const handover = handoversIn(cluster.log())[before];
  if (handover === undefined) throw new Error('the log shows no switchover');
  return { delay: handover.at - calledAt, gap: handover.gap };
}
