// How long the cluster is without a master when the master's host dies, or its koi-runner alone: from the
// first kill to the first line of the next host's promote script, by one clock.

import type { Duration, Instant } from '@koi/lib/time';
import { failover, PRESETS } from '@koi/lib/timing';
import { handoversIn, overlapsIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';
import type { TestHost } from '../cluster/test-host.ts';
import { type Figure, worst } from './figure.ts';

/** What happens to the master: its whole host, or its koi-runner alone while the services go on. */
export type MasterFault = 'host-killed' | 'runner-killed' | 'runner-stopped';

interface FailoverCase {
  readonly preset: 'default' | 'fast';
  readonly fault: MasterFault;
  /** Whether the elector of the master's host leads. */
  readonly leads: boolean;
  readonly bound: Duration;
}

const faults: Readonly<Record<MasterFault, string>> = {
  'host-killed': "master's host killed",
  'runner-killed': "master's runner killed",
  'runner-stopped': "master's runner stopped",
};

/** A master is lost, and comes back before the next round. */
export function failoverFigure({ preset, fault, leads, bound }: FailoverCase): Figure {
  const what = `${faults[fault]}, its elector ${leads ? 'led' : 'did not lead'}, ${preset} times`;
  const kind = fault === 'host-killed' ? 'failover' : fault;
  return {
    name: `${kind}-${preset}-${leads ? 'leader' : 'follower'}`,
    async measure(rounds, note) {
      const cluster = await TestCluster.start({ times: { preset, status: 1_000 } });
      try {
        const times: Duration[] = [];
        for (let round = 0; round < rounds; round += 1) {
          times.push(await failoverOnce(cluster, fault, leads));
          note(`${times.at(-1)?.toFixed(0)} ms`);
        }
        const bounds = failover(PRESETS[preset], 3);
        const dead = leads && fault === 'host-killed';
        const arithmetic = dead ? bounds.leaderDiesToo : bounds.masterDies;
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

async function failoverOnce(
  cluster: TestCluster,
  fault: MasterFault,
  leads: boolean,
): Promise<Duration> {
  const { leader } = await cluster.untilSettled();
  const master = leads ? leader : (cluster.others(leader)[0] ?? '');
  await cluster.admin.of(leader).promoteRunner({ runner: master });
  await cluster.untilSettled(master);
  const before = handoversIn(cluster.log()).length;
  const host = cluster.host(master);
  const lostAt = lose(host, fault);
  await cluster.untilLog('another host is promoted', (lines) => handoversIn(lines).length > before);
  const promotedAt = handoversIn(cluster.log())[before]?.at ?? Number.NaN;
  // One that stands still never settles, and one that is dead is only waited for in its absence.
  if (fault !== 'runner-stopped') await cluster.untilSettled();
  if (fault === 'host-killed') host.start();
  else if (fault === 'runner-killed') host.startDaemon('runner');
  else host.signal('runner', 'SIGCONT');
  await cluster.untilSettled();
  return promotedAt - lostAt;
}

function lose(host: TestHost, fault: MasterFault): Instant {
  if (fault === 'host-killed') return host.kill();
  return host.signal('runner', fault === 'runner-killed' ? 'SIGKILL' : 'SIGSTOP');
}
