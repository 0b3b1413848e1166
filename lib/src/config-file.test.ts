// What a configuration file gives: defaults, presets, ranks.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ConfigError } from './config-error.ts';
import { loadConfig, parseConfig } from './config-file.ts';

const MINIMAL = `cluster: shop
electors:
  - { name: a, address: "127.0.0.1:42012" }
`;

const THREE = `cluster: shop
name: a
electors:
  - { name: a, address: "127.0.0.1:42011", priority: 1 }
  - { name: b, address: "127.0.0.1:42012", priority: 3 }
  - { name: c, address: "127.0.0.1:42013", priority: 1 }
`;

test('the shortest file gets every default', (t) => {
  t.deepEqual(parseConfig(MINIMAL, '/etc/koi/koi.yaml', 'a'), {
    file: '/etc/koi/koi.yaml',
    cluster: 'shop',
    name: 'a',
    electors: [{ name: 'a', address: '127.0.0.1:42012', priority: 0 }],
    preempt: false,
    elector: {
      listen: '127.0.0.1:42012',
      stateDirectory: '/var/lib/koi',
      socket: '/run/koi-elector/elector.sock',
    },
    runner: {
      mode: 'active',
      priority: 0,
      servicesDirectory: '/etc/koi/services',
      workingDirectory: '/etc/koi/services',
      stateDirectory: '/run/koi',
      socket: '/run/koi/runner.sock',
      fence: undefined,
    },
    times: {
      heartbeat: 200,
      leaderLease: 800,
      masterLease: 1_600,
      demoteGrace: 1_000,
      drift: 0.03,
    },
    statusInterval: 10_000,
    initialPromotion: 10_000,
    forgetAfter: 1_800_000,
    timeouts: {
      start: 360_000,
      stop: 360_000,
      status: 120_000,
      promote: 30_000,
      demote: 30_000,
      failed: 20_000,
    },
    recovery: {
      attempts: 120,
      delay: 10_000,
      factor: 1,
      reset: 1_800_000,
      promotionHold: 60_000,
    },
    tls: { kind: 'absent' },
  });
});

test('every key of the documented example is taken', (t) => {
  const config = parseConfig(
    `cluster: shop
name: c
electors:
  - { name: a, address: "10.0.0.1:42012", priority: 3 }
  - { name: b, address: "[fd00::2]:42012", priority: 2 }
preempt: true
elector: { listen: "10.0.0.3:1", stateDirectory: /s, socket: /e.sock }
runner: { mode: passive, priority: -4, servicesDirectory: /x, workingDirectory: /w,
          stateDirectory: /r, socket: /r.sock, fence: ./fence }
timing: { preset: default, heartbeat: 100ms, leaderLease: 0.9s, masterLease: 1800 ms, demoteGrace: 2s,
          drift: 2.5%, status: 1m, initialPromotion: 0s, forgetAfter: 1h }
services: { startTimeout: 1s, stopTimeout: 2s, statusTimeout: 3s, promoteTimeout: 4s, demoteTimeout: 5s,
            failedTimeout: 6s }
recovery: { attempts: 0, delay: 1s, factor: 1.5, reset: 2m, promotionHold: 3s }
tls: { ca: ca.pem, certificate: /c.pem, key: /k.pem }
`,
    '/etc/koi/koi.yaml',
    'unused',
  );
  t.is(config.name, 'c');
  t.true(config.preempt);
  t.deepEqual(config.elector, { listen: '10.0.0.3:1', stateDirectory: '/s', socket: '/e.sock' });
  t.is(config.runner.mode, 'passive');
  t.is(config.runner.priority, -4);
  t.is(config.runner.workingDirectory, '/w');
  t.is(config.runner.fence, '/etc/koi/fence', 'a relative path counts from the file');
  t.deepEqual(config.times, {
    heartbeat: 100,
    leaderLease: 900,
    masterLease: 1_800,
    demoteGrace: 2_000,
    drift: 0.025,
  });
  t.is(config.statusInterval, 60_000);
  t.is(config.initialPromotion, 0);
  t.is(config.forgetAfter, 3_600_000);
  t.is(config.timeouts.failed, 6_000);
  t.deepEqual(config.recovery, {
    attempts: 0,
    delay: 1_000,
    factor: 1.5,
    reset: 120_000,
    promotionHold: 3_000,
  });
  t.deepEqual(config.tls, {
    kind: 'files',
    ca: '/etc/koi/ca.pem',
    certificate: '/c.pem',
    key: '/k.pem',
  });
});

test('electors are sorted by rank: priority, then the greater name', (t) => {
  const { electors } = parseConfig(THREE, 'koi.yaml', 'x');
  t.deepEqual(
    electors.map(({ name }) => name),
    ['b', 'c', 'a'],
  );
});

test('a host that is not in the list listens nowhere and may still run runners', (t) => {
  const config = parseConfig(THREE.replace('name: a\n', 'name: r1\n'), 'koi.yaml', 'x', {
    role: 'runner',
  });
  t.is(config.elector.listen, undefined);
});

test('`timing: fast` names a preset, and single keys beside a preset win', (t) => {
  const fast = { heartbeat: 50, leaderLease: 250, masterLease: 500, demoteGrace: 250, drift: 0.03 };
  t.deepEqual(parseConfig(`${MINIMAL}timing: fast\n`, 'f', 'a').times, fast);
  const text = `${MINIMAL}timing: { preset: fast, heartbeat: 60ms }\n`;
  t.deepEqual(parseConfig(text, 'f', 'a').times, { ...fast, heartbeat: 60 });
});

test('a file that cannot be read is refused as such', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'koi-config-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'koi.yaml');
  t.throws(() => loadConfig(file), {
    instanceOf: ConfigError,
    message: `${file}: cannot be read: there is no such file`,
  });
  t.throws(() => loadConfig(folder), { message: `${folder}: cannot be read: it is a directory` });
  writeFileSync(file, MINIMAL);
  t.is(loadConfig(file).cluster, 'shop');
});
