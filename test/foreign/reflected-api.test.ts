// Each RPC of the admin API, and what every listener serves beside it, driven by a client that was not made for
// koi: `buf curl`, by server reflection, against real daemons. The tests build on each other and share one cluster.
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { RunnerMode } from '@koi/gen/koi/cluster/v1/runner_pb';
import test, { type ExecutionContext } from 'ava';
import { TestCluster } from '../cluster/test-cluster.ts';
import { call, type Json, listMethods, WatchedStream } from './buf-curl.ts';

const ADMIN = AdminService.typeName;

let cluster: TestCluster;
const streams: WatchedStream[] = [];
/** Methods of the admin API that were called. */
const called = new Set<string>();

test.before('start', async () => {
  cluster = await TestCluster.start({ web: false });
});
test.after.always('remove', async () => {
  for (const stream of streams) stream.end();
  await cluster.close();
});
test.afterEach.always('one master at a time', (t) => {
  t.deepEqual(cluster.faults(), []);
});

/** Asks an elector that does not lead where there is one, so that each call is relayed as well. */
async function admin(method: string, request: Json = {}, elector?: string) {
  const [asked = 'a'] = elector === undefined ? cluster.others(await leader()) : [elector];
  called.add(method);
  return call(cluster.address(asked), `${ADMIN}/${method}`, request);
}

async function leader(): Promise<string> {
  return (await cluster.until('somebody leads', () => true)).leader;
}

async function answered(t: ExecutionContext, method: string, request: Json = {}): Promise<Json> {
  const { answer, refusal } = await admin(method, request);
  t.is(refusal, undefined, `${method}: ${refusal?.message}`);
  return answer ?? {};
}

async function refused(t: ExecutionContext, method: string, request: Json, expected: Json) {
  const { answer, refusal } = await admin(method, request);
  t.is(answer, undefined, method);
  t.like(refusal, expected, `${method}: ${refusal?.message}`);
}

function watch(elector: string, method: string, request: Json = {}): WatchedStream {
  called.add(method);
  const stream = new WatchedStream(cluster.address(elector), `${ADMIN}/${method}`, request);
  streams.push(stream);
  return stream;
}

/** The numbers of the events in what a WatchEvents has told. */
function numbersIn(told: readonly Json[]): readonly number[] {
  return told.flatMap(({ events }) =>
    Array.isArray(events) ? events.map((event: Json) => Number(event['number'])) : [],
  );
}

/** From the first to the last, none left out and none twice. */
function unbroken(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => number === (numbers[0] ?? 0) + index);
}

test.serial('every listener tells what it serves, in both versions of reflection', async (t) => {
  await cluster.untilSettled();
  const standard = ['Check', 'List', 'Watch'].map((name) => `grpc.health.v1.Health/${name}`);
  const listed = await listMethods(cluster.address('a'));
  for (const { name } of AdminService.methods) t.true(listed.includes(`${ADMIN}/${name}`), name);
  for (const method of standard) t.true(listed.includes(method), method);
  for (const daemon of ['elector', 'runner'] as const) {
    const local = await listMethods(cluster.socket('a', daemon));
    for (const method of [...standard, 'koi.local.v1.LocalService/Reload']) {
      t.true(local.includes(method), `${daemon}: ${method}`);
    }
  }
  const alpha = ['--reflect-protocol', 'grpc-v1alpha'];
  const target = cluster.address('a');
  const { answer } = await call(target, 'grpc.health.v1.Health/Check', {}, alpha);
  t.deepEqual(answer, { status: 'SERVING' });
});

