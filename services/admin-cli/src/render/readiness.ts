// Whether the cluster would survive the death of its master's host by itself, in one line.
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { asClause } from '../failure.ts';
import { type Block, line, span } from './page.ts';

/** Why there would be no automatic failover; empty: there would. */
export function obstacles({
  leader,
  master,
  blocked,
  waiting,
}: Pick<Cluster, 'leader' | 'master' | 'blocked' | 'waiting'>): readonly string[] {
  if (leader === '') return ['nobody leads'];
  if (master !== '') return blocked;
  if (blocked.length > 0) return blocked;
  return [waiting === '' ? 'nobody is master' : `nobody is master: ${waiting}`];
}

/** The line that says it. */
export function readinessLine(reasons: readonly string[]): Block {
  const title = 'automatic failover: ';
  if (reasons.length === 0) return line(title, span('READY', 'good'));
  return line(title, span('BLOCKED', 'bad'), `: ${reasons.map(asClause).join('; ')}`);
}

/** The line for a monitoring system. */
export function checkLine(cluster: Cluster): Block {
  const { name, leader, master, epoch } = cluster;
  const reasons = obstacles(cluster);
  if (reasons.length === 0) {
    return line(`READY: ${master} is master of ${name} (epoch ${epoch}), ${leader} leads`);
  }
  return line(`BLOCKED: ${reasons.map(asClause).join('; ')}`);
}
