// The daemon as a process: what it says of its signals, and its first words about an earlier process.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Bound of every wait for a process, in milliseconds. */
const PROCESS_MAX = 60_000;

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
  t.teardown(() => child.kill('SIGKILL'));
  // Not `close`: koi-deadman, which outlives a killed one, has the same standard error.
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal);
    });
  });
  const saying = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (said.err.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      child.once('exit', () => resolve());
      look();
    });
  return { child, said, ended, saying };
}

/** The sentences of a log, in order. */
function sentences(log: string): readonly string[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => String(JSON.parse(line).msg));
}

/** A host's folder, without services and without an elector that would answer. */
async function hostOf(t: ExecutionContext): Promise<{ folder: string; file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'koi-runner-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'services'));
  const file = join(folder, 'koi.yaml');
  await writeFile(
    file,
    `cluster: test
name: a
electors: [{ name: a, address: "127.0.0.1:1" }]
runner: { servicesDirectory: services, stateDirectory: state, socket: runner.sock }
`,
  );
  return { folder, file };
}

async function end(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<unknown>) {
  child.kill(signal);
  return await ended;
}

test('--help says what signals do, SIGUSR2 among them', async (t) => {
  const { said, ended } = run(t, '--help');
  t.is(await ended, 0);
  t.regex(said.out, /\n {2}SIGTERM, SIGINT {2}demotes and stops/);
  t.regex(said.out, /\n {2}SIGUSR2 {10}detaches: exits 0 and leaves everything running/);
  t.regex(said.out, /\n {2}SIGHUP {11}reads the configuration again/);
});

test('SIGTERM and SIGUSR2 that come while it starts end it as cleanly as later ones', async (t) => {
  const { file } = await hostOf(t);
  for (const signal of ['SIGTERM', 'SIGUSR2'] as const) {
    const runner = run(t, '--config', file);
    // The first thing it says, long before it listens.
    await runner.saying(signal === 'SIGTERM' ? 'no record of an earlier' : 'goes on where');
    t.is(await end(runner.child, signal, runner.ended), 0);
  }
});

test('its first words are where it goes on from, or that there is nothing to go on from', async (t) => {
  const { folder, file } = await hostOf(t);
  const first = run(t, '--config', file);
  await first.saying('reports to 1 electors');
  await end(first.child, 'SIGKILL', first.ended);
  t.is(
    sentences(first.said.err)[0],
    `there is no record of an earlier process in ${folder}/state: adopts nothing, status decides what runs here`,
  );
  const second = run(t, '--config', file);
  await second.saying('reports to 1 electors');
  t.is(await end(second.child, 'SIGUSR2', second.ended), 0);
  t.is(
    sentences(second.said.err)[0],
    'goes on where an earlier process ended: no services; it never held a lease',
  );
  await writeFile(join(folder, 'state', 'record.json'), '{');
  const third = run(t, '--config', file);
  await third.saying('reports to 1 electors');
  t.is(await end(third.child, 'SIGTERM', third.ended), 0);
  t.true(sentences(third.said.err)[0]?.startsWith(`${folder}/state/record.json is damaged: `));
});
