// Servers and clients of ours together: reasons travel, socket files are private, stale ones replaced.
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Server } from 'nice-grpc';
import { connected, openChannel, openClient } from './client.ts';
import { grpcDefinition } from './definition.ts';
import { EchoService } from './echo-service.fixture.ts';
import { koiError, koiReason } from './errors.ts';
import { createServer, listen } from './server.ts';

const definition = grpcDefinition(EchoService);

function echoServer(): Server {
  const server = createServer();
  server.add(definition, {
    async unary(request) {
      if (request.value === '') throw koiError('RUNNER_UNKNOWN', 'no runner is called "x"');
      return { value: request.value };
    },
    async *countUp(request) {
      yield { value: `${request.value}` };
      throw koiError('NO_LEADER', 'nobody leads');
    },
    countAll: async () => ({ value: 0 }),
    async *converse(requests) {
      for await (const request of requests) yield request;
    },
  });
  return server;
}

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'koi-server-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('a reason and its sentence reach the client, from unary calls and from streams', async (t) => {
  const listener = await listen(echoServer(), '127.0.0.1:0');
  const channel = openChannel(listener.address);
  t.teardown(() => listener.stop(0));
  t.teardown(() => channel.close());
  const client = openClient(definition, channel);

  const unknown = await t.throwsAsync(client.unary({ value: '' }));
  t.deepEqual(koiReason(unknown), { reason: 'RUNNER_UNKNOWN', text: 'no runner is called "x"' });

  const received: string[] = [];
  const ended = await t.throwsAsync(async () => {
    for await (const message of client.countUp({ value: 7 })) received.push(message.value);
  });
  t.deepEqual(received, ['7']);
  t.is(koiReason(ended)?.reason, 'NO_LEADER');
  t.is(koiReason(new Error('other')), undefined);
});

test('a Unix socket is its owner’s alone, and is removed on stop', async (t) => {
  const path = join(await folder(t), 'run', 'elector.sock');
  const listener = await listen(echoServer(), `unix:${path}`);
  t.is((await stat(path)).mode & 0o777, 0o600);
  const channel = openChannel(`unix:${path}`);
  t.is((await openClient(definition, channel).unary({ value: 'hi' })).value, 'hi');
  channel.close();
  await listener.stop(1_000);
  await t.throwsAsync(stat(path), { code: 'ENOENT' });
});

test('a socket that a living process serves is refused, a stale one is replaced', async (t) => {
  const path = join(await folder(t), 'elector.sock');
  const first = await listen(echoServer(), `unix:${path}`);
  await t.throwsAsync(listen(echoServer(), `unix:${path}`), { message: /served by another/ });
  await first.stop(0);

  // What a killed daemon leaves: a socket file that nobody listens on.
  const crashed = createTcpServer();
  await new Promise<void>((resolve) => crashed.listen(`${path}.crashed`, resolve));
  await rename(`${path}.crashed`, path);
  await new Promise((resolve) => crashed.close(resolve));
  const second = await listen(echoServer(), `unix:${path}`);
  t.true((await stat(path)).isSocket());
  await second.stop(0);

  await writeFile(path, 'mine');
  await t.throwsAsync(listen(echoServer(), `unix:${path}`), { message: /is not a socket/ });
});

test('an address that another process listens on is refused with what to do', async (t) => {
  const first = await listen(echoServer(), '127.0.0.1:0');
  t.teardown(() => first.stop(0));
  await t.throwsAsync(listen(echoServer(), first.address), {
    message: /another process does: stop it, or choose another port/,
  });
});

test('stopping waits for calls under way no longer than told', async (t) => {
  const listener = await listen(echoServer(), '127.0.0.1:0');
  const channel = openChannel(listener.address);
  t.teardown(() => channel.close());
  let more: () => void = () => {};
  const requests = (async function* () {
    yield { value: 'a' };
    await new Promise<void>((resolve) => {
      more = resolve;
    });
  })();
  const replies = openClient(definition, channel).converse(requests)[Symbol.asyncIterator]();
  t.is((await replies.next()).value?.value, 'a');
  const rest = t.throwsAsync(replies.next());
  await listener.stop(50);
  await rest;
  more();
});

test('a connection that is refused is told at once, one that hangs within its bound', async (t) => {
  const sockets: Socket[] = [];
  const silent = createTcpServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const hanging = openChannel(`127.0.0.1:${port}`);
  await t.throwsAsync(connected(hanging, 50), { message: /no connection within 50 ms/ });
  hanging.close();
  await new Promise((resolve) => {
    silent.close(resolve);
    for (const socket of sockets) socket.destroy();
  });

  const refused = openChannel(`127.0.0.1:${port}`);
  await t.throwsAsync(connected(refused, 5_000), { message: /refused/ });
  refused.close();
});
