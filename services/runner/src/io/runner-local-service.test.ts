// What a runner tells its own host, over its real socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import { createClock } from '@koi/lib/clock';
import { ConfigError } from '@koi/lib/config-error';
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { koiReason } from '@koi/lib/grpc/errors';
import { createServer, listen } from '@koi/lib/grpc/server';
import test, { type ExecutionContext } from 'ava';
import {
  createRunnerLocalService,
  localDefinition,
  type RunnerLocalOptions,
} from './runner-local-service.ts';

const clock = createClock();

const core: RunnerLocalOptions['core'] = {
  description: 'master of epoch 4',
  state: 'master',
  leaseLeft: 1_500,
  mandate: { epoch: 4, released: 3 },
  maintenance: false,
  services: [
    {
      name: 'web',
      priority: 7,
      state: 'promoting',
      promotable: true,
      action: 'promote',
      processId: 4711,
      failure: '',
    },
  ],
};

async function serve(t: ExecutionContext, change: Partial<RunnerLocalOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'koi-local-'));
  const server = createServer();
  const reload = {
    file: '/etc/koi/koi.yaml',
    readAt: 5_000,
    reload: async () => ({ applied: ['runner.mode'], restart: ['electors'] }),
  };
  const links = [
    { peer: 'a', open: true, openedAt: clock.now() - 60_000, lastHeard: clock.now() - 1_000 },
    { peer: 'b', open: false, openedAt: undefined, lastHeard: undefined },
  ];
  const options = { name: 'n', reload, clock, links, core, lag: () => 40, ...change };
  server.add(localDefinition, createRunnerLocalService(options));
  const listener = await listen(server, `unix:${join(folder, 'runner.sock')}`);
  const channel = openChannel(listener.address);
  t.teardown(async () => {
    channel.close();
    await listener.stop(0);
    rmSync(folder, { recursive: true, force: true });
  });
  return openClient(localDefinition, channel);
}

test('it tells itself, its streams and its services', async (t) => {
  const client = await serve(t);
  const local = await client.getLocal({});
  t.like(local, {
    program: 'koi-runner',
    name: 'n',
    processId: process.pid,
    configuration: '/etc/koi/koi.yaml',
    state: 'master of epoch 4; web promoting (promote, pid 4711)',
  });
  t.is(local.configurationTime?.seconds, 5n);
  t.is(local.loopLag?.nanos, 40e6);
  const [open, closed] = local.links;
  t.is(open?.openFor?.seconds, 60n);
  t.is(open?.lastHeard?.seconds, 1n);
  t.deepEqual([closed?.open, closed?.openFor, closed?.lastHeard], [false, undefined, undefined]);
  const { runner } = local;
  t.like(runner, { state: RunnerState.MASTER, epoch: 4n, released: 3n, maintenance: false });
  t.is(runner?.leaseLeft?.seconds, 1n);
  const service = {
    name: 'web',
    state: ServiceState.PROMOTING,
    action: 'promote',
    processId: 4711,
  };
  t.like(runner?.services[0], service);
  t.is(local.elector, undefined);
});

test('a runner without a lease says nothing of one', async (t) => {
  const client = await serve(t, { core: { ...core, leaseLeft: undefined } });
  t.is((await client.getLocal({})).runner?.leaseLeft, undefined);
});

test('a reload names what is in force and what is not, or what is wrong with the file', async (t) => {
  const client = await serve(t);
  t.like(await client.reload({}), { applied: ['runner.mode'], restart: ['electors'] });
  const problem = { file: 'koi.yaml', line: 3, column: 1, key: 'x', text: 'is not a known key' };
  const refusing = await serve(t, {
    reload: {
      file: 'koi.yaml',
      readAt: 0,
      reload: async () => {
        throw new ConfigError([problem]);
      },
    },
  });
  const error = await t.throwsAsync(refusing.reload({}));
  t.deepEqual(koiReason(error), {
    reason: 'CONFIGURATION_INVALID',
    text: 'koi.yaml:3:1: x: is not a known key',
  });
});
