// The light client against the servers that the daemons use: answers, reasons, streams, and every way
// in which the other side can fail.

import {
  type AddressInfo,
  connect as connectSocket,
  createServer as createTcpServer,
  type Socket,
} from 'node:net';
import { create } from '@bufbuild/protobuf';
import { StringValueSchema } from '@bufbuild/protobuf/wkt';
import test, { type ExecutionContext } from 'ava';
import { ServerError } from 'nice-grpc';
import { grpcDefinition } from './definition.ts';
import { EchoService } from './echo-service.fixture.ts';
import { koiError, koiReason } from './errors.ts';
import { LightConnection, RpcError } from './light-client.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';
import { createServer, listen } from './server.ts';
import { Status } from './status.ts';

const definition = grpcDefinition(EchoService);

const forever = new AbortController().signal;
const PATIENT = { within: 20_000, signal: forever };

async function serve(t: ExecutionContext) {
  const server = createServer();
  const state = { ended: false };
  server.add(definition, {
    async unary({ value }) {
      if (value === 'reason') throw koiError('NO_LEADER', 'größer als nichts: 100 % niemand');
      if (value === 'fault') throw new ServerError(Status.UNKNOWN, 'a fault');
      return { value };
    },
    async *countUp({ value }, { signal }) {
      for (let number = 1; number <= value; number += 1) yield { value: String(number) };
      if (value > 0) return;
      yield { value: 'begun' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      state.ended = true;
    },
    countAll: async () => ({ value: 0 }),
    async *converse() {},
  });
  const listener = await listen(server, '127.0.0.1:0');
  t.teardown(() => listener.stop(0));
  const connection = await LightConnection.dial(listener.address, PATIENT);
  t.teardown(() => connection.close());
  return { listener, connection, state, client: connection.client(EchoService) };
}

async function all(stream: AsyncIterable<{ readonly value: string }>): Promise<string[]> {
  const values: string[] = [];
  for await (const { value } of stream) values.push(value);
  return values;
}

test('a unary call is answered, long messages too', async (t) => {
  const { client } = await serve(t);
  const call = { signal: forever };
  t.deepEqual(
    await client.unary({ value: 'hello' }, call),
    create(StringValueSchema, { value: 'hello' }),
  );
  t.is((await client.unary({}, call)).value, '');
  const value = 'x'.repeat(MESSAGE_BYTES_MAX - 100);
  t.is((await client.unary({ value }, call)).value.length, value.length);
});

test('a reason arrives with its sentence, a fault as a status', async (t) => {
  const { client } = await serve(t);
  const reason = await t.throwsAsync(client.unary({ value: 'reason' }, { signal: forever }));
  t.deepEqual(koiReason(reason), { reason: 'NO_LEADER', text: 'größer als nichts: 100 % niemand' });
  const fault = await t.throwsAsync(client.unary({ value: 'fault' }, { signal: forever }));
  t.true(fault instanceof RpcError && fault.code === Status.UNKNOWN);
});

test('a stream yields each message and ends', async (t) => {
  const { client } = await serve(t);
  t.deepEqual(await all(client.countUp({ value: 3 }, { signal: forever })), ['1', '2', '3']);
  t.is((await all(client.countUp({ value: 5_000 }, { signal: forever }))).length, 5_000);
});

test('a reader that stops, and a signal, end the stream over there', async (t) => {
  const { client, state } = await serve(t);
  for await (const { value } of client.countUp({ value: 0 }, { signal: forever })) {
    t.is(value, 'begun');
    break;
  }
  while (!state.ended) await new Promise((resolve) => setImmediate(resolve));
  const stop = new AbortController();
  const stream = client.countUp({ value: 0 }, { signal: stop.signal });
  await stream.next();
  stop.abort();
  await t.throwsAsync(stream.next(), { name: 'AbortError' });
  await t.throwsAsync(client.unary({}, { signal: stop.signal }), { name: 'AbortError' });
});

test('when the server dies a stream breaks, and calls after it fail at once', async (t) => {
  const { client, listener } = await serve(t);
  const stream = client.countUp({ value: 0 }, { signal: forever });
  await stream.next();
  await listener.stop(0);
  const broken = await t.throwsAsync(stream.next());
  t.true(broken instanceof RpcError && broken.code === Status.UNAVAILABLE, String(broken));
  const after = await t.throwsAsync(client.unary({}, { signal: forever }));
  t.true(after instanceof RpcError && after.code === Status.UNAVAILABLE, String(after));
});

test('nobody listens, nobody answers, somebody stops waiting: each is said', async (t) => {
  await t.throwsAsync(LightConnection.dial('127.0.0.1:1', PATIENT), {
    message: 'the connection was refused or broke',
  });
  await t.throwsAsync(LightConnection.dial('unix:/nonexistent/x.sock', PATIENT), {
    message: 'the connection was refused or broke',
  });
  const mute = createTcpServer();
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  t.teardown(() => mute.close());
  const address = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
  await t.throwsAsync(LightConnection.dial(address, { within: 50, signal: forever }), {
    message: 'no connection within 50 ms',
  });
  await t.throwsAsync(
    LightConnection.dial(address, { within: 20_000, signal: AbortSignal.abort() }),
    {
      message: 'stopped',
    },
  );
});

test('a server without that service says so', async (t) => {
  const server = createServer();
  const listener = await listen(server, '127.0.0.1:0');
  t.teardown(() => listener.stop(0));
  const connection = await LightConnection.dial(listener.address, PATIENT);
  t.teardown(() => connection.close());
  const call = connection.client(EchoService).unary({}, { signal: forever });
  const error = await t.throwsAsync(call);
  t.true(error instanceof RpcError && error.code === Status.UNIMPLEMENTED, String(error));
});

test('a connection that falls silent breaks, where it is asked for signs of life', async (t) => {
  const { listener } = await serve(t);
  const sockets: Socket[] = [];
  const proxy = createTcpServer((near) => {
    const far = connectSocket(listener.port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) sockets.push(socket.on('error', () => {}));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => proxy.close());
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const connection = await LightConnection.dial(address, { ...PATIENT, keepalive: 200 });
  t.teardown(() => {
    connection.close();
    for (const socket of sockets) socket.destroy();
  });
  const stream = connection.client(EchoService).countUp({ value: 0 }, { signal: forever });
  await stream.next();
  for (const socket of sockets) socket.unpipe().pause();
  const broken = await t.throwsAsync(stream.next());
  t.true(broken instanceof RpcError && broken.code === Status.UNAVAILABLE, String(broken));
});
