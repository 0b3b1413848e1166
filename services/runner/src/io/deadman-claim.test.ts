// Who takes down what is promoted: exactly one of the two, and each in the other's place where that one is
// dead or stuck over it.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createUptime } from '@koi/lib/uptime';
import test, { type ExecutionContext } from 'ava';
import { DeadmanStage, until, untilDead } from './deadman-stage.fixture.ts';
import { findLiving, readProcess } from './living-process.ts';

function open(t: ExecutionContext): DeadmanStage {
  const stage = new DeadmanStage();
  t.teardown(() => stage.close());
  return stage;
}

function phaseOf(pid: number): string {
  return readProcess(pid)?.phase ?? '';
}

function locksOf(stage: DeadmanStage): readonly string[] {
  const directory = join(stage.state, 'deadman');
  return readdirSync(directory)
    .filter((name) => name.startsWith('lock.'))
    .map((name) => readFileSync(join(directory, name), 'utf8').split(' ')[0] ?? '');
}

test.serial('a runner that claims first and says that it is at it is left alone', async (t) => {
  const stage = open(t);
  const host = await stage.host({ demoteGrace: 1_500 });
  await host.ask({ kind: 'watch', services: [stage.service('web')] });
  await host.ask({ kind: 'lease', epoch: 7, length: 200 });
  // Before the lease is over: on a busy machine the deadman might be first.
  t.true((await host.ask({ kind: 'claim', epoch: 7 })).value);
  t.true((await host.ask({ kind: 'claim', epoch: 7 })).value, 'again');
  // Far beyond all deadlines: what hangs is the runner's to kill.
  await sleep(2_500);
  t.deepEqual(stage.story, []);
  t.deepEqual(host.acted, []);
  t.deepEqual(locksOf(stage), ['runner']);
  await host.ask({ kind: 'watch', services: [] });
  t.deepEqual(locksOf(stage), []);
});

test.serial(
  'a runner that finds something promoted without a lease takes it down itself',
  async (t) => {
    const stage = open(t);
    const host = await stage.host({ demoteGrace: 1_500 });
    t.true((await host.ask({ kind: 'watch', services: [stage.service('web')] })).value);
    t.deepEqual(locksOf(stage), ['runner']);
    await sleep(2_000);
    t.deepEqual(stage.story, []);
    // Unless it cannot.
    host.signal('SIGKILL');
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
  },
);

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  test.serial(`a runner that has claimed and gets ${signal}: the deadman takes over`, async (t) => {
    const stage = open(t);
    const host = await stage.host();
    await host.ask({ kind: 'watch', services: [stage.service('web')] });
    const { leaseEnd = 0 } = await host.ask({ kind: 'lease', epoch: 7, length: 300 });
    t.true((await host.ask({ kind: 'claim', epoch: 7 })).value);
    await sleep(leaseEnd - Date.now());
    const demote = await stage.run('web', 'demote', 'note begin; sleep 0.5; note end');
    host.signal(signal);
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
    const ended = stage.noteAt('web demote end') ?? 0;
    t.true(ended < leaseEnd + 1_000, `${ended - leaseEnd}`);
    // The script that was under way did it.
    t.deepEqual(stage.story, ['web demote begin', 'web demote end']);
    t.true(existsSync(demote.directory));
    // It must not wake up in the middle of it.
    await until('the end of the runner', () => (host.dead ? true : undefined));
  });
}

test.serial(
  'a runner that stops late in its own demotion is noticed in time to kill',
  async (t) => {
    const stage = open(t);
    const host = await stage.host({ demoteGrace: 3_000 });
    const groups = { kind: 'groups', file: join(stage.state, 'groups', 'web') } as const;
    const daemon = await stage.daemon(groups);
    await host.ask({ kind: 'watch', services: [stage.service('web', { tree: groups })] });
    const { leaseEnd = 0 } = await host.ask({ kind: 'lease', epoch: 7, length: 300 });
    t.true((await host.ask({ kind: 'claim', epoch: 7 })).value);
    await stage.run('web', 'demote', "trap '' TERM; sleep 30");
    await sleep(leaseEnd + 2_040 - Date.now());
    host.signal('SIGSTOP');
    await untilDead(daemon);
    const gone = Date.now() - leaseEnd;
    t.log(`gone ${gone} ms after the lease end`);
    t.true(gone < 3_050, `${gone}`);
    t.deepEqual(await stage.outcomes(), { web: 'killed-and-stopped' });
  },
);

