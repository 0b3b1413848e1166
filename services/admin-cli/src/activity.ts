// What a cluster is busy with, in one line: scripts under way, else what the leader waits for.
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import { waitingOf } from './render/cluster-page.ts';

const VERBS: Readonly<Partial<Record<ServiceState, string>>> = {
  [ServiceState.STARTING]: 'starts',
  [ServiceState.STOPPING]: 'stops',
  [ServiceState.PROMOTING]: 'promotes',
  [ServiceState.DEMOTING]: 'demotes',
  [ServiceState.FAILING]: 'clears away',
};

/** "a demotes web, b starts database", "waiting: a may still be promoted". */
export function activity(cluster: Cluster): string {
  const busy = cluster.runners
    .filter(({ state }) => state !== RunnerState.DISCONNECTED)
    .flatMap(({ name, services }) =>
      services.flatMap((service) => {
        const verb = VERBS[service.state];
        return verb === undefined ? [] : [`${name} ${verb} ${service.name}`];
      }),
    );
  if (busy.length > 0) return busy.join(', ');
  if (cluster.leader === '') return 'nobody leads at the moment';
  if (cluster.waiting !== '') return `waiting: ${waitingOf(cluster)}`;
  const idle = cluster.runners.filter(({ rejected }) => rejected !== '');
  if (cluster.master === '' && idle.length > 0) {
    return idle.map(({ name, rejected }) => `${name} cannot become master: ${rejected}`).join(', ');
  }
  return 'waiting for the runners';
}
