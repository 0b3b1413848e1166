// All four kinds of RPC over a real loopback server, typed without a cast, idempotency options kept.
import test from 'ava';
import { createChannel, createClient, createServer, type ServiceImplementation } from 'nice-grpc';
import { grpcDefinition } from './definition.ts';
import { EchoService } from './echo-service.fixture.ts';

const definition = grpcDefinition(EchoService);

const implementation: ServiceImplementation<typeof definition> = {
  async unary(request) {
    return { value: `echo ${request.value}` };
  },
  async *countUp(request) {
    for (let n = 1; n <= request.value; n += 1) yield { value: `${n}` };
  },
  async countAll(requests) {
    let value = 0;
    for await (const request of requests) value += request.value.length;
    return { value };
  },
  async *converse(requests) {
    for await (const request of requests) yield { value: request.value.toUpperCase() };
  },
};

async function* words(...values: readonly string[]): AsyncGenerator<{ value: string }> {
  for (const value of values) yield { value };
}

test('all four kinds of RPC work over a loopback server', async (t) => {
  const server = createServer();
  server.add(definition, implementation);
  const port = await server.listen('127.0.0.1:0');
  const channel = createChannel(`127.0.0.1:${port}`);
  const client = createClient(definition, channel);
  t.teardown(() => {
    channel.close();
    server.forceShutdown();
  });

  const reply = await client.unary({ value: 'hello' });
  t.is(reply.value, 'echo hello');
  t.is(reply.$typeName, 'google.protobuf.StringValue');

  const counted: string[] = [];
  for await (const message of client.countUp({ value: 3 })) counted.push(message.value);
  t.deepEqual(counted, ['1', '2', '3']);

  t.is((await client.countAll(words('ab', 'cde'))).value, 5);

  const loud: string[] = [];
  for await (const message of client.converse(words('a', 'b'))) loud.push(message.value);
  t.deepEqual(loud, ['A', 'B']);
});

test('names, streams and idempotency options are those of the descriptor', (t) => {
  const { unary, countUp, countAll, converse } = definition.methods;
  t.is(definition.fullName, 'koi.test.v1.EchoService');
  t.is(countUp.name, 'CountUp');
  t.deepEqual(unary.options, { idempotencyLevel: 'NO_SIDE_EFFECTS' });
  t.deepEqual(countUp.options, { idempotencyLevel: 'IDEMPOTENT' });
  t.deepEqual(countAll.options, {});
  t.deepEqual([countAll.requestStream, countAll.responseStream], [true, false]);
  t.deepEqual([converse.requestStream, converse.responseStream], [true, true]);
});

test('the compiler knows each kind', (t) => {
  const { unary, countUp, countAll } = definition.methods;
  const single: false = unary.requestStream;
  const stream: true = countUp.responseStream;
  const collected: true = countAll.requestStream;
  // @ts-expect-error A request takes what its message has, and nothing else.
  const wrong = () => unary.requestType.fromPartial({ valeu: 'x' });
  t.deepEqual([single, stream, collected, typeof wrong], [false, true, true, 'function']);
});
