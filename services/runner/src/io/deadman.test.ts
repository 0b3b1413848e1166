// The deadman with real processes: what it does where the runner is dead, stopped or stuck, and that it
// does nothing where the runner is not.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { DeadmanStage, until } from './deadman-stage.fixture.ts';

/** How late anything may be on a host that runs other tests at the same time. */
const SLACK = 150;

function open(t: ExecutionContext): DeadmanStage {
  const stage = new DeadmanStage();
  t.teardown(() => stage.close());
  return stage;
}

test.serial('a killed runner: everything goes down by itself, in order', async (t) => {
  const stage = open(t);
  const host = await stage.host();
  const demote = 'note begin; sleep 0.1; note end';
  const services = [
    stage.service('low', { priority: 1, demote }),
    stage.service('high', { priority: 9, demote }),
    stage.service('free', { demote }),
  ];
  await host.ask({ kind: 'watch', services });
  const { leaseEnd = 0 } = await host.ask({ kind: 'lease', epoch: 7, length: 500 });
  host.signal('SIGKILL');
  t.deepEqual(await stage.outcomes(), { free: 'demoted', high: 'demoted', low: 'demoted' });
  t.deepEqual(
    stage.story.filter((line) => !line.startsWith('free')),
    ['high demote begin', 'high demote end', 'low demote begin', 'low demote end'],
  );
  const late = (stage.noteAt('high demote begin') ?? 0) - leaseEnd;
  t.log(`the first demote began ${Math.round(late)} ms after the lease end`);
  t.true(late >= 0 && late < 100 + SLACK, `${late}`);
  t.true((stage.noteAt('free demote begin') ?? 0) < (stage.noteAt('high demote end') ?? 0));
});

for (const how of ['stopped', 'stuck'] as const) {
  test.serial(`a ${how} runner: the same, and it finds the lock and the result`, async (t) => {
    const stage = open(t);
    const host = await stage.host({ heartbeat: 50 });
    await host.ask({ kind: 'watch', services: [stage.service('web'), stage.service('db')] });
    const { leaseEnd = 0 } = await host.ask({ kind: 'lease', epoch: 7, length: 300 });
    if (how === 'stopped') host.signal('SIGSTOP');
    const hung = how === 'stuck' ? host.ask({ kind: 'hang', length: 1_200 }) : undefined;
    await until('a result', () => stage.result);
    const late = (stage.noteAt('web demote begin') ?? 0) - leaseEnd;
    t.log(`the first demote began ${Math.round(late)} ms after the lease end`);
    t.true(late >= 0 && late < 100 + SLACK, `${late}`);
    const claimed = host.ask({ kind: 'claim', epoch: 7 });
    host.signal('SIGCONT');
    await hung;
    // Told before or afterwards, but told.
    t.is((await claimed).value, host.acted.length === 1);
    const { result } = await until('to be told', () => host.acted[0]);
    t.is(result.epoch, 7);
    t.deepEqual(result.services.map(({ name, outcome }) => `${name} ${outcome}`).toSorted(), [
      'db demoted',
      'web demoted',
    ]);
    // From here on it is the runner's.
    t.true((await host.ask({ kind: 'claim', epoch: 7 })).value);
    await sleep(300);
    t.is(host.acted.length, 1);
    t.is(stage.notes.filter(({ what }) => what === 'begin').length, 2);
    // And the next epoch begins as if nothing had been.
    await host.ask({ kind: 'watch', services: [] });
    t.true((await host.ask({ kind: 'lease', epoch: 8, length: 200, every: 50 })).value);
    t.true((await host.ask({ kind: 'watch', services: [stage.service('web')] })).value);
    await sleep(400);
    t.is(stage.notes.filter(({ what }) => what === 'begin').length, 2);
    host.signal('SIGKILL');
    await until('another demote', () => stage.notes.filter(({ what }) => what === 'begin')[2]);
  });
}

