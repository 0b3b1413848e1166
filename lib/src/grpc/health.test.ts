// Health over a real listener: Check, List and Watch follow what the daemon says of its services.
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from '@koi/gen/grpc/health/v1/health_pb';
import test, { type ExecutionContext } from 'ava';
import { Status as GrpcStatus } from 'nice-grpc';
import { createChangeSignal } from '../change-signal.ts';
import { openChannel, openClient } from './client.ts';
import { EchoService } from './echo-service.fixture.ts';
import { healthDefinition } from './health.ts';
import { createServer, listen } from './server.ts';
import { addStandardServices } from './standard-services.ts';

const ECHO = EchoService.typeName;

async function serve(t: ExecutionContext) {
  const state = { leads: false };
  const changes = createChangeSignal();
  const server = createServer();
  const serves = (service: string) => service === ECHO || state.leads;
  addStandardServices(server, [EchoService], { serves, changes });
  const listener = await listen(server, '127.0.0.1:0');
  const channel = openChannel(listener.address);
  t.teardown(async () => {
    channel.close();
    await listener.stop(0);
  });
  const become = (leads: boolean) => {
    state.leads = leads;
    changes.raise();
  };
  return { client: openClient(healthDefinition, channel), become };
}

test('Check and List tell the daemon and each service by name', async (t) => {
  const { client, become } = await serve(t);
  t.is((await client.check({})).status, Status.NOT_SERVING);
  t.is((await client.check({ service: ECHO })).status, Status.SERVING);
  become(true);
  t.is((await client.check({})).status, Status.SERVING);
  const { statuses } = await client.list({});
  t.deepEqual(Object.keys(statuses).sort(), ['', ECHO]);
  const unknown = await t.throwsAsync(client.check({ service: 'koi.x.v1.Nothing' }));
  t.like(unknown, { code: GrpcStatus.NOT_FOUND });
});

test('Watch tells at once, and then only what has changed', async (t) => {
  const { client, become } = await serve(t);
  const leave = new AbortController();
  const watch = client.watch({}, { signal: leave.signal })[Symbol.asyncIterator]();
  const next = async () => (await watch.next()).value?.status;
  t.is(await next(), Status.NOT_SERVING);
  become(false);
  become(true);
  t.is(await next(), Status.SERVING);
  become(false);
  t.is(await next(), Status.NOT_SERVING);
  leave.abort();
  await t.throwsAsync(watch.next(), { any: true });
});

test('a watch of a service that is not here says so and stays', async (t) => {
  const { client } = await serve(t);
  for await (const { status } of client.watch({ service: 'koi.x.v1.Nothing' })) {
    t.is(status, Status.SERVICE_UNKNOWN);
    break;
  }
});

test('the interface is the well-known one', (t) => {
  t.is(Health.typeName, 'grpc.health.v1.Health');
  t.deepEqual(
    Health.methods.map(({ name, methodKind }) => `${name} ${methodKind}`),
    ['Check unary', 'List unary', 'Watch server_streaming'],
  );
  t.deepEqual(
    { ...Status },
    {
      UNKNOWN: 0,
      SERVING: 1,
      NOT_SERVING: 2,
      SERVICE_UNKNOWN: 3,
      ...Object.fromEntries(Object.entries(Status).filter(([key]) => /^\d/.test(key))),
    },
  );
});
