// Runners' streams as an elector serves them, over real loopback sockets.
import { RunnerMode, RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { koiReason } from '@koi/lib/grpc/errors';
import { Outbox } from '@koi/lib/grpc/outbox';
import { createServer, listen } from '@koi/lib/grpc/server';
import { PROTOCOL } from '@koi/lib/version';
import test, { type ExecutionContext } from 'ava';
import type { Input } from '../core/input.ts';
import { clock, quietLog, until } from './edge.fixture.ts';
import { createRunnerService, type RunnerAttachments, runnerDefinition } from './runner-service.ts';

async function serve(
  t: ExecutionContext,
  react: (input: Input, service: RunnerAttachments) => void = () => {},
) {
  const inputs: Input[] = [];
  const self = { cluster: 'shop', name: 'a' };
  const service = createRunnerService({
    self,
    clock,
    ...quietLog(),
    feed(input) {
      inputs.push(input);
      react(input, service);
    },
  });
  const server = createServer();
  server.add(runnerDefinition, service.implementation);
  const listener = await listen(server, '127.0.0.1:0');
  t.teardown(() => listener.stop(0));
  return { service, inputs, address: listener.address };
}

/** A runner that says what it is told to say, and keeps what it hears. */
function attach(t: ExecutionContext, address: string, session: string, cluster = 'shop') {
  type Client = ReturnType<typeof openClient<typeof runnerDefinition>>;
  type Request = Parameters<Client['attach']>[0] extends AsyncIterable<infer R> ? R : never;
  const channel = openChannel(address);
  const requests = new Outbox<Request>({ capacity: 10 });
  const heard: (string | undefined)[] = [];
  let failure: unknown;
  const hello = { cluster, runner: 'r', protocol: PROTOCOL, version: '', digest: 'd', session };
  requests.push({ message: { case: 'hello', value: hello } });
  const reading = (async () => {
    const replies = openClient(runnerDefinition, channel).attach(requests);
    for await (const { message } of replies) heard.push(message.case);
  })().catch((error: unknown) => {
    failure = error;
  });
  const end = async () => {
    requests.close();
    await reading;
    channel.close();
  };
  t.teardown(end);
  return { requests, heard, end, failure: () => failure };
}

const report = {
  message: {
    case: 'report',
    value: {
      number: 1n,
      state: RunnerState.LIVE,
      mode: RunnerMode.ACTIVE,
      uptime: { seconds: 1n, nanos: 0 },
    },
  },
} as const;

test('a runner is welcomed, its reports are told, and answers reach its session', async (t) => {
  const a = await serve(t, (input, service) => {
    if (input.kind !== 'report') return;
    service.heard('r', 's1', input.report.number);
    service.heard('r', 'other', input.report.number);
  });
  const runner = attach(t, a.address, 's1');
  await until(() => runner.heard.includes('welcome'));
  runner.requests.push(report);
  await until(() => runner.heard.length === 2);
  t.deepEqual(runner.heard, ['welcome', 'heard']);
  await runner.end();
  await until(() => a.inputs.some(({ kind }) => kind === 'runner-lost'));
  t.deepEqual(
    a.inputs.map(({ kind }) => kind),
    ['runner-connected', 'report', 'runner-lost'],
  );
  t.like(a.inputs[1], { runner: 'r', session: 's1', report: { number: 1, uptime: 1_000 } });
});

test('M7: a session that the core refuses hears the reason, and the other one stays', async (t) => {
  const a = await serve(t, (input, service) => {
    if (input.kind === 'runner-connected' && input.session === 's2') {
      service.refuse('r', 's2', 'another runner named r is connected');
    }
  });
  const first = attach(t, a.address, 's1');
  await until(() => first.heard.includes('welcome'));
  const second = attach(t, a.address, 's2');
  await until(() => second.failure() !== undefined);
  t.deepEqual(koiReason(second.failure()), {
    reason: 'SESSION_TAKEN',
    text: 'another runner named r is connected',
  });
  a.service.heard('r', 's1', 1);
  await until(() => first.heard.includes('heard'));
});

test('the same session may dial anew: its newer stream replaces the older one', async (t) => {
  const a = await serve(t);
  const older = attach(t, a.address, 's1');
  await until(() => older.heard.includes('welcome'));
  const newer = attach(t, a.address, 's1');
  await until(() => newer.heard.includes('welcome') && older.failure() !== undefined);
  a.service.heard('r', 's1', 1);
  await until(() => newer.heard.includes('heard'));
  t.deepEqual(
    a.inputs.map(({ kind }) => kind),
    ['runner-connected', 'runner-connected'],
  );
});

test('a runner of another cluster, and one that does not say hello, are refused', async (t) => {
  const a = await serve(t);
  const stranger = attach(t, a.address, 's1', 'shed');
  await until(() => stranger.failure() !== undefined);
  t.is(koiReason(stranger.failure())?.reason, 'CLUSTER_MISMATCH');
  t.deepEqual(a.inputs, []);
});
