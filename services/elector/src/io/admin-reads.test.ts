// What the admin API tells: the leader's answers on any elector, and each refusal with its own reason.
import { Fault } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { koiReason } from '@koi/lib/grpc/errors';
import test, { type ExecutionContext } from 'ava';
import { Status } from 'nice-grpc';
import type { RunnerView } from '../core/view.ts';
import { emptyView, eventOf, type StagedElector, serveAdmin } from './admin-stage.fixture.ts';

const runner: RunnerView = {
  name: 'a',
  state: 'standby',
  report: undefined,
  reportAge: undefined,
  stopped: false,
  rejected: '',
};

/** a leads and b does not. */
async function pair(t: ExecutionContext): Promise<{ a: StagedElector; b: StagedElector }> {
  const addresses = new Map<string, string>();
  const a = await serveAdmin(t, 'a', addresses);
  const b = await serveAdmin(t, 'b', addresses);
  a.state.leader = 'a';
  b.state.leader = 'a';
  return { a, b };
}

async function reasonOf(t: ExecutionContext, call: Promise<unknown>) {
  const error = await t.throwsAsync(call);
  return koiReason(error)?.reason;
}

test('one node is its elector, its runner, or both; an unknown one is refused by the leader’s word', async (t) => {
  const { a, b } = await pair(t);
  a.state.view = { ...emptyView, runners: [runner, { ...runner, name: 'w' }] };
  const both = await b.client.getNode({ name: 'a' });
  t.is(both.asked, 'a');
  t.is(both.elector?.name, 'a');
  t.is(both.runner?.name, 'a');
  const lone = await b.client.getNode({ name: 'w' });
  t.deepEqual([lone.elector, lone.runner?.name], [undefined, 'w']);
  // b's own view has no such thing either, but it is the leader who says so.
  b.state.view = { ...emptyView, runners: [{ ...runner, name: 'x' }] };
  const unknown = await t.throwsAsync(b.client.getNode({ name: 'x' }));
  t.like(koiReason(unknown), {
    reason: 'NODE_UNKNOWN',
    text: 'there is neither an elector nor a runner named x: there are a, b, c, w',
  });
  t.like(unknown, { status: Status.NOT_FOUND });
  t.is(await reasonOf(t, b.client.getNode({})), 'REQUEST_INVALID');
  // Without a leader an elector tells what it knows itself.
  b.state.leader = undefined;
  t.is((await b.client.getNode({ name: 'x' })).asked, 'b');
});

test('events after a number and since a moment', async (t) => {
  const { a, b } = await pair(t);
  const rejected = [{ runner: 'c', rule: 'not-standby', reason: 'status 93' }];
  const events = [1, 2, 3, 4].map((number) => eventOf(number, number === 4 ? { rejected } : {}));
  a.state.view = { ...emptyView, decisions: events };
  const numbers = async (request: Parameters<typeof b.client.listEvents>[0]) =>
    (await b.client.listEvents(request)).events.map(({ number }) => Number(number));
  t.deepEqual(await numbers({}), [1, 2, 3, 4]);
  t.deepEqual(await numbers({ afterNumber: 2n }), [3, 4]);
  t.deepEqual(await numbers({ since: { seconds: 3n } }), [3, 4]);
  t.deepEqual(await numbers({ afterNumber: 3n, since: { seconds: 2n } }), [4]);
  const last = (await b.client.listEvents({ afterNumber: 3n })).events[0];
  t.like(last, { rejected: [rejected[0]] });
});

test('failovers are told whole where any of their events is asked for', async (t) => {
  const { a } = await pair(t);
  const decisions = [
    eventOf(1, { rule: 'longest-uptime', subject: 'a', epoch: 1 }),
    eventOf(2, { rule: 'counted-out', subject: 'a', epoch: 1 }),
    eventOf(3, { rule: 'longest-uptime', subject: 'b', epoch: 2 }),
  ];
  a.state.view = { ...emptyView, decisions, master: 'b', epoch: 2 };
  const { events, failovers } = await a.client.listEvents({ afterNumber: 2n });
  t.deepEqual(
    events.map(({ number }) => number),
    [3n],
  );
  const last = failovers.at(-1);
  t.is(last?.to, 'b');
  t.true(last?.events.includes(3n));
  t.true((last?.events.length ?? 0) > 1);
});

test('failures of one runner or of all', async (t) => {
  const { a, b } = await pair(t);
  const failure = { service: 'db', action: 'status', at: 5_000, text: 'exit code 1' };
  a.state.view = {
    ...emptyView,
    runners: [runner, { ...runner, name: 'w' }],
    failures: [
      { ...failure, runner: 'a' },
      { ...failure, runner: 'w' },
    ],
  };
  const { failures } = await b.client.listFailures({});
  t.deepEqual(
    failures.map((one) => one.runner),
    ['a', 'w'],
  );
  t.is(failures[0]?.failureTime?.seconds, 5n);
  t.is((await b.client.listFailures({ runner: 'w' })).failures.length, 1);
  t.is(await reasonOf(t, b.client.listFailures({ runner: 'x' })), 'RUNNER_UNKNOWN');
});

test('an explanation carries forecasts where it is of the present', async (t) => {
  const { a, b } = await pair(t);
  a.state.view = { ...emptyView, epoch: 2 };
  a.state.explained = {
    kind: 'explained',
    master: 'b',
    epoch: 2,
    decision: eventOf(3),
    events: [],
    candidates: [
      { runner: 'b', master: true, electable: false, rule: '', reason: '', since: 7, rank: 0 },
    ],
    waiting: '',
    blocked: ['no other runner is electable'],
    text: 'b is master',
  };
  a.state.forecasts = [
    {
      fault: { kind: 'host-dies', subject: 'b' },
      leader: 'a',
      master: 'c',
      failover: 2_700,
      blocked: [],
      text: 'host b dies: c is promoted in about 2.7 s',
    },
  ];
  const present = await b.client.explain({});
  t.like(present, { elector: 'a', master: 'b', epoch: 2n, text: 'b is master' });
  t.is(present.decision?.number, 3n);
  t.like(present.forecasts[0], { fault: Fault.HOST_DIES, subject: 'b', leader: 'a', master: 'c' });
  t.is(present.forecasts[0]?.failover?.seconds, 2n);
  t.is((await b.client.explain({ epoch: 2n })).forecasts.length, 1);
  t.is((await b.client.explain({ epoch: 1n })).forecasts.length, 0);
});

test('what cannot be explained has its reason', async (t) => {
  const { a, b } = await pair(t);
  t.is(await reasonOf(t, b.client.explain({ epoch: 9n })), 'EPOCH_UNKNOWN');
  a.state.explained = { kind: 'refused', reason: 'RUNNER_UNKNOWN', text: 'there is no runner x' };
  const error = await t.throwsAsync(b.client.explain({ runner: 'x' }));
  t.deepEqual(koiReason(error), { reason: 'RUNNER_UNKNOWN', text: 'there is no runner x' });
  t.like(error, { status: Status.NOT_FOUND });
});
