// A runner's stream to an elector over real loopback sockets, with an elector that is told here.

import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttachRequest,
  type AttachResponseSchema,
  RunnerService,
  Target,
} from '@koi/gen/koi/runner/v1/runner_service_pb';
import { createClock } from '@koi/lib/clock';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { koiError } from '@koi/lib/grpc/errors';
import { patienceOf } from '@koi/lib/grpc/patience';
import { type ServedStream, serveStream } from '@koi/lib/grpc/served-stream';
import { createServer, listen } from '@koi/lib/grpc/server';
import test, { type ExecutionContext } from 'ava';
import type { Report } from '../core/assignment.ts';
import type { Input } from '../core/input.ts';
import { createElectorLink } from './elector-link.ts';

const definition = grpcDefinition(RunnerService);
const clock = createClock();
const WAIT_MAX = 10_000;

type Response = MessageInitShape<typeof AttachResponseSchema>;

const report: Report = {
  number: 3,
  state: 'standby',
  mode: 'active',
  priority: 0,
  uptime: 1_000,
  epoch: 0,
  leaseEnded: false,
  released: 0,
  promoted: false,
  maintenance: false,
  maintenanceChange: 0,
  highestTerm: 1,
  sinceFailure: undefined,
  services: [],
  failures: [],
  away: 0,
  absence: undefined,
  leaderUnheard: true,
};

async function until(condition: () => boolean): Promise<void> {
  const deadline = clock.now() + WAIT_MAX;
  while (!condition()) {
    if (clock.now() > deadline) throw new Error(`it did not come to pass within ${WAIT_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function serve(
  t: ExecutionContext,
  answer: (request: AttachRequest, stream: ServedStream<Response>) => void,
) {
  const heard: (string | undefined)[] = [];
  const take = (request: AttachRequest, stream: ServedStream<Response>) => {
    heard.push(request.message.case);
    answer(request, stream);
  };
  const server = createServer();
  server.add(definition, {
    attach: (requests, context) =>
      serveStream<AttachRequest, Response>({
        requests,
        context,
        clock,
        onFirst: take,
        onMessage: take,
        onEnd: () => {},
      }),
  });
  const listener = await listen(server, '127.0.0.1:0');
  t.teardown(() => listener.stop(0));
  return { heard, address: listener.address };
}

function attach(t: ExecutionContext, address: string, react: (input: Input) => void = () => {}) {
  const inputs: Input[] = [];
  const said: string[] = [];
  const link = createElectorLink({
    self: { cluster: 'shop', runner: 'r', digest: 'd', session: 's' },
    elector: { name: 'a', address },
    clock,
    patience: { ...patienceOf(200), silenceMax: 200 },
    log: { info: (text: string) => said.push(text), warn: (text: string) => said.push(text) },
    fresh: (sentence) => !said.includes(sentence),
    feed(input) {
      inputs.push(input);
      react(input);
    },
  });
  link.start();
  t.teardown(() => link.stop(0));
  return { link, inputs, said };
}

const welcome = (elector: string): Response => ({
  message: { case: 'welcome', value: { elector, protocol: 1 } },
});

test('the hello goes first, then the report that the core makes of the connection', async (t) => {
  const a = await serve(t, (request, stream) => {
    if (request.message.case === 'hello') stream.send(welcome('a'));
    if (request.message.case !== 'report') return;
    const { number } = request.message.value;
    const value = { term: 2n, sequence: 1n, session: 's', number, target: Target.STANDBY };
    stream.send({ message: { case: 'assignment', value } });
  });
  const runner = attach(t, a.address, (input) => {
    if (input.kind === 'elector-connected') runner.link.report(report);
  });
  await until(() => runner.inputs.some(({ kind }) => kind === 'assignment'));
  t.deepEqual(a.heard, ['hello', 'report']);
  t.deepEqual(
    runner.inputs.map(({ kind }) => kind),
    ['elector-connected', 'elector-heard', 'assignment'],
  );
  t.like(runner.inputs[2], { elector: 'a', assignment: { number: 3, target: 'standby' } });
});

test('a silent elector is dialled anew', async (t) => {
  const a = await serve(t, () => {});
  const runner = attach(t, a.address);
  await until(() => a.heard.length === 2);
  t.deepEqual(a.heard, ['hello', 'hello']);
  t.is(runner.inputs[1]?.kind, 'elector-lost');
});

test('a refusal is said once, however often it is dialled', async (t) => {
  const a = await serve(t, () => {
    throw koiError('CLUSTER_MISMATCH', 'elector a is of cluster "shed"');
  });
  const runner = attach(t, a.address);
  await until(() => a.heard.length === 3);
  t.is(runner.said.length, 1);
  t.regex(runner.said[0] ?? '', /elector a \(.*\) refuses this runner: .*"shed"/);
});

test('an elector under another name than in the list is not listened to', async (t) => {
  const a = await serve(t, (_request, stream) => {
    stream.send(welcome('b'));
  });
  const runner = attach(t, a.address);
  await until(() => runner.said.length > 0);
  t.regex(runner.said[0] ?? '', /it says that it is b/);
  t.false(runner.inputs.some(({ kind }) => kind === 'elector-heard'));
});