test.serial(
  'a claim while the deadman acts is refused, and answered when it is done',
  async (t) => {
    const stage = open(t);
    const host = await stage.host();
    const demote = 'note begin; sleep 0.4; note end';
    await host.ask({ kind: 'watch', services: [stage.service('web', { demote })] });
    await host.ask({ kind: 'lease', epoch: 7, length: 200 });
    host.signal('SIGSTOP');
    await until('the demote', () => stage.noteAt('web demote begin'));
    host.signal('SIGCONT');
    t.false((await host.ask({ kind: 'claim', epoch: 7 })).value);
    t.false((await host.ask({ kind: 'watch', services: [stage.service('web')] })).value);
    // A renewal that comes now is too late, and says so.
    t.false((await host.ask({ kind: 'lease', epoch: 7, length: 5_000 })).value);
    t.deepEqual(host.acted, []);
    const { result, at } = await until('to be told', () => host.acted[0]);
    t.is(result.services[0]?.outcome, 'demoted');
    t.true(at >= (stage.noteAt('web demote end') ?? 0));
    t.true((await host.ask({ kind: 'claim', epoch: 7 })).value);
    t.deepEqual(stage.story, ['web demote begin', 'web demote end']);
    await host.ask({ kind: 'watch', services: [] });
    t.deepEqual(locksOf(stage), []);
  },
);

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  test.serial(
    `a deadman that acts and gets ${signal}: the runner takes over, and nothing runs beside it`,
    async (t) => {
      const stage = open(t);
      const host = await stage.host({ heartbeat: 50 });
      const demote = 'note begin; sleep 0.6; note end';
      await host.ask({ kind: 'watch', services: [stage.service('web', { demote })] });
      await host.ask({ kind: 'lease', epoch: 7, length: 200 });
      host.signal('SIGSTOP');
      await until('the demote', () => stage.noteAt('web demote begin'));
      const old = stage.deadman;
      process.kill(old.pid, signal);
      await until('the signal to arrive', () =>
        /[TZ]|^$/.test(phaseOf(old.pid)) ? true : undefined,
      );
      host.signal('SIGCONT');
      if (signal === 'SIGSTOP') {
        t.true((await host.ask({ kind: 'claim', epoch: 7 })).value);
      } else {
        // The end of a child is told sooner or later than this is asked.
        const { value } = await host.ask({ kind: 'claim', epoch: 7 });
        if (!value) await until('to be told', () => host.acted[0]);
      }
      t.is(findLiving(old), undefined);
      await stage.successor(old);
      await sleep(700);
      t.deepEqual(stage.story, ['web demote begin'], 'the script was ended with the deadman');
      t.deepEqual(locksOf(stage), ['runner']);
    },
  );
}

test.serial(
  'a runner that takes the lock after a long silence has its time from then',
  async (t) => {
    const stage = open(t);
    const host = await stage.host();
    await host.ask({ kind: 'watch', services: [stage.service('web')] });
    await host.ask({ kind: 'lease', epoch: 7, length: 200 });
    host.signal('SIGSTOP');
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
    // It is silent for longer than one that demotes may be, and everything is late already.
    await sleep(1_200);
    const lock = join(stage.state, 'deadman', 'lock.7');
    const { pid, start } = readProcess(host.pid) ?? { pid: 0, start: '' };
    const taken = createUptime()();
    // As it would in waking up; that it says so is not read yet when the deadman looks.
    writeFileSync(`${lock}.new`, `runner ${pid} ${start} 7 ${Math.floor(taken)}\n`);
    renameSync(`${lock}.new`, lock);
    await until('the end of the runner', () => (host.dead ? true : undefined));
    const left = createUptime()() - taken;
    t.true(left >= 290, `${left}`);
  },
);

test.serial('a claim by force ends a deadman that acts', async (t) => {
  const stage = open(t);
  const host = await stage.host({ heartbeat: 50 });
  const demote = 'note begin; sleep 0.6; note end';
  await host.ask({ kind: 'watch', services: [stage.service('web', { demote })] });
  await host.ask({ kind: 'lease', epoch: 7, length: 200 });
  host.signal('SIGSTOP');
  await until('the demote', () => stage.noteAt('web demote begin'));
  host.signal('SIGCONT');
  t.true((await host.ask({ kind: 'claim', epoch: 7, force: true })).value);
  await sleep(700);
  t.deepEqual(stage.story, ['web demote begin']);
});

test.serial('a deadman that lets go again leaves it to the runner', async (t) => {
  const stage = open(t);
  const host = await stage.host();
  await host.ask({ kind: 'lease', epoch: 7, length: 5_000 });
  const { pid, start } = stage.deadman;
  const lock = join(stage.state, 'deadman', 'lock.7');
  writeFileSync(lock, `deadman ${pid} ${start} 7 1\n`);
  t.false((await host.ask({ kind: 'lease', epoch: 7, length: 5_000 })).value);
  rmSync(lock);
  const { result } = await until('to be told', () => host.acted[0]);
  t.deepEqual(result.services, []);
  t.deepEqual(locksOf(stage), ['runner']);
  await sleep(300);
  t.is(host.acted.length, 1);
});

test.serial(
  'a lock without a name in it is one of a deadman that is about to write it',
  async (t) => {
    const stage = open(t);
    const host = await stage.host({ heartbeat: 50 });
    await host.ask({ kind: 'lease', epoch: 7, length: 5_000 });
    writeFileSync(join(stage.state, 'deadman', 'lock.7'), '');
    t.false((await host.ask({ kind: 'claim', epoch: 7 })).value);
    // It does not come to it: it is taken for stuck, killed and replaced.
    const old = stage.deadman;
    const { result } = await until('to be told', () => host.acted[0]);
    t.deepEqual(result.services, []);
    t.is(findLiving(old), undefined);
    await stage.successor(old);
  },
);
