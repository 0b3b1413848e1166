// The admin API as electors serve it: the leader answers, others relay once, nobody leads without a hint.
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { koiReason } from '@koi/lib/grpc/errors';
import { createServer, listen } from '@koi/lib/grpc/server';
import test, { type ExecutionContext } from 'ava';
import { Metadata } from 'nice-grpc';
import type { Input } from '../core/input.ts';
import type { ClusterView } from '../core/view.ts';
import { createAdminService } from './admin-service.ts';
import { createChangeSignal } from './change-signal.ts';
import { until } from './edge.fixture.ts';
import { createOrderBook } from './order-book.ts';
import { adminDefinition, createRelay, RELAYED_KEY } from './relay.ts';

const electors = ['a', 'b', 'c'].map((name) => ({
  name,
  address: '127.0.0.1:1',
  priority: 1,
  role: 'follower' as const,
  heard: name !== 'c',
  charter: true,
  problem: '',
  absence: undefined,
}));

const emptyView: ClusterView = {
  revision: 1,
  term: 1,
  leader: undefined,
  master: undefined,
  epoch: 0,
  maintenance: false,
  manual: false,
  target: undefined,
  electors,
  runners: [],
  waiting: '',
  waitingFor: undefined,
  decisions: [],
};

/** One elector, with a core that does what the test says with commands. */
async function serve(
  t: ExecutionContext,
  name: string,
  addresses: Map<string, string>,
  react: (input: Input) => void = () => {},
) {
  const state = { leader: undefined as string | undefined, view: emptyView };
  const book = createOrderBook((input) => react(input));
  const relay = createRelay({ name, addressOf: (elector) => addresses.get(elector) });
  const changes = createChangeSignal();
  const server = createServer();
  server.add(
    adminDefinition,
    createAdminService({
      self: { cluster: 'shop', name },
      book,
      relay,
      changes,
      cluster: () => state.view,
      leader: () => state.leader,
    }),
  );
  const listener = await listen(server, '127.0.0.1:0');
  addresses.set(name, listener.address);
  const channel = openChannel(listener.address);
  t.teardown(async () => {
    channel.close();
    relay.close();
    await listener.stop(0);
  });
  return { state, book, changes, client: openClient(adminDefinition, channel) };
}

test('an order that any elector is given reaches the leader, and its answer comes back', async (t) => {
  const addresses = new Map<string, string>();
  const orders: Input[] = [];
  const a = await serve(t, 'a', addresses, (input) => {
    orders.push(input);
    if (input.kind !== 'command') return;
    if (input.command.kind === 'promote') a.book.refuse(input.id, 'RUNNER_UNKNOWN', 'no such one');
    else a.book.answer(input.id, 7);
  });
  const b = await serve(t, 'b', addresses);
  a.state.leader = 'a';
  b.state.leader = 'a';
  t.is((await b.client.setMaintenance({ on: true })).revision, 7n);
  t.is((await a.client.demoteMaster({})).revision, 7n);
  const refused = await t.throwsAsync(b.client.promoteRunner({ runner: 'x' }));
  t.deepEqual(koiReason(refused), { reason: 'RUNNER_UNKNOWN', text: 'no such one' });
  t.deepEqual(
    orders.map((input) => (input.kind === 'command' ? input.command.kind : input.kind)),
    ['maintenance', 'demote', 'promote'],
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
  t.regex(alone?.message ?? '', /b hears b of 3 electors, and 2 are needed: start a or c/);
  const { cluster, elector } = await b.client.getCluster({});
  t.deepEqual([cluster?.leader, elector], ['', 'b']);
});

test('a leader that is not there: an order’s outcome is unknown, a look shows what is known', async (t) => {
  const b = await serve(t, 'b', new Map([['a', '127.0.0.1:1']]));
  b.state.leader = 'a';
  const error = await t.throwsAsync(b.client.electMaster({}));
  t.is(koiReason(error)?.reason, 'OUTCOME_UNKNOWN');
  t.is((await b.client.getCluster({})).elector, 'b');
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
