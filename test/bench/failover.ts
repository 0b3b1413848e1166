// How long the cluster is without a master when the master's host dies: from the first kill to the first
// line of the next host's promote script, by one clock.

import type { Duration } from '@koi/lib/time';
import { failover, PRESETS } from '@koi/lib/timing';
import { handoversIn, overlapsIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';
import { type Figure, worst } from './figure.ts';

interface FailoverCase {
  readonly preset: 'default' | 'fast';
  /** Whether the elector of the dying host leads. */
  readonly leads: boolean;
  readonly bound: Duration;
}

/** A master's host is killed, and comes back before the next round. */
export function failoverFigure({ preset, leads, bound }: FailoverCase): Figure {
  const what = `master's host killed, its elector ${leads ? 'led' : 'did not lead'}, ${preset} times`;
  return {
    name: `failover-${preset}-${leads ? 'leader' : 'follower'}`,
    async measure(rounds, note) {
      const cluster = await TestCluster.start({ times: { preset, status: 1_000 } });
      try {
        const times: Duration[] = [];
        for (let round = 0; round < rounds; round += 1) {
          times.push(await failoverOnce(cluster, leads));
          note(`${times.at(-1)?.toFixed(0)} ms`);
        }
        const bounds = failover(PRESETS[preset], 3);
        const arithmetic = leads ? bounds.leaderDiesToo : bounds.masterDies;
        const remark = `worst of ${rounds}; by arithmetic ${arithmetic?.toFixed(0)} ms and the processes' start`;
        return [
          { what, value: worst(times), bound, remark },
          {
            what: `overlap, ${what}`,
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
}

async function failoverOnce(cluster: TestCluster, leads: boolean): Promise<Duration> {
  const { leader } = await cluster.untilSettled();
  const master = leads ? leader : (cluster.others(leader)[0] ?? '');
  await cluster.admin.of(leader).promoteRunner({ runner: master });
  await cluster.untilSettled(master);
  const before = handoversIn(cluster.log()).length;
  const killedAt = cluster.host(master).kill();
  await cluster.untilLog('another host is promoted', (lines) => handoversIn(lines).length > before);
  const promotedAt = handoversIn(cluster.log())[before]?.at ?? Number.NaN;
  await cluster.untilSettled();
  cluster.host(master).start();
  await cluster.untilSettled();
  return promotedAt - killedAt;
}
