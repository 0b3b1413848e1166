// What `koi-admin why` forecasts, against what then happens: each single fault that it foretells is done
// to real processes, and who leads, who is master, when, and what would be left are compared. When is read
// from the scripts' own log.
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, FaultSchema, type Forecast } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import type { Duration, Instant } from '@koi/lib/time';
import { PRESETS } from '@koi/lib/timing';
import test, { type ExecutionContext } from 'ava';
import { handoversIn } from '../cluster/overlap.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

const { heartbeat, masterLease, demoteGrace } = PRESETS.default;

/**
 * A forecast is of a fault that strikes just after a report, and takes the network for quick: what really
 * happens may be a heartbeat earlier, and a little more where an election goes better.
 */
const earlyMax: Duration = heartbeat + 200;

/** Scripts and processes start late on a busy machine. */
const lateMax: Duration = 1_500;

/** How often forecasts are asked for: where this machine has no time some of them are missing. */
const asksMax = 10;

let cluster: TestCluster;

test.before('start', async () => {
  cluster = await TestCluster.start();
  await cluster.untilSettled();
  // All start in the same moment here: who is up longest would be decided by when reports come.
  for (const [index, name] of cluster.others().entries()) {
    const priority = `"runner": { "priority": ${index + 1},`;
    cluster.changeRunnerFile(name, (content) => content.replace('"runner": {', priority));
    cluster.host(name).signal('runner', 'SIGHUP');
  }
  await cluster.until('every runner has a priority of its own', ({ runners }) => {
    return new Set(runners.map(({ priority }) => priority)).size === runners.length;
  });
});
test.after.always('remove', () => cluster.close());
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

/** Makes a runner master whose elector leads, or one whose elector does not. */
async function place(which: 'leader' | 'follower'): Promise<Cluster> {
  // An earlier test may have failed half-way.
  for (const name of cluster.others()) {
    cluster.setStoreStatus(name, undefined);
    cluster.host(name).start();
  }
  const { leader } = await cluster.untilSettled();
  const master = which === 'leader' ? leader : (cluster.others(leader)[0] ?? '');
  await cluster.admin.of(leader).promoteRunner({ runner: master, force: true });
  return cluster.untilSettled(master);
}

/** Asks the leader until every fault that is possible has its forecast. */
async function foretold(faults: readonly string[]): Promise<readonly Forecast[]> {
  let found: readonly string[] = [];
  for (let asked = 0; asked < asksMax; asked += 1) {
    const { leader } = await cluster.untilSettled();
    const { forecasts } = await cluster.admin.of(leader).explain({});
    found = forecasts.map(nameOf).toSorted();
    if (found.join() === faults.toSorted().join()) return forecasts;
    await sleep(heartbeat);
  }
  throw new Error(`foretold were ${found.join(', ')}, not ${faults.join(', ')}`);
}

function nameOf({ fault, subject }: Forecast): string {
  return `${FaultSchema.value[fault]?.localName} ${subject}`;
}

/** All forecasts while every host has an elector and a runner. */
function wholeHosts(master: string): readonly string[] {
  return [...cluster.others().map((host) => `HOST_DIES ${host}`), `SERVICE_FAILS ${master}`];
}

interface Strike {
  /** What is foretold in this state. */
  readonly faults: readonly string[];
  /** Which of them is done. */
  readonly fault: string;
  /** Does it; returns the moment before. */
  readonly act: () => Instant;
}

