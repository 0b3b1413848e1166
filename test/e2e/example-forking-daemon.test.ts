// The example of a daemon that forks into the background, as it stands, below a real koi-runner: it is that very
// process that is meant, by its number and its start time, whoever else has died or was born meanwhile.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { hostProcesses } from '../cluster/host-processes.ts';
import { TestCluster } from '../cluster/test-cluster.ts';

const example = fileURLToPath(new URL('../../examples/forking-daemon/30-scribe', import.meta.url));
const host = 'a';
const waitMax = 15_000;
const lookEvery = 20;

let cluster: TestCluster;
/** Some process that has nothing to do with koi. */
let innocent: ChildProcess;

test.before('start', async () => {
  innocent = spawn('sleep', ['600'], { stdio: 'ignore' });
  cluster = await TestCluster.start({
    hosts: [host],
    web: false,
    // So that a runner which is killed is back within its lease on a busy machine too.
    times: { masterLease: 6_000 },
    addServices: (_, services) => symlinkSync(example, join(services, '30-scribe')),
  });
});

test.after.always('remove', async () => {
  innocent.kill();
  if (cluster === undefined) return;
  await cluster.close();
  rmSync(home(), { recursive: true, force: true });
});

/** Where the example keeps what it has. */
function home(): string {
  return `/run/koi-${cluster.name}-${host}-scribe`;
}

/** The daemon as the example knows it: boot, process, start time. */
function who(): string {
  try {
    return readFileSync(join(home(), 'who'), 'utf8').trim();
  } catch {
    return '';
  }
}

function processId(): number {
  return Number(who().split(' ')[1]);
}

/** What the daemon says of itself; empty: nobody answers. */
function role(): string {
  return spawnSync(join(example, 'scribed'), [home(), 'role'], { encoding: 'utf8' }).stdout.trim();
}

function wordsOf(id: number): readonly string[] {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
  } catch {
    // It has ended just now.
    return [];
  }
}

/** The daemons of this cluster: there is to be one. */
function scribes(): readonly number[] {
  return hostProcesses(cluster.name, host).filter((id) => {
    // Those that only pass an order on have it as one more word.
    const words = wordsOf(id);
    return words.includes('./scribed') && words.length === 4;
  });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + waitMax;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}\n${cluster.tell()}`);
    await sleep(lookEvery);
  }
}

/** Waits until it writes, in the epoch that the leader counts. */
async function untilMaster(): Promise<string> {
  const { epoch } = await cluster.untilSettled(host);
  await until(`the daemon is master in epoch ${epoch}`, () => role() === `master ${epoch}`);
  return who();
}

test.serial('it runs in the background, and writes as master', async (t) => {
  await untilMaster();
  t.deepEqual(scribes(), [processId()]);
  const { epoch } = await cluster.untilSettled(host);
  await until('it has written', () => readFileSync(join(home(), 'journal'), 'utf8') !== '');
  const [line = ''] = readFileSync(join(home(), 'journal'), 'utf8').split('\n');
  t.is(line, `epoch ${epoch} line 1 by ${processId()}`);
});

test.serial('koi-runner is killed and comes back: it is the same process', async (t) => {
  const before = await untilMaster();
  const since = cluster.host(host).signal('runner', 'SIGKILL');
  cluster.host(host).startDaemon('runner');
  // The first one the old koi-runner may still have ordered.
  await cluster.untilLog('the new koi-runner has asked for two statuses', (lines) => {
    return lines.filter((line) => line.kind === 'begin' && line.at > since).length > 2;
  });
  t.is(await untilMaster(), before);
  t.deepEqual(scribes(), [processId()]);
});

test.serial('demoted it writes no more, promoted again it goes on in a new epoch', async (t) => {
  await untilMaster();
  await cluster.admin.of(host).demoteMaster({});
  await until('it is a backup', () => role() === 'backup');
  const journal = readFileSync(join(home(), 'journal'), 'utf8');
  await sleep(300);
  t.is(readFileSync(join(home(), 'journal'), 'utf8'), journal);
  await cluster.admin.of(host).electMaster({});
  await untilMaster();
  const { epoch } = await cluster.untilSettled(host);
  await until('it writes again', () => readFileSync(join(home(), 'journal'), 'utf8') !== journal);
  const added = readFileSync(join(home(), 'journal'), 'utf8').slice(journal.length);
  t.true(added.startsWith(`epoch ${epoch} `), added);
});

test.serial('it is killed: its status says so, and it is started and promoted again', async (t) => {
  const before = await untilMaster();
  process.kill(processId(), 'SIGKILL');
  await until('there is another one', () => who() !== before && role().startsWith('master'));
  t.deepEqual(scribes(), [processId()]);
});

test.serial('it hangs: it has failed, is ended and replaced', async (t) => {
  const before = await untilMaster();
  const hanging = processId();
  process.kill(hanging, 'SIGSTOP');
  await until('there is another one', () => who() !== before && role() !== '');
  t.false(scribes().includes(hanging));
  await untilMaster();
});

test.serial('stopped it leaves no process, and no file but its journal', async (t) => {
  await untilMaster();
  t.is(await cluster.host(host).stop('runner'), 0);
  t.deepEqual(scribes(), []);
  t.deepEqual(readdirSync(home()), ['journal']);
});

/** What a process that is alive would be known by, had it been there at other times. */
function remembered(change: { readonly boot?: string; readonly start?: string }): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const stat = readFileSync(`/proc/${innocent.pid}/stat`, 'utf8');
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${change.boot ?? boot} ${innocent.pid} ${change.start ?? start}\n`;
}

for (const [what, change] of [
  ['of an earlier boot', { boot: '00000000-0000-4000-8000-000000000000' }],
  ['whose number is another process by now', { start: '1' }],
] as const) {
  test.serial(`a pid file ${what} is not believed`, async (t) => {
    writeFileSync(join(home(), 'who'), remembered(change));
    writeFileSync(join(home(), 'pid'), `${innocent.pid}\n`);
    cluster.host(host).startDaemon('runner');
    await untilMaster();
    t.not(processId(), innocent.pid);
    t.is(await cluster.host(host).stop('runner'), 0);
    t.deepEqual([innocent.exitCode, innocent.signalCode], [null, null]);
    t.deepEqual(scribes(), []);
  });
}
