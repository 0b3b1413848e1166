// What happens to the cluster of a transcript, a form for each: time passes, hosts die and come back,
// services break, links are cut.
import type { ServedCluster } from './served-cluster.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000 };

type Deed = (cluster: ServedCluster, ...words: string[]) => Promise<void> | void;

const DEEDS: readonly (readonly [pattern: RegExp, deed: Deed])[] = [
  [/^run (\d+) (ms|s|min)$/, (cluster, count, unit) => cluster.run(Number(count) * unitOf(unit))],
  [
    /^until ([a-z]) leads$/,
    (cluster, name) =>
      cluster.runUntil(
        () => cluster.cluster.leaders.some((elector) => elector.name === name),
        `${name} leads`,
      ),
  ],
  [
    /^until nobody leads$/,
    (cluster) => cluster.runUntil(() => cluster.cluster.leaders.length === 0, 'nobody leads'),
  ],
  [
    /^until ([a-z]) is master$/,
    (cluster, name) => cluster.runUntil(() => servesAll(cluster, name), `${name} is master`),
  ],
  [
    /^until ([a-z]) is ([a-z]+)$/,
    (cluster, name, state) =>
      cluster.runUntil(() => stateOf(cluster, name) === state, `${name} is ${state}`),
  ],
  [/^crash ([a-z])$/, (cluster, name) => cluster.host(name).crash()],
  [/^boot ([a-z])$/, (cluster, name) => cluster.host(name).boot()],
  [/^kill elector ([a-z])$/, (cluster, name) => cluster.host(name).elector?.crash()],
  [/^kill runner ([a-z])$/, (cluster, name) => cluster.host(name).runner?.crash()],
  [
    /^break (\S+) of ([a-z])$/,
    (cluster, service, name) => {
      cluster.host(name).runner?.scripts.break(service);
    },
  ],
  [
    /^hang ([a-z])$/,
    (cluster, name) => {
      const { runner } = cluster.host(name);
      if (runner !== undefined) runner.scripts.hanging = true;
    },
  ],
  [
    /^behave ([a-z])$/,
    (cluster, name) => {
      const { runner } = cluster.host(name);
      if (runner === undefined) return;
      runner.scripts.hanging = false;
      runner.scripts.behave();
    },
  ],
];

/** Does what a line says. Throws where nobody knows what it means. */
export async function perform(cluster: ServedCluster, text: string): Promise<void> {
  for (const [pattern, deed] of DEEDS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    await deed(cluster, ...match.slice(1));
    await cluster.serve();
    return;
  }
  throw new Error(`nobody knows what this means: ${text}`);
}

function unitOf(unit: string | undefined): number {
  return UNITS[unit ?? ''] ?? 0;
}

function servesAll(cluster: ServedCluster, name: string): boolean {
  const { runner } = cluster.host(name);
  const services = runner?.services.map((service) => service.name) ?? [];
  return runner?.scripts.promotedFully(services) === true && stateOf(cluster, name) === 'master';
}

function stateOf(cluster: ServedCluster, name: string): string | undefined {
  const [leader] = cluster.cluster.leaders;
  return leader?.view()?.runners.find((runner) => runner.name === name)?.state;
}
