// A lease ends while scripts do their worst: what is promoted goes down by its scripts, in order and in time,
// and nobody else is promoted before.
import test from 'ava';
import { busyBodies, setBusy, writeBusyService } from '../cluster/busy-service.ts';
import { readKeptLease } from '../cluster/kept-lease.ts';
import { scriptsRunIn } from '../cluster/overlap.ts';
import type { LogLine } from '../cluster/promotion-log.ts';
import type { ServiceAction } from '../cluster/service-folder.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

/** The default. */
const demoteGrace = 1_000;

let cluster: TestCluster;
const memories = new Map<string, string>();

test.before('start', async () => {
  cluster = await TestCluster.start({
    wires: true,
    web: false,
    addServices: (host, _directory, folder) => {
      memories.set(host, folder.memory);
      writeBusyService(folder);
    },
  });
});
test.after.always('remove', () => cluster.close());
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

const cases: readonly (readonly [string, ServiceAction, keyof typeof busyBodies])[] = [
  ['a status script floods the log', 'status', 'floods'],
  ['a status script hangs and ignores SIGTERM', 'status', 'ignoresTerm'],
  ['a promote script floods the log', 'promote', 'floods'],
];

for (const [what, action, body] of cases) {
  test.serial(`the lease ends while ${what}`, async (t) => {
    const before = await cluster.untilSettled();
    const [other = ''] = cluster.others(before.master);
    const host = action === 'promote' ? other : before.master;
    setBusy(memories.get(host) ?? '', action, busyBodies[body]);
    const since = Date.now();
    if (action === 'promote') await cluster.admin.of(host).promoteRunner({ runner: host });
    const isOwn = (line: LogLine, service: string, own: ServiceAction, kind: LogLine['kind']) =>
      line.kind === kind &&
      line.kind !== 'killed' &&
      line.host === host &&
      line.service === service &&
      line.action === own &&
      line.at >= since;
    await cluster.untilLog(`${action} is busy`, (lines) =>
      lines.some((line) => isOwn(line, 'busy', action, 'begin')),
    );
    const cutAt = cluster.cut(host);
    await cluster.untilLog('the store is demoted', (lines) =>
      lines.some((line) => isOwn(line, 'store', 'demote', 'end')),
    );
    const { end } = readKeptLease(cluster.host(host).stateDirectory);
    // Nothing had ended it before.
    t.false(
      cluster
        .log()
        .some((line) => isOwn(line, 'busy', action, 'end') && line.at < end && line.at > cutAt),
    );
    t.deepEqual(scriptsRunIn(cluster.log(), host, cutAt).slice(0, 2), [
      'busy demote',
      'store demote',
    ]);
    const down = cluster.log().find((line) => isOwn(line, 'store', 'demote', 'end'))?.at ?? end;
    t.log(`down ${(down - end).toFixed(0)} ms after the end of the lease`);
    t.true(down - end < demoteGrace);
    setBusy(memories.get(host) ?? '', action, undefined);
    await cluster.untilLog('another host is promoted', (lines) =>
      lines.some((line) => {
        const promotes = line.kind === 'end' && line.action === 'promote' && line.at > cutAt;
        return promotes && line.host !== host && line.service === 'busy';
      }),
    );
    cluster.mend(host);
    const after = await cluster.untilSettled();
    t.not(after.master, host);
  });
}
