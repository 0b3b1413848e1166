// What has changed between two views of a cluster, a sentence each. Ages are no change.
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import type { Runner } from '@koi/gen/koi/cluster/v1/runner_pb';
import type { Service } from '@koi/gen/koi/cluster/v1/service_pb';
import { obstacles } from './readiness.ts';
import { roleSpan, runnerStateSpan, serviceStateSpan } from './words.ts';

/** The sentences, the most important first. */
export function differences(before: Cluster, now: Cluster): readonly string[] {
  return [
    ...leaderChange(before, now),
    ...masterChange(before, now),
    ...switched('maintenance', before.maintenance, now.maintenance),
    ...switched('manual mode', before.manual, now.manual),
    ...readinessChange(before, now),
    ...electorChanges(before, now),
    ...now.runners.flatMap((runner) =>
      runnerChanges(
        before.runners.find(({ name }) => name === runner.name),
        runner,
      ),
    ),
    ...before.runners
      .filter(({ name }) => now.runners.every((runner) => runner.name !== name))
      .map(({ name }) => `runner ${name} is forgotten`),
  ];
}

function leaderChange(before: Cluster, now: Cluster): readonly string[] {
  if (before.leader === now.leader) return [];
  return [
    now.leader === '' ? `${before.leader} leads no more` : `${now.leader} leads (term ${now.term})`,
  ];
}

function masterChange(before: Cluster, now: Cluster): readonly string[] {
  if (before.master === now.master && before.epoch === now.epoch) return [];
  if (now.master === '') return [`${before.master} is master no more`];
  return [`${now.master} is master (epoch ${now.epoch})`];
}

function switched(what: string, before: boolean, now: boolean): readonly string[] {
  return before === now ? [] : [`${what} is ${now ? 'on' : 'off'}`];
}

function readinessChange(before: Cluster, now: Cluster): readonly string[] {
  const [was, is] = [obstacles(before).join('; '), obstacles(now).join('; ')];
  if (was === is) return [];
  return [is === '' ? 'automatic failover: READY' : `automatic failover: BLOCKED: ${is}`];
}

function electorChanges(before: Cluster, now: Cluster): readonly string[] {
  return now.electors.flatMap((elector) => {
    const { name, problem, heard, charter } = elector;
    const old = before.electors.find((one) => one.name === name);
    const [was, is] = [old === undefined ? 'new' : roleSpan(old).text, roleSpan(elector).text];
    const found = was === is ? [] : [`elector ${name}: ${was} → ${is}`];
    if (problem !== '' && problem !== old?.problem) found.push(`elector ${name}: ${problem}`);
    if (heard && !charter && old?.charter === true) found.push(`elector ${name}: charter lost`);
    return found;
  });
}

function runnerChanges(before: Runner | undefined, now: Runner): readonly string[] {
  const is = runnerStateSpan(now.state).text;
  if (before === undefined) return [`runner ${now.name}: new, ${is}`];
  const was = runnerStateSpan(before.state).text;
  const found = was === is ? [] : [`runner ${now.name}: ${was} → ${is}`];
  if (now.stopped !== before.stopped) {
    found.push(`runner ${now.name} is to ${now.stopped ? 'be stopped' : 'run'}`);
  }
  return [
    ...found,
    ...now.services.flatMap((service) =>
      serviceChanges(
        now.name,
        before.services.find(({ name }) => name === service.name),
        service,
      ),
    ),
  ];
}

function serviceChanges(
  runner: string,
  before: Service | undefined,
  now: Service,
): readonly string[] {
  const what = `service ${now.name} of ${runner}`;
  const was = before === undefined ? 'new' : serviceStateSpan(before.state).text;
  const is = serviceStateSpan(now.state).text;
  const found = was === is ? [] : [`${what}: ${was} → ${is}`];
  if (now.failure !== '' && now.failure !== before?.failure) found.push(`${what}: ${now.failure}`);
  return found;
}