test.serial('the reads', async (t) => {
  const { master, leader: leads } = await cluster.untilSettled();
  const got = await answered(t, 'GetCluster');
  t.like(got, { elector: leads, cluster: { master, leader: leads } });
  t.like(await answered(t, 'GetNode', { name: master }), {
    asked: leads,
    elector: { name: master, heard: true },
    runner: { name: master, state: 'RUNNER_STATE_MASTER' },
  });
  const { events } = await answered(t, 'ListEvents');
  t.true(Array.isArray(events) && events.length > 0);
  const since = new Date(Date.now() + 3_600_000).toISOString();
  t.is((await answered(t, 'ListEvents', { since }))['events'], undefined);
  await answered(t, 'ListFailures', { runner: master });
  const why = await answered(t, 'Explain');
  t.like(why, { master, epoch: '1', elector: leads });
  t.true(Array.isArray(why['candidates']) && why['candidates'].length === 3);
  t.true(Array.isArray(why['forecasts']) && why['forecasts'].length > 0);
  await answered(t, 'Explain', { runner: master, epoch: '1' });
});

test.serial('what there is not is refused with status and reason', async (t) => {
  const unknown = { code: 'not_found', reason: 'RUNNER_UNKNOWN' };
  for (const method of [
    'ListFailures',
    'Explain',
    'PromoteRunner',
    'StartRunner',
    'StopRunner',
    'RecoverRunner',
    'ConfirmRunnerDown',
    'Reconfigure',
  ]) {
    await refused(t, method, { runner: 'nobody' }, unknown);
  }
  await refused(t, 'GetNode', { name: 'nobody' }, { code: 'not_found', reason: 'NODE_UNKNOWN' });
  await refused(t, 'Explain', { epoch: 99 }, { code: 'not_found', reason: 'EPOCH_UNKNOWN' });
  const invalid = { code: 'invalid_argument', reason: 'REQUEST_INVALID' };
  await refused(t, 'StopRunner', {}, invalid);
  await refused(t, 'GetNode', {}, invalid);
});

test.serial('the writes, and that repeating one is told', async (t) => {
  const { master } = await cluster.untilSettled();
  const [next = ''] = cluster.others(master);
  const promoted = await answered(t, 'PromoteRunner', { runner: next });
  t.is(promoted['held'], undefined);
  t.regex(String(promoted['revision']), /^\d+$/);
  await cluster.untilSettled(next);
  t.is((await answered(t, 'PromoteRunner', { runner: next }))['held'], true);
  await answered(t, 'DemoteMaster');
  t.is((await answered(t, 'DemoteMaster'))['held'], true);
  await answered(t, 'ElectMaster');
  t.is((await answered(t, 'ElectMaster'))['held'], true);
  const after = await cluster.untilSettled();
  const heard = { code: 'failed_precondition', reason: 'RUNNER_NOT_ELECTABLE' };
  await refused(t, 'ConfirmRunnerDown', { runner: after.master }, heard);
  await answered(t, 'SetMaintenance', { on: true });
  t.is((await answered(t, 'SetMaintenance', { on: true }))['held'], true);
  const frozen = { code: 'failed_precondition', reason: 'MAINTENANCE' };
  await refused(t, 'PromoteRunner', { runner: next, force: true }, frozen);
  await answered(t, 'SetMaintenance', { on: false });
  const [spare = ''] = cluster.others(after.master);
  await answered(t, 'StopRunner', { runner: spare });
  t.is((await answered(t, 'StopRunner', { runner: spare }))['held'], true);
  const stopped = { code: 'failed_precondition', reason: 'RUNNER_NOT_ELECTABLE' };
  await refused(t, 'PromoteRunner', { runner: spare }, stopped);
  await answered(t, 'StartRunner', { runner: spare });
  t.is((await answered(t, 'StartRunner', { runner: spare }))['held'], true);
  await answered(t, 'RecoverRunner');
  await cluster.untilSettled(after.master);
});