test.serial(
  'nothing happens while the lease is renewed, in maintenance, and where nothing is promoted',
  async (t) => {
    const stage = open(t);
    const host = await stage.host({ demoteGrace: 250, heartbeat: 50 });
    const services = [stage.service('web')];
    await host.ask({ kind: 'watch', services });
    await host.ask({ kind: 'lease', epoch: 7, length: 300, every: 50 });
    await sleep(1_000);
    await host.ask({ kind: 'lease', epoch: 7, length: 100, maintenance: true });
    await sleep(500);
    await host.ask({ kind: 'watch', services: [] });
    await host.ask({ kind: 'lease', epoch: 7, length: 100 });
    await sleep(500);
    t.deepEqual(stage.story, []);
    t.deepEqual(host.acted, []);
    // And again something, in maintenance, that ends with the lease over and the runner dead.
    await host.ask({ kind: 'lease', epoch: 7, length: 100, maintenance: true });
    await host.ask({ kind: 'watch', services });
    await sleep(300);
    t.deepEqual(stage.story, []);
    await host.ask({ kind: 'lease', epoch: 7, length: 0 });
    host.signal('SIGKILL');
    t.deepEqual(await stage.outcomes(), { web: 'demoted' });
  },
);

test.serial('names and values may hold anything', async (t) => {
  const stage = open(t);
  const host = await stage.host();
  const names = [
    "it's",
    'two words',
    '$HOME `id` $(id)',
    'a"b\\c',
    'line\nbreak',
    'ünï=*?[x]',
    '-n',
    ';&|<>',
  ];
  const services = names.map((name) => {
    const service = stage.service(name, { demote: 'note begin; note "$ODD"' });
    const environment = {
      ...service.demote.environment,
      ODD: `x${encodeURIComponent(name)}`,
      RAW: name,
    };
    return { ...service, demote: { ...service.demote, environment } };
  });
  await host.ask({ kind: 'watch', services });
  await host.ask({ kind: 'lease', epoch: 7, length: 200 });
  host.signal('SIGKILL');
  t.deepEqual(await stage.outcomes(), Object.fromEntries(names.map((name) => [name, 'demoted'])));
  for (const name of names) {
    t.true(
      stage.notes.some(({ what }) => what === `x${encodeURIComponent(name)}`),
      name,
    );
  }
});

test.serial('a script finds its own environment and nothing else', async (t) => {
  const stage = open(t);
  const host = await stage.host();
  const service = stage.service('web', {
    demote: 'note "$(env | tr "\\n" ",")"; note "$PWD"',
  });
  const file = `${service.demote.directory}/demote`;
  await host.ask({ kind: 'watch', services: [service] });
  await host.ask({ kind: 'lease', epoch: 7, length: 200 });
  host.signal('SIGKILL');
  await stage.outcomes();
  const [environment, directory] = stage.notes.map(({ what }) => what);
  const names = (environment ?? '').split(',').map((word) => word.split('=')[0]);
  t.deepEqual(
    names.filter((name) => name !== '').toSorted(),
    ['_', ...Object.keys(service.demote.environment), 'PWD', 'SHLVL'].toSorted(),
  );
  t.is(directory, service.demote.directory, file);
});

test.serial(
  'missing scripts have succeeded; a missing directory, or one that cannot be run, has failed',
  async (t) => {
    const stage = open(t);
    const host = await stage.host();
    const one = stage.service('one');
    const two = stage.service('two');
    const three = stage.service('three');
    rmSync(one.demote.file);
    rmSync(two.demote.directory, { recursive: true });
    chmodSync(three.demote.file, 0o644);
    await host.ask({ kind: 'watch', services: [one, two, three] });
    await host.ask({ kind: 'lease', epoch: 7, length: 200 });
    host.signal('SIGKILL');
    t.deepEqual(await stage.outcomes(), {
      one: 'demoted',
      two: 'killed',
      three: 'killed-and-stopped',
    });
  },
);

test.serial('output that nobody reads any more keeps nobody waiting', async (t) => {
  const stage = open(t);
  const host = await stage.host();
  const flood = 'head -c 20000000 /dev/zero; note done';
  const output = stage.fifo('web.demote');
  const services = [stage.service('web', { output, demote: flood })];
  // A daemon that a promote has left behind writes to another one.
  const other = stage.fifo('web.promote');
  const writer = spawn(
    'bash',
    [
      '-c',
      `exec 1<>"$0"; for i in {1..200}; do head -c 10000 /dev/zero; sleep 0.005; done; echo over >>"$0.over"`,
      other,
    ],
    { stdio: 'ignore' },
  );
  t.teardown(() => writer.kill('SIGKILL'));
  await host.ask({ kind: 'watch', services });
  await host.ask({ kind: 'lease', epoch: 7, length: 400 });
  host.signal('SIGKILL');
  t.deepEqual(await stage.outcomes(), { web: 'demoted' });
  t.not(stage.noteAt('web demote done'), undefined);
  await until('the end of the daemon', () => existsSync(`${other}.over`) || undefined);
});
