// One deadman at a time, whoever is killed, stopped or started anew.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { DeadmanStage, until, untilDead } from './deadman-stage.fixture.ts';
import { findLiving } from './living-process.ts';

function open(t: ExecutionContext): DeadmanStage {
  const stage = new DeadmanStage();
  t.teardown(() => stage.close());
  return stage;
}

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  test.serial(`a deadman that gets ${signal} is replaced within a few heartbeats`, async (t) => {
    const stage = open(t);
    const host = await stage.host();
    await host.ask({ kind: 'watch', services: [stage.service('web')] });
    await host.ask({ kind: 'lease', epoch: 7, length: 800, every: 100 });
    const old = stage.deadman;
    const at = Date.now();
    process.kill(old.pid, signal);
    const fresh = await stage.successor(old);
    // The old one gone before a new one arms.
    t.is(findLiving(old), undefined);
    const took = Date.now() - at;
    t.log(`replaced after ${took} ms`);
    t.true(took < 1_000);
    t.not(findLiving(fresh), undefined);
    // And it is a deadman like the one before.
    host.signal('SIGKILL');
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
  });
}

test.serial('signals other than those two do not end it', async (t) => {
  const stage = open(t);
  const host = await stage.host();
  const { pid } = stage.deadman;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGPIPE', 'SIGTSTP'] as const) {
    process.kill(pid, signal);
  }
  await sleep(700);
  t.is(stage.deadman.pid, pid);
  t.not(findLiving(stage.deadman), undefined);
  t.deepEqual(host.log, []);
});

test.serial(
  'a deadman without a runner goes when a host goes down, as soon as nobody needs it',
  async (t) => {
    const stage = open(t);
    const host = await stage.host({ demoteGrace: 300 });
    await host.ask({ kind: 'watch', services: [stage.service('web')] });
    await host.ask({ kind: 'lease', epoch: 7, length: 600 });
    const { deadman } = stage;
    host.signal('SIGKILL');
    process.kill(deadman.pid, 'SIGTERM');
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
    await untilDead(deadman);
  },
);

test.serial(
  'a new runner ends the old deadman; within the lease nothing else happens',
  async (t) => {
    const stage = open(t);
    const host = await stage.host();
    await host.ask({ kind: 'watch', services: [stage.service('web')] });
    await host.ask({ kind: 'lease', epoch: 7, length: 3_000 });
    const old = stage.deadman;
    host.signal('SIGKILL');
    const next = await stage.host();
    t.is(findLiving(old), undefined);
    await next.ask({ kind: 'watch', services: [stage.service('web')] });
    await next.ask({ kind: 'lease', epoch: 7, length: 800, every: 100 });
    await sleep(1_200);
    t.deepEqual(stage.story, []);
    // Before it has said anything, what the earlier one kept holds.
    const armed = stage.deadman;
    await next.ask({ kind: 'lease', epoch: 7, length: 1_500 });
    next.signal('SIGKILL');
    await stage.host();
    t.not(stage.deadman.pid, armed.pid);
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
  },
);

test.serial(
  'a new runner waits for a deadman that acts, and takes over what it has done',
  async (t) => {
    const stage = open(t);
    const host = await stage.host();
    const demote = 'note begin; sleep 0.4; note end';
    await host.ask({ kind: 'watch', services: [stage.service('web', { demote })] });
    await host.ask({ kind: 'lease', epoch: 7, length: 200 });
    host.signal('SIGKILL');
    await until('the demote', () => stage.noteAt('web demote begin'));
    const old = stage.deadman;
    const next = await stage.host();
    t.not(stage.noteAt('web demote end'), undefined);
    t.is(findLiving(old), undefined);
    t.deepEqual(next.acted, [], 'nobody has asked yet');
    t.false((await next.ask({ kind: 'claim', epoch: 7 })).value);
    const { result } = await until('to be told', () => next.acted[0]);
    t.is(result.services[0]?.outcome, 'demoted');
    t.true(result.story.some((line) => line.includes('web: demoted')));
    await next.ask({ kind: 'watch', services: [] });
    await sleep(500);
    t.deepEqual(stage.story, ['web demote begin', 'web demote end']);
  },
);

