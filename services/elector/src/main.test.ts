// The daemon as a process: its arguments, its exit codes, its end.
import { spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HealthCheckResponse_ServingStatus } from '@koi/gen/grpc/health/v1/health_pb';
import { ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { koiReason } from '@koi/lib/grpc/errors';
import { healthDefinition } from '@koi/lib/grpc/health';
import test, { type ExecutionContext } from 'ava';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Bound of every wait for a process, in milliseconds. */
const PROCESS_MAX = 30_000;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** A cluster of one, in a folder of its own. */
async function cluster(t: ExecutionContext, extra = '', timing = 'fast') {
  const folder = await mkdtemp(join(tmpdir(), 'koi-elector-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'koi.yaml');
  const lines = [
    'cluster: test',
    'name: a',
    `electors: [{ name: a, address: "127.0.0.1:${await freePort()}", priority: 1 }]`,
    'elector: { stateDirectory: state, socket: elector.sock }',
    `timing: ${timing}`,
    extra,
  ];
  await writeFile(file, lines.join('\n'));
  return { folder, file };
}

function run(t: ExecutionContext, ...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    said.out += data;
  });
  child.stderr.on('data', (data) => {
    said.err += data;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), PROCESS_MAX);
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
  t.teardown(() => child.kill('SIGKILL'));
  const saying = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (said.err.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      child.once('close', () => resolve());
      look();
    });
  return { child, said, ended, saying };
}

test('--version and --help are answered on standard output', async (t) => {
  const version = run(t, '--version');
  t.is(await version.ended, 0);
  t.regex(version.said.out, /^koi-elector \d+\.\d+\.\d+\n$/);
  const help = run(t, '--help');
  t.is(await help.ended, 0);
  t.regex(help.said.out, /--config FILE/);
});

test('a configuration that is refused ends it with 78 and every problem', async (t) => {
  const { file } = await cluster(t, 'clutser: x\nrecovry: y');
  const elector = run(t, '--config', file);
  t.is(await elector.ended, 78);
  t.regex(elector.said.err, /koi-elector: .*koi\.yaml:6:1: clutser/);
  t.regex(elector.said.err, /koi\.yaml:7:1: recovry/);
  t.is(await run(t, '--confg', file).ended, 78);
});

test('C3: a damaged record ends it with 78, and the file stays as it is', async (t) => {
  const { file, folder } = await cluster(t);
  await mkdir(join(folder, 'state'));
  const record = join(folder, 'state', 'elector-record');
  await writeFile(record, 'koi-elector-record 1 sha256 00\n{}');
  const elector = run(t, '--config', file);
  t.is(await elector.ended, 78);
  t.regex(elector.said.err, /elector-record is damaged/);
  t.is((await stat(record)).size, 33);
});

test('it leads a cluster of one, and SIGTERM ends it with 0 and no file left', async (t) => {
  const { file, folder } = await cluster(t);
  const elector = run(t, '--config', file);
  await elector.saying('leader of term');
  elector.child.kill('SIGTERM');
  t.is(await elector.ended, 0);
  t.regex(elector.said.err, /resigned term/);
  await t.throwsAsync(stat(join(folder, 'elector.sock')), { code: 'ENOENT' });
});

test('a reader of its log that goes away does not end it', async (t) => {
  const { file, folder } = await cluster(t);
  const elector = run(t, '--config', file);
  await elector.saying('listening on');
  elector.child.stderr.destroy();
  elector.child.stdout.destroy();
  const record = join(folder, 'state', 'elector-record');
  // What it says when it takes office has no reader any more; the record shows that it went on.
  for (let n = 0; n < 200 && !(await stat(record).catch(() => undefined)); n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.true((await stat(record)).isFile());
  elector.child.kill('SIGTERM');
  t.is(await elector.ended, 0);
});

test('SIGHUP reads the configuration again; a wrong one is refused and nothing ends', async (t) => {
  const { file } = await cluster(t);
  const elector = run(t, '--config', file);
  await elector.saying('listening on');
  await appendFile(file, '\npreempt: true\nrecovery: { promotionHold: 5s }');
  elector.child.kill('SIGHUP');
  await elector.saying('in force now: recovery.promotionHold');
  t.regex(elector.said.err, /in force after a restart: preempt/);
  await appendFile(file, '\nrecovry: {}');
  elector.child.kill('SIGHUP');
  await elector.saying('what was in force stays');
  t.regex(elector.said.err, /koi\.yaml:9:1: recovry/);
  elector.child.kill('SIGTERM');
  t.is(await elector.ended, 0);
});

test('its socket tells health, its own state, and reads the configuration again', async (t) => {
  const { file, folder } = await cluster(t, '', 'default');
  const elector = run(t, '--config', file);
  await elector.saying('leader of term');
  const channel = openChannel(`unix:${join(folder, 'elector.sock')}`);
  t.teardown(() => channel.close());
  const health = openClient(healthDefinition, channel);
  // On a busy machine its lease may lapse and come back: the watch waits for it.
  for await (const { status } of health.watch({})) {
    if (status === HealthCheckResponse_ServingStatus.SERVING) break;
  }
  const names = Object.keys((await health.list({})).statuses).sort();
  t.deepEqual(names, ['', 'koi.admin.v1.AdminService', 'koi.local.v1.LocalService']);
  const client = openClient(grpcDefinition(LocalService), channel);
  const local = await client.getLocal({});
  t.like(local, { program: 'koi-elector', name: 'a', processId: elector.child.pid });
  t.like(local.elector, { role: ElectorRole.LEADER, boundTo: 'a', leader: 'a', problem: '' });
  t.true((local.elector?.charterTerm ?? 0n) > 0n);
  t.truthy(local.configurationTime);
  await appendFile(file, '\nrecovery: { promotionHold: 5s }');
  t.like(await client.reload({}), { applied: ['recovery.promotionHold'], restart: [] });
  await appendFile(file, '\nrecovry: {}');
  const error = await t.throwsAsync(client.reload({}));
  t.is(koiReason(error)?.reason, 'CONFIGURATION_INVALID');
  t.regex(error?.message ?? '', /koi\.yaml:8:1: recovry/);
  elector.child.kill('SIGTERM');
  t.is(await elector.ended, 0);
});
