// When an order is done, judged by views of the cluster: what is under way, what has come of it.
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { type Runner, RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import { activity } from './activity.ts';

/** How far an order has come. */
export type Progress =
  | { readonly state: 'under way' | 'done'; readonly text: string }
  | { readonly state: 'failed'; readonly text: string };

/** Judges a view that holds the order; `before` is one from before it was given. */
export type Goal = (now: Cluster, before: Cluster) => Progress;

/** A runner is to be master. */
export function promotedGoal(name: string): Goal {
  return (now) => {
    if (now.master === name) return masterSettled(now);
    if (now.target === name) return underWay(now);
    const { rejected = '' } = runnerOf(now, name) ?? {};
    const why = rejected === '' ? 'another order or a failure came between' : rejected;
    return { state: 'failed', text: `${name} has not become master: ${why}` };
  };
}

/** Nobody is to be master. */
export const demotedGoal: Goal = (now) => {
  if (!now.manual) return { state: 'failed', text: 'another order has ended manual mode' };
  const promoted = now.runners.some(
    (runner) => runner.promoted && runner.state !== RunnerState.DISCONNECTED,
  );
  if (now.master !== '' || promoted) return underWay(now);
  return { state: 'done', text: 'nobody is master' };
};

/** Somebody is to be master. */
export const electedGoal: Goal = (now) => {
  if (now.manual) return { state: 'failed', text: 'another order has begun manual mode' };
  return masterSettled(now);
};

/** Every runner that is heard is to be in maintenance, or none. */
export function maintenanceGoal(on: boolean): Goal {
  const wish = on ? 'on' : 'off';
  return (now) => {
    if (now.maintenance !== on) {
      return { state: 'failed', text: `another order has turned maintenance ${on ? 'off' : 'on'}` };
    }
    const heard = now.runners.filter(({ state }) => state !== RunnerState.DISCONNECTED);
    const late = heard.filter(({ maintenance }) => maintenance !== on).map(({ name }) => name);
    if (late.length > 0) return { state: 'under way', text: `${late.join(', ')}: not told yet` };
    return {
      state: 'done',
      text: `maintenance is ${wish}: ${heard.length} of ${now.runners.length} runners know it`,
    };
  };
}

/** A runner's services are to run. */
export function startedGoal(name: string): Goal {
  return (now) => {
    const runner = runnerOf(now, name);
    if (runner === undefined) return underWay(now);
    if (runner.stopped) return { state: 'failed', text: `another order has stopped ${name}` };
    return runs(runner) ?? underWay(now);
  };
}

/** A runner's services are to be down, and somebody else to be master where it was. */
export function stoppedGoal(name: string): Goal {
  return (now, before) => {
    const runner = runnerOf(now, name);
    if (runner?.stopped === false) {
      return { state: 'failed', text: `another order has started ${name}` };
    }
    if (runner !== undefined && !down(runner)) return underWay(now);
    const followed = before.master === name && canFollow(now, name);
    if (followed && masterSettled(now).state !== 'done') return underWay(now);
    const heir = now.master === '' ? 'nobody is master' : `${now.master} is master`;
    return { state: 'done', text: `${name} is stopped, ${heir}` };
  };
}

/** Runners are to have forgotten their failures; empty: all of them. */
export function recoveredGoal(name: string): Goal {
  let seenWell = false;
  return (now) => {
    const concerned = now.runners.filter(
      (runner) =>
        (name === '' || runner.name === name) &&
        runner.state !== RunnerState.DISCONNECTED &&
        !runner.stopped,
    );
    const sick = concerned.filter(({ state }) => state === RunnerState.FAILED);
    const [worst] = sick;
    if (worst === undefined) seenWell = true;
    else if (seenWell) {
      return { state: 'failed', text: `${worst.name} has failed again: ${failureOf(worst)}` };
    }
    if (sick.length > 0 || concerned.some((runner) => runs(runner) === undefined)) {
      return underWay(now);
    }
    const who = concerned.map((runner) => runner.name).join(', ');
    return { state: 'done', text: `services run on ${who === '' ? 'nobody' : who}` };
  };
}

/** Another runner is to be master where one can be. */
export function confirmedDownGoal(name: string): Goal {
  return (now) => {
    if (now.master === name && now.target !== name && !canFollow(now, name)) {
      return { state: 'done', text: `${name} is taken to be down, and nobody can follow it` };
    }
    if (now.master === '' && !canFollow(now, name)) {
      return { state: 'done', text: 'nobody is master, and nobody can be' };
    }
    return now.master === name ? underWay(now) : masterSettled(now);
  };
}

function masterSettled(now: Cluster): Progress {
  const master = runnerOf(now, now.master);
  if (master === undefined) return underWay(now);
  const whole = master.services.every(({ state }) => state === ServiceState.PROMOTED);
  if (master.state !== RunnerState.MASTER || !whole) return underWay(now);
  return { state: 'done', text: `${master.name} is master (epoch ${now.epoch})` };
}

function underWay(now: Cluster): Progress {
  return { state: 'under way', text: activity(now) };
}

function runnerOf({ runners }: Cluster, name: string): Runner | undefined {
  return runners.find((runner) => runner.name === name);
}

const UP: ReadonlySet<ServiceState> = new Set([
  ServiceState.STARTED,
  ServiceState.PROMOTED,
  ServiceState.PROMOTING,
  ServiceState.DEMOTING,
]);

function runs(runner: Runner): Progress | undefined {
  const { name, state, services } = runner;
  if (state === RunnerState.FAILED) {
    return { state: 'failed', text: `${name} has failed: ${failureOf(runner)}` };
  }
  const raised = state >= RunnerState.LIVE && services.every((service) => UP.has(service.state));
  return raised ? { state: 'done', text: `${name} runs` } : undefined;
}

const DOWN: ReadonlySet<ServiceState> = new Set([ServiceState.STOPPED, ServiceState.FAILED]);

function down({ state, services }: Runner): boolean {
  // One that is not heard does not tell more.
  return state === RunnerState.DISCONNECTED || services.every((one) => DOWN.has(one.state));
}

/** Whether somebody else could be elected. */
function canFollow({ runners, maintenance, manual }: Cluster, name: string): boolean {
  if (maintenance || manual) return false;
  return runners.some((runner) => runner.name !== name && runner.rejected === '');
}

function failureOf({ services, rejected }: Runner): string {
  return services.find(({ failure }) => failure !== '')?.failure ?? rejected;
}