test.serial('a new runner does not wait for ever for one that is stuck', async (t) => {
  const stage = open(t);
  const host = await stage.host({ demoteGrace: 400 });
  const demote = 'note begin; sleep 0.1; note end';
  await host.ask({ kind: 'watch', services: [stage.service('web', { demote })] });
  await host.ask({ kind: 'lease', epoch: 7, length: 200 });
  host.signal('SIGKILL');
  await until('the demote', () => stage.noteAt('web demote begin'));
  const old = stage.deadman;
  process.kill(old.pid, 'SIGSTOP');
  const next = await stage.host({ demoteGrace: 400 });
  t.is(findLiving(old), undefined);
  // Nobody has finished it: the new deadman or the new runner does.
  const { value } = await next.ask({ kind: 'claim', epoch: 7 });
  if (!value) await until('to be told', () => next.acted[0]);
});

test.serial('what is left of another life of the host is cleared away', async (t) => {
  const stage = open(t);
  const place = (name: string): string => join(stage.state, 'deadman', name);
  writeFileSync(place('boot'), 'another one');
  writeFileSync(place('lock.7'), 'deadman 1 1 7 100\n');
  writeFileSync(
    place('result'),
    'lock deadman 1 1 7 100\nepoch 7\nend 1\nbegan 1\ndone 1\nfenced no\n',
  );
  writeFileSync(place('lease'), '7 1 0\n');
  writeFileSync(place('watch'), '# 1 promoted\n');
  writeFileSync(place('pid'), `${process.pid} 1\n`);
  const host = await stage.host();
  t.false((await host.ask({ kind: 'result', epoch: 7 })).value);
  t.false(existsSync(place('lock.7')));
  t.false(existsSync(place('watch')));
  t.true((await host.ask({ kind: 'claim', epoch: 7 })).value);
});

test.serial('a result of an earlier epoch is none', async (t) => {
  const stage = open(t);
  const host = await stage.host({ demoteGrace: 300 });
  await host.ask({ kind: 'watch', services: [stage.service('web')] });
  await host.ask({ kind: 'lease', epoch: 7, length: 100 });
  host.signal('SIGKILL');
  await stage.outcomes();
  const next = await stage.host({ demoteGrace: 300 });
  t.true((await next.ask({ kind: 'result', epoch: 7 })).value);
  t.false((await next.ask({ kind: 'result', epoch: 8 })).value);
  t.true((await next.ask({ kind: 'claim', epoch: 8 })).value);
});

test.serial(
  'a runner that has come to its end takes the deadman with it; one that detaches does not',
  async (t) => {
    const stage = open(t);
    const host = await stage.host();
    const first = stage.deadman;
    await host.ask({ kind: 'end' });
    t.is(findLiving(first), undefined);

    const next = await stage.host();
    await next.ask({ kind: 'watch', services: [stage.service('web')] });
    await next.ask({ kind: 'lease', epoch: 7, length: 600 });
    const second = stage.deadman;
    await next.ask({ kind: 'detach' });
    next.signal('SIGTERM');
    await sleep(300);
    t.not(findLiving(second), undefined);
    t.deepEqual(stage.story, []);
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
  },
);

test.serial('a deadman that is not appointed does nothing', async (t) => {
  const stage = open(t);
  const host = await stage.host({ demoteGrace: 300 });
  await host.ask({ kind: 'watch', services: [stage.service('web')] });
  await host.ask({ kind: 'lease', epoch: 7, length: 300 });
  const { deadman } = stage;
  // As if another runner had begun just now, that does not know of it.
  host.signal('SIGKILL');
  writeFileSync(join(stage.state, 'deadman', 'runner'), '1 1 1\n');
  await untilDead(deadman);
  await sleep(500);
  t.deepEqual(stage.story, []);
});

test.serial('what the deadman keeps to itself is for nobody else to read', async (t) => {
  const stage = open(t);
  await stage.host();
  const tree = join(stage.state, 'deadman');
  t.is(statSync(tree).mode & 0o777, 0o700);
});
