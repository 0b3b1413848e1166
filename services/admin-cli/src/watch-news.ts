// What a watcher is told of each sighting, a sentence each: changes of the cluster, and from whom
// they are known.
import type { WatchClusterResponse } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { differences } from './render/differences.ts';
import { obstacles } from './render/readiness.ts';
import type { Sighting } from './stay.ts';

/** Remembers the last view, and who told it. */
export class WatchNews {
  #before: Cluster | undefined;
  #elector: string | undefined;

  /** The sentences, the most important first. */
  take(sighting: Sighting<WatchClusterResponse>): readonly string[] {
    if (sighting.kind === 'lost') {
      return [`${this.#elector ?? sighting.address}: ${sighting.why}, another elector is asked`];
    }
    if (sighting.kind === 'alone') return ['no elector answers, they are asked again'];
    const { cluster, elector } = sighting.message;
    if (cluster === undefined) return [];
    const [before, told] = [this.#before, this.#elector];
    this.#before = cluster;
    this.#elector = elector;
    if (before === undefined) return firstWords(cluster, elector);
    const moved = told === elector ? [] : [`${elector} answers now`];
    return [...moved, ...differences(before, cluster)];
  }
}

function firstWords(cluster: Cluster, elector: string): readonly string[] {
  const { name, leader, term, master, epoch } = cluster;
  const lead = leader === '' ? 'nobody leads' : `${leader} leads (term ${term})`;
  const role = master === '' ? 'nobody is master' : `${master} is master (epoch ${epoch})`;
  const reasons = obstacles(cluster);
  const ready = reasons.length === 0 ? 'READY' : `BLOCKED: ${reasons.join('; ')}`;
  return [`${name}: ${lead}, ${role}, as ${elector} sees it`, `automatic failover: ${ready}`];
}