/** Does what is foretold, and compares. */
async function compare(t: ExecutionContext, { faults, fault, act }: Strike): Promise<void> {
  const forecast = (await foretold(faults)).find((one) => nameOf(one) === fault);
  if (forecast === undefined) throw new Error(`${fault} is not foretold`);
  const before = await cluster.untilSettled();
  const handovers = handoversIn(cluster.log()).length;
  const struckAt = act();
  if (forecast.failover === undefined) {
    await cluster.until(`${forecast.leader} leads`, ({ leader }) => leader === forecast.leader);
    // By then whoever was going to lose its lease has lost it.
    await sleep(masterLease + demoteGrace);
    t.is(handoversIn(cluster.log()).length, handovers, 'the master was to stay');
    t.is(forecast.master, before.master);
  } else {
    await cluster.untilLog('another host is promoted', (lines) => {
      return handoversIn(lines).length > handovers;
    });
    const handover = handoversIn(cluster.log())[handovers];
    t.is(handover?.to, forecast.master);
    const told = Number(forecast.failover.seconds) * 1_000 + forecast.failover.nanos / 1e6;
    const begun = forecast.fault === Fault.SERVICE_FAILS ? downAt(before.master) : struckAt;
    const took = (handover?.at ?? Number.NaN) - begun;
    t.log(`${forecast.text}: ${told.toFixed(0)} ms were told, it took ${took.toFixed(0)} ms`);
    t.true(took >= told - earlyMax, `it took ${took} ms, ${told} ms were told`);
    t.true(took <= told + lateMax, `it took ${took} ms, ${told} ms were told`);
  }
  const left = JSON.stringify(forecast.blocked);
  const what = `what stands in the way of another failover is ${left}`;
  const after = await cluster.until(what, ({ blocked }) => JSON.stringify(blocked) === left);
  t.is(after.leader, forecast.leader);
  t.is(after.master, forecast.master);
}

/** When the last script of a failed host ended that takes a service down: scripts are not foretold. */
function downAt(host: string): Instant {
  const last = cluster
    .log()
    .findLast(
      (line) =>
        line.kind === 'end' &&
        line.host === host &&
        ['demote', 'stop', 'failed'].includes(line.action),
    );
  return last?.at ?? Number.NaN;
}

for (const which of ['leader', 'follower'] as const) {
  test.serial(`the host of a master dies whose elector is ${which}`, async (t) => {
    const { master } = await place(which);
    const fault = `HOST_DIES ${master}`;
    await compare(t, { faults: wholeHosts(master), fault, act: () => cluster.host(master).kill() });
    cluster.host(master).start();
    await cluster.untilSettled();
  });
}

test.serial("the leader's host dies, the master is elsewhere", async (t) => {
  const { master, leader } = await place('follower');
  const fault = `HOST_DIES ${leader}`;
  await compare(t, { faults: wholeHosts(master), fault, act: () => cluster.host(leader).kill() });
  cluster.host(leader).start();
  await cluster.untilSettled(master);
});

test.serial('a host dies that has neither', async (t) => {
  const { master, leader } = await place('follower');
  const [other = ''] = cluster.others(master, leader);
  const fault = `HOST_DIES ${other}`;
  await compare(t, { faults: wholeHosts(master), fault, act: () => cluster.host(other).kill() });
  cluster.host(other).start();
  await cluster.untilSettled(master);
});

test.serial('a service of the master fails', async (t) => {
  const { master } = await place('follower');
  const act = () => {
    cluster.setStoreStatus(master, 1);
    return Date.now();
  };
  await compare(t, { faults: wholeHosts(master), fault: `SERVICE_FAILS ${master}`, act });
  cluster.setStoreStatus(master, undefined);
  await cluster.untilSettled();
});

test.serial('an elector dies alone, the leading one', async (t) => {
  const { master, leader } = await place('follower');
  // A host without a runner loses its elector alone.
  await cluster.host(leader).stop('runner');
  const hosts = cluster.others(leader).map((host) => `HOST_DIES ${host}`);
  await compare(t, {
    faults: [...hosts, `ELECTOR_DIES ${leader}`, `SERVICE_FAILS ${master}`],
    fault: `ELECTOR_DIES ${leader}`,
    act: () => cluster.host(leader).signal('elector', 'SIGKILL'),
  });
  cluster.host(leader).start();
  await cluster.untilSettled(master);
});

test.serial('a runner dies alone, that of the master', async (t) => {
  const { master } = await place('follower');
  await cluster.host(master).stop('elector');
  const hosts = cluster.others(master).map((host) => `HOST_DIES ${host}`);
  await compare(t, {
    faults: [...hosts, `RUNNER_DIES ${master}`, `SERVICE_FAILS ${master}`],
    fault: `RUNNER_DIES ${master}`,
    // Its services live on, until the deadman takes them down.
    act: () => cluster.host(master).signal('runner', 'SIGKILL'),
  });
  cluster.host(master).start();
  await cluster.untilSettled();
});
