// The admin API as electors serve it: the leader answers, others relay once, nobody leads without a hint.
import { koiReason } from '@koi/lib/grpc/errors';
import test from 'ava';
import { Metadata } from 'nice-grpc';
import type { Input } from '../core/input.ts';
import { electors, emptyView, serveAdmin as serve } from './admin-stage.fixture.ts';
import { until } from './edge.fixture.ts';
import { RELAYED_KEY } from './relay.ts';

test('an order that any elector is given reaches the leader, and its answer comes back', async (t) => {
  const addresses = new Map<string, string>();
  const orders: Input[] = [];
  const a = await serve(t, 'a', addresses, (input) => {
    orders.push(input);
    if (input.kind !== 'command') return;
    if (input.command.kind === 'promote') a.book.refuse(input.id, 'RUNNER_UNKNOWN', 'no such one');
    else a.book.answer(input.id, { revision: 7, held: input.command.kind === 'demote' });
  });
  const b = await serve(t, 'b', addresses);
  a.state.leader = 'a';
  b.state.leader = 'a';
  t.like(await b.client.setMaintenance({ on: true }), { revision: 7n, held: false });
  t.like(await a.client.demoteMaster({}), { revision: 7n, held: true });
  t.like(await b.client.demoteMaster({}), { revision: 7n, held: true });
  t.like(await b.client.reconfigure({ runner: 'x' }), { revision: 7n });
  const refused = await t.throwsAsync(b.client.promoteRunner({ runner: 'x', force: true }));
  t.deepEqual(koiReason(refused), { reason: 'RUNNER_UNKNOWN', text: 'no such one' });
  t.deepEqual(
    orders.map((input) => (input.kind === 'command' ? input.command : input)),
    [
      { kind: 'maintenance', on: true },
      { kind: 'demote' },
      { kind: 'demote' },
      { kind: 'reconfigure', runner: 'x' },
      { kind: 'promote', runner: 'x', force: true },
    ],
  );
  const { elector } = await b.client.getCluster({});
  t.is(elector, 'a');
});

test('a relayed call is never relayed again', async (t) => {
  const addresses = new Map<string, string>();
  const a = await serve(t, 'a', addresses);
  const b = await serve(t, 'b', addresses);
  a.state.leader = 'b';
  b.state.leader = 'a';
  const error = await t.throwsAsync(b.client.electMaster({}));
  t.is(koiReason(error)?.reason, 'NO_LEADER');
  t.regex(error?.message ?? '', /b takes a for the leader, a takes b for it/);
  const seen = await b.client.getCluster({}, { metadata: Metadata([[RELAYED_KEY, 'c']]) });
  t.is(seen.elector, 'b');
});

test('nobody leads: an order is refused with who is heard, a look is answered', async (t) => {
  const b = await serve(t, 'b', new Map());
  const error = await t.throwsAsync(b.client.stopRunner({ runner: 'x' }));
  t.is(koiReason(error)?.reason, 'NO_LEADER');
  t.regex(error?.message ?? '', /b hears a, b of 3 electors/);
  b.state.view = {
    ...emptyView,
    electors: electors.map((elector) => ({ ...elector, heard: elector.name === 'b' })),
  };
  const alone = await t.throwsAsync(b.client.stopRunner({ runner: 'x' }));
  t.is(koiReason(alone)?.reason, 'NO_QUORUM');
  t.regex(alone?.message ?? '', /b hears b of 3 electors, and 2 are needed: start a or c/);
  const { cluster, elector } = await b.client.getCluster({});
  t.deepEqual([cluster?.leader, elector], ['', 'b']);
});

test('a leader that is not there: nothing was changed, and a look shows what is known', async (t) => {
  const b = await serve(t, 'b', new Map([['a', '127.0.0.1:1']]));
  b.state.leader = 'a';
  const error = await t.throwsAsync(b.client.electMaster({}));
  t.is(koiReason(error)?.reason, 'LEADER_UNREACHABLE');
  t.regex(error?.message ?? '', /b cannot reach the leader a and nothing was changed/);
  t.is((await b.client.getCluster({})).elector, 'b');
});

test('a leader that dies over an order: its outcome is unknown', async (t) => {
  const addresses = new Map<string, string>();
  const a = await serve(t, 'a', addresses, () => void a.die());
  const b = await serve(t, 'b', addresses);
  a.state.leader = 'a';
  b.state.leader = 'a';
  const error = await t.throwsAsync(b.client.electMaster({}));
  t.is(koiReason(error)?.reason, 'OUTCOME_UNKNOWN');
});

test('a request without a name is refused', async (t) => {
  const a = await serve(t, 'a', new Map());
  a.state.leader = 'a';
  const error = await t.throwsAsync(a.client.promoteRunner({}));
  t.is(koiReason(error)?.reason, 'REQUEST_INVALID');
});

test('a watch tells the cluster at once and after each change, until the caller leaves', async (t) => {
  const a = await serve(t, 'a', new Map());
  const leave = new AbortController();
  const revisions: bigint[] = [];
  const watching = (async () => {
    for await (const { cluster } of a.client.watchCluster({}, { signal: leave.signal })) {
      revisions.push(cluster?.revision ?? 0n);
    }
  })().catch(() => {});
  await until(() => revisions.length === 1);
  a.state.view = { ...emptyView, revision: 2 };
  a.changes.raise();
  await until(() => revisions.length === 2);
  // Several at once may arrive as one, but the last state always does.
  for (const revision of [3, 4, 5]) {
    a.state.view = { ...emptyView, revision };
    a.changes.raise();
  }
  await until(() => revisions.at(-1) === 5n);
  leave.abort();
  await watching;
  t.deepEqual(revisions.slice(0, 2), [1n, 2n]);
});