test.serial('a reconfigured runner is what its file says now', async (t) => {
  const { master } = await cluster.untilSettled();
  const [standby = ''] = cluster.others(master);
  const modeOf = (mode: RunnerMode) =>
    cluster.until(`${standby} is ${mode}`, ({ runners }) =>
      runners.some((runner) => runner.name === standby && runner.mode === mode),
    );
  cluster.changeRunnerFile(standby, (text) =>
    text.replace('"runner": {', '"runner": { "mode": "passive",'),
  );
  await answered(t, 'Reconfigure', { runner: standby });
  await modeOf(RunnerMode.PASSIVE);
  const socket = cluster.socket(standby, 'runner');
  cluster.changeRunnerFile(standby, (text) =>
    text.replace('"mode": "passive"', '"mode": "active"'),
  );
  const { answer } = await call(socket, 'koi.local.v1.LocalService/Reload');
  t.deepEqual(answer, { applied: ['runner.mode'] });
  await modeOf(RunnerMode.ACTIVE);
  cluster.changeRunnerFile(standby, (text) => text.replace('"active"', '"lazy"'));
  const { refusal } = await call(socket, 'koi.local.v1.LocalService/Reload');
  t.like(refusal, { code: 'invalid_argument', reason: 'CONFIGURATION_INVALID' });
  t.regex(refusal?.message ?? '', /runner\.yaml:\d+:\d+: runner\.mode/);
  cluster.changeRunnerFile(standby, (text) => text.replace('"lazy"', '"active"'));
  const local = await call(socket, 'koi.local.v1.LocalService/GetLocal');
  t.like(local.answer, { program: 'koi-runner', name: standby });
});

test.serial('watches go on through a leader change, without gap or repetition', async (t) => {
  const { leader: first } = await cluster.untilSettled();
  const [asked = ''] = cluster.others(first);
  const watched = watch(asked, 'WatchEvents');
  const clusters = watch(asked, 'WatchCluster');
  await watched.until('what is remembered', (told) => numbersIn(told).length > 0);
  await clusters.until('the cluster', (told) => told.length > 0);
  cluster.host(first).signal('elector', 'SIGKILL');
  const next = await cluster.until('another one leads', (seen) => seen.leader !== first);
  await watched.until('events of the next leader', (told) => {
    const last = told.at(-1) ?? {};
    const events = Array.isArray(last['events']) ? last['events'] : [];
    return events.some(
      (event: Json) => event['subject'] === next.leader && event['rule'] === 'leader',
    );
  });
  await clusters.until('the next leader', (told) => {
    const seen = told.at(-1)?.['cluster'];
    return (
      typeof seen === 'object' && seen !== null && 'leader' in seen && seen.leader === next.leader
    );
  });
  cluster.host(first).start();
  await cluster.untilSettled();
  const { events } = await answered(t, 'ListEvents');
  const remembered = numbersIn([{ events }]);
  const last = remembered.at(-1) ?? 0;
  await watched.until('all of them', (told) => (numbersIn(told).at(-1) ?? 0) >= last);
  const numbers = numbersIn(watched.told);
  t.true(unbroken(numbers), numbers.join(' '));
  t.deepEqual(watched.error, '');
});

test.serial('an elector without a leader is not serving, and serves again', async (t) => {
  const { leader: first } = await cluster.untilSettled();
  const [lone = '', other = ''] = cluster.others(first);
  const health = new WatchedStream(cluster.address(lone), 'grpc.health.v1.Health/Watch');
  streams.push(health);
  const shows = (status: string) =>
    health.until(status, (told) => told.at(-1)?.['status'] === status);
  await shows('SERVING');
  cluster.host(first).signal('elector', 'SIGKILL');
  cluster.host(other).signal('elector', 'SIGKILL');
  await shows('NOT_SERVING');
  const { answer } = await call(cluster.address(lone), 'grpc.health.v1.Health/List');
  t.like(answer, {
    statuses: {
      'koi.admin.v1.AdminService': { status: 'NOT_SERVING' },
      'koi.runner.v1.RunnerService': { status: 'SERVING' },
    },
  });
  const { refusal } = await admin('DemoteMaster', {}, lone);
  t.like(refusal, { code: 'unavailable', reason: 'NO_QUORUM' });
  t.like((await admin('GetCluster', {}, lone)).answer, { elector: lone });
  cluster.host(first).start();
  cluster.host(other).start();
  await shows('SERVING');
  await cluster.untilSettled();
});

test.serial('each RPC of the admin API was called', (t) => {
  t.deepEqual([...called].sort(), AdminService.methods.map(({ name }) => name).sort());
});
