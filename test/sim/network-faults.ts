// What happens to the network: hosts, pairs and directions are cut, streams break at one end or both, or
// carry nothing for a while.
import type { SimHost } from './sim-host.ts';
import type { Storm } from './storm.ts';

type Direction = readonly [SimHost, SimHost];

function cut(storm: Storm, directions: readonly Direction[], text: string): void {
  cutFor(storm, directions, text, storm.lasts());
}

/** Cuts some directions for so long. */
export function cutFor(
  storm: Storm,
  directions: readonly Direction[],
  text: string,
  delay: number,
): void {
  if (directions.length === 0) return;
  storm.say(`${text} for ${Math.round(delay)} ms`);
  const { network } = storm.cluster;
  const mends = directions.map(([from, to]) => network.cut(from.name, to.name, storm.felt));
  storm.until(delay, () => {
    storm.say(`mended: ${text}`);
    for (const mend of mends) mend();
  });
}

function bothWays(one: SimHost, others: readonly SimHost[]): readonly Direction[] {
  return others
    .filter((other) => other !== one)
    .flatMap((other) => [[one, other] as const, [other, one] as const]);
}

export function cutPair(storm: Storm): void {
  const one = storm.host();
  const other = storm.random.pick(storm.cluster.hosts.filter((host) => host !== one));
  if (one === undefined || other === undefined) return;
  cut(storm, bothWays(one, [other]), `${one.name} and ${other.name} are cut`);
}

export function cutOneWay(storm: Storm): void {
  const one = storm.host();
  const other = storm.random.pick(storm.cluster.hosts.filter((host) => host !== one));
  if (one === undefined || other === undefined) return;
  const [from, to] = storm.random.chance(0.5) ? [one, other] : [other, one];
  cut(storm, [[from, to]], `${from.name} cannot reach ${to.name}`);
}

export function cutHost(storm: Storm): void {
  const host = storm.host();
  if (host === undefined) return;
  const others = storm.cluster.hosts.filter((other) => other !== host);
  const kind = storm.random.oneOf('from all', 'from all', 'outwards', 'inwards');
  const directions = bothWays(host, others).filter(
    ([from]) => kind === 'from all' || (from === host) === (kind === 'outwards'),
  );
  cut(storm, directions, `${host.name} is cut off ${kind}`);
}

export function partition(storm: Storm): void {
  const { hosts } = storm.cluster;
  const left = hosts.filter(() => storm.random.chance(0.5));
  const right = hosts.filter((host) => !left.includes(host));
  const directions = left.flatMap((one) => bothWays(one, right));
  cut(storm, directions, `${left.map(({ name }) => name).join(', ')} are cut off together`);
}

/** The leader misses the other electors, or the runners, and not the others of them. */
export function isolateLeader(storm: Storm): void {
  const { electors, runners } = storm.cluster;
  const host = storm.random.pick(storm.cluster.leaders)?.host;
  if (host === undefined) return;
  // Gently: a master on that host would be out of reach itself.
  if (storm.cluster.plan.gentle && host === storm.cluster.master?.host) return;
  storm.aim();
  const fromElectors = storm.random.chance(0.6);
  const others = (fromElectors ? electors : runners).map((one) => one.host);
  const whom = fromElectors ? 'electors' : 'runners';
  cut(storm, bothWays(host, others), `the leader's ${host.name} is cut from all ${whom}`);
}

/** The master misses the leader, some electors or all. */
export function isolateMaster(storm: Storm): void {
  const { electors, leaders, master } = storm.cluster;
  const host = master?.host;
  if (host === undefined) return;
  storm.aim();
  const kind = storm.random.oneOf('the leader', 'some electors', 'all electors');
  const others = kind === 'the leader' ? leaders : electors;
  const some = others.filter(() => kind !== 'some electors' || storm.random.chance(0.6));
  const hosts = some.map((one) => one.host);
  cut(storm, bothWays(host, hosts), `the master's ${host.name} is cut from ${kind}`);
}

export function breakStream(storm: Storm): void {
  const connection = storm.connection();
  if (connection === undefined) return;
  const { client, server } = connection;
  const who = storm.random.oneOf('both', 'the caller', 'the server');
  storm.say(`the stream ${client.station.name} to ${server.station.name} breaks, seen by ${who}`);
  const [callerToo, serverToo] = [who !== 'the server', who !== 'the caller'];
  if ((callerToo && client.open) || (serverToo && server.open)) storm.felt();
  connection.snap(callerToo, serverToo);
}

export function stallStream(storm: Storm): void {
  const connection = storm.connection();
  if (connection === undefined) return;
  const { client, server } = connection;
  const up = storm.random.chance(0.5);
  const delay = storm.lasts();
  const name = `${client.station.name} to ${server.station.name}`;
  storm.say(`the stream ${name} stalls ${up ? 'up' : 'down'} for ${Math.round(delay)} ms`);
  connection.stall(up, storm.cluster.world.now + delay, storm.felt);
}
