// P10, M4: an elector or a runner that stood still acts first on what has run out, says so when it is back, and
// get-cluster shows it for a while; and how close a lost lease was, whoever took its services down.
import { setTimeout as sleep } from 'node:timers/promises';
import { durationMs, type Duration as WireDuration } from '@bufbuild/protobuf/wkt';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import test from 'ava';
import { clusterPage } from '../../services/admin-cli/src/render/cluster-page.ts';
import { writePage } from '../../services/admin-cli/src/render/page.ts';
import { painter } from '../../services/admin-cli/src/render/paint.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

/** How long a process is stopped, in milliseconds: longer than a leader's lease. */
const STOPPED = 2_000;

let cluster: TestCluster;

test.before('start', async () => {
  cluster = await TestCluster.start({ web: false });
});
test.after.always('remove', () => cluster.close());
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

/** Whether a standstill is told that was as long as the stop, but for what lay before a timer was due. */
function tellsStop(away: WireDuration | undefined): boolean {
  return away !== undefined && durationMs(away) >= STOPPED - 250;
}

/** What get-cluster shows. */
function shown(seen: Cluster): string {
  return writePage(clusterPage(seen, 'a', false), painter(false));
}

/** What it shows of an elector and a runner of one name, in that order, each with what is below it. */
function partsOf(name: string, seen: Cluster): readonly string[] {
  const parts = shown(seen).split(/^(?=electors$|runners$|[├└]─ )/m);
  return parts.filter((part) => new RegExp(`^[├└]─ ${name} `).test(part));
}

async function standStill(host: string, daemon: 'elector' | 'runner', time = STOPPED) {
  cluster.host(host).signal(daemon, 'SIGSTOP');
  await sleep(time);
  cluster.host(host).signal(daemon, 'SIGCONT');
}

test.serial('an elector that was stopped for 2 s says so, a leader too', async (t) => {
  const before = await cluster.untilSettled();
  const follower = cluster.others(before.leader).at(-1) ?? '';
  for (const host of [follower, before.leader]) {
    await standStill(host, 'elector');
    const after = await cluster.until(`the elector of ${host} tells that it stood still`, (seen) =>
      seen.electors.some(({ name, longestAway }) => name === host && tellsStop(longestAway)),
    );
    const [part] = partsOf(host, after);
    t.regex(part ?? '', / away (1\.[789]|[2-9]\.\d) s, \d+(\.\d s| ms) ago$/m);
    t.is(after.master, before.master);
    // What that could have cost is in its log.
    t.regex(cluster.host(host).tail(), /loop was \d\.\d s late.* timing\.leaderLease \(800 ms\)/);
  }
  t.not((await cluster.untilSettled()).leader, '');
});

test.serial(
  'a runner that was stopped for 2 s says so, and what it stood by for goes on',
  async (t) => {
    const before = await cluster.untilSettled();
    const [host = ''] = cluster.others(before.master);
    await standStill(host, 'runner');
    const after = await cluster.until(`the runner of ${host} tells that it stood still`, (seen) =>
      seen.runners.some(({ name, longestAway }) => name === host && tellsStop(longestAway)),
    );
    t.regex(partsOf(host, after)[1] ?? '', / away (1\.[789]|[2-9]\.\d) s, \d+(\.\d s| ms) ago$/m);
    t.is(after.master, before.master);
    t.regex(cluster.host(host).tail(), /loop was \d\.\d s late.* timing\.masterLease \(1\.6 s\)/);
    await cluster.untilSettled(before.master);
  },
);

test.serial(
  'a master whose runner hangs past its lease tells by what margin it was down',
  async (t) => {
    const before = await cluster.untilSettled();
    const host = before.master;
    cluster.host(host).signal('runner', 'SIGSTOP');
    await cluster.until('another host is master', ({ master }) => master !== '' && master !== host);
    cluster.host(host).signal('runner', 'SIGCONT');
    const after = await cluster.until('it tells of the lost lease', (seen) =>
      seen.runners.some(
        ({ name, failures }) => name === host && failures.some(({ action }) => action === 'lease'),
      ),
    );
    const runner = after.runners.find(({ name }) => name === host);
    const lost = runner?.failures.find(({ action }) => action === 'lease');
    t.is(lost?.service, '');
    t.regex(
      lost?.text ?? '',
      new RegExp(
        `^epoch ${before.epoch}: down \\d+ ms after the lease ended, \\d+ ms before anybody else could be promoted$`,
      ),
    );
    t.true(shown(after).includes('lost its lease at 20'));
    // It is no failure: nothing holds this runner back.
    t.is(runner?.sinceFailure, undefined);
    await cluster.untilSettled(after.master);
  },
);

test.serial(
  'a runner that was killed past its lease tells it when it is started again',
  async (t) => {
    const before = await cluster.untilSettled();
    const host = before.master;
    cluster.host(host).signal('runner', 'SIGKILL');
    await cluster.until('another host is master', ({ master }) => master !== '' && master !== host);
    cluster.host(host).startDaemon('runner');
    const after = await cluster.until('it tells of the lost lease', (seen) =>
      seen.runners.some(
        ({ name, failures }) =>
          name === host &&
          failures.some(({ text }) => text.startsWith(`epoch ${before.epoch}: down `)),
      ),
    );
    t.is(after.runners.find(({ name }) => name === host)?.sinceFailure, undefined);
  },
);
