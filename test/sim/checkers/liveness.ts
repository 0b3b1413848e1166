// When the storm is over: within a bounded time there is one leader and, where a runner can be, exactly one
// master, and then nothing changes any more.
import type { Cluster } from '../cluster.ts';
import type { Plan } from '../plan.ts';

/** What may not change any more once all is well. */
export interface Calm {
  readonly leader: string;
  readonly term: number;
  readonly epoch: number;
  readonly master: string | undefined;
}

/** How long a cluster may take to come back, and how long it is watched for flapping. */
export function patience(plan: Plan): number {
  const scale = plan.fast ? 0.25 : 1;
  return 10_000 * scale + plan.initialPromotion + plan.recoveryDelay + 2_000 * scale;
}

/** For how long a cluster that is well again is watched for flapping. */
export function watch(plan: Plan): number {
  return 5 * plan.times.leaderLease;
}

/** What is wrong with a cluster that should be well; a calm cluster, where nothing is. */
export function judge(cluster: Cluster): Calm | string {
  const { leaders, electors, runners } = cluster;
  const [leader, ...others] = leaders;
  if (leader === undefined) return 'nobody leads';
  if (others.length > 0) return `${leaders.map(({ name }) => name).join(' and ')} lead`;
  for (const elector of electors) {
    if (elector.leader !== leader.name)
      return `${elector.name} does not know that ${leader.name} leads`;
  }
  const view = leader.view();
  if (view === undefined) return `${leader.name} shows nothing`;
  const able = runners.filter(({ mode }) => mode === 'active');
  const promoted = runners.filter(({ scripts }) => scripts.promoted);
  const { term, epoch } = view;
  if (able.length === 0) {
    const [stray] = promoted;
    if (stray !== undefined) return `${stray.name} is passive and promoted`;
    return { leader: leader.name, term, epoch, master: undefined };
  }
  const [master, ...more] = promoted;
  if (master === undefined) {
    return `nobody is master: ${view.master ?? 'nobody'} is named, waiting: ${view.waiting}`;
  }
  if (more.length > 0) return `${promoted.map(({ name }) => name).join(' and ')} are promoted`;
  if (view.master !== master.name) return `${master.name} is promoted, ${view.master} is named`;
  if (!master.scripts.promotedFully(master.services.map(({ name }) => name))) {
    return `${master.name} is master and not all of it is promoted`;
  }
  return { leader: leader.name, term, epoch, master: master.name };
}
