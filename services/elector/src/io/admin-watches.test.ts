// WatchEvents through leader changes: in order, each event once, none left out, none that was taken back.
import { koiReason } from '@koi/lib/grpc/errors';
import test, { type ExecutionContext } from 'ava';
import { Metadata } from 'nice-grpc';
import { eventOf, type StagedElector, serveAdmin } from './admin-stage.fixture.ts';
import { WATCHES_MAX } from './admin-watches.ts';
import { until } from './edge.fixture.ts';
import { RELAYED_KEY } from './relay.ts';

/** What a watch has told so far: numbers of events, and names of leaders as they change. */
function watch(t: ExecutionContext, { client }: StagedElector, afterNumber = 0n) {
  const leave = new AbortController();
  const told: (number | string)[] = [];
  let leader: string | undefined;
  let error: unknown;
  const ended = (async () => {
    try {
      for await (const response of client.watchEvents({ afterNumber }, { signal: leave.signal })) {
        if (response.leader !== leader) told.push(response.leader);
        leader = response.leader;
        told.push(...response.events.map(({ number }) => Number(number)));
      }
    } catch (caught) {
      error = caught;
    }
  })();
  t.teardown(() => leave.abort());
  return {
    told,
    ended,
    leave: () => leave.abort(),
    get error() {
      return error;
    },
    async shows(...expected: readonly (number | string)[]) {
      const same = () => JSON.stringify(told) === JSON.stringify(expected);
      await until(same).catch(() => {});
      t.deepEqual(told, expected);
    },
  };
}

function events(...numbers: readonly number[]) {
  return numbers.map((number) => eventOf(number));
}

function lead(elector: StagedElector, leader: string | undefined, own?: readonly number[]): void {
  elector.state.leader = leader;
  elector.state.events = own === undefined ? undefined : events(...own);
  elector.changes.raise();
}

async function pair(t: ExecutionContext) {
  const addresses = new Map<string, string>();
  const a = await serveAdmin(t, 'a', addresses);
  const b = await serveAdmin(t, 'b', addresses);
  return { a, b };
}

test('the leader tells what is remembered after a number, then what is committed', async (t) => {
  const { a } = await pair(t);
  lead(a, 'a', [1, 2, 3]);
  const seen = watch(t, a, 1n);
  await seen.shows('a', 2, 3);
  lead(a, 'a', [1, 2, 3, 4]);
  await seen.shows('a', 2, 3, 4);
  seen.leave();
  await seen.ended;
});

test('a leader that has committed nothing yet tells nothing of what it holds', async (t) => {
  const { a } = await pair(t);
  lead(a, 'a');
  a.state.view = { ...a.state.view, decisions: events(1, 2) };
  const seen = watch(t, a);
  await seen.shows('a');
  lead(a, 'a', [1, 2, 3]);
  await seen.shows('a', 1, 2, 3);
});

test('an elector that does not lead passes on what the leader tells, and goes on with the next one', async (t) => {
  const { a, b } = await pair(t);
  lead(a, 'a', [1, 2]);
  lead(b, 'a');
  const seen = watch(t, b);
  await seen.shows('a', 1, 2);
  lead(a, 'a', [1, 2, 3]);
  await seen.shows('a', 1, 2, 3);
  // a dies; b hears nobody, then leads itself with all that was committed, and more.
  await a.die();
  lead(b, undefined);
  await seen.shows('a', 1, 2, 3, '');
  lead(b, 'b', [1, 2, 3, 4]);
  await seen.shows('a', 1, 2, 3, '', 'b', 4);
});

test('a leader that leads no more becomes one that passes on', async (t) => {
  const { a, b } = await pair(t);
  lead(a, 'a', [1]);
  const seen = watch(t, a);
  await seen.shows('a', 1);
  lead(a, undefined);
  await seen.shows('a', 1, '');
  lead(b, 'b', [1, 2]);
  lead(a, 'b');
  await seen.shows('a', 1, '', 'b', 2);
  lead(b, 'b', [1, 2, 3]);
  await seen.shows('a', 1, '', 'b', 2, 3);
});

test('a leader whose stream breaks is asked again, from the last number on', async (t) => {
  const { a, b } = await pair(t);
  // b takes a for the leader before a does: a refuses the relayed watch until it leads.
  lead(a, undefined);
  lead(b, 'a');
  const seen = watch(t, b);
  await seen.shows('a');
  lead(a, 'a', [1, 2]);
  await seen.shows('a', 1, 2);
  lead(a, undefined);
  lead(a, 'a', [1, 2, 3]);
  await seen.shows('a', 1, 2, 3);
});

test('a relayed watch is never relayed again', async (t) => {
  const { b } = await pair(t);
  lead(b, 'a');
  const metadata = Metadata([[RELAYED_KEY, 'c']]);
  const stream = b.client.watchEvents({}, { metadata })[Symbol.asyncIterator]();
  t.is(koiReason(await t.throwsAsync(stream.next()))?.reason, 'NO_LEADER');
});

test('a watch that falls behind what is remembered is told so instead of being left out', async (t) => {
  const { a } = await pair(t);
  lead(a, 'a', [1, 2]);
  const seen = watch(t, a);
  await seen.shows('a', 1, 2);
  lead(a, 'a', [5, 6]);
  await seen.ended;
  t.like(koiReason(seen.error), { reason: 'OVERLOADED' });
  t.regex(String(seen.error), /2 events were forgotten .* watch again after number 2/);
});

test('watches are bounded, and one that leaves makes room', async (t) => {
  const { a } = await pair(t);
  lead(a, 'a', [1]);
  const open = Array.from({ length: WATCHES_MAX }, () => watch(t, a));
  await until(() => open.every(({ told }) => told.length === 2));
  const surplus = watch(t, a);
  await surplus.ended;
  t.is(koiReason(surplus.error)?.reason, 'OVERLOADED');
  open[0]?.leave();
  await open[0]?.ended;
  await t.notThrowsAsync(async () => {
    for (;;) {
      const again = watch(t, a);
      await until(() => again.told.length > 0 || again.error !== undefined);
      if (again.error === undefined) return;
    }
  });
});
