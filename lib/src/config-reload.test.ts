// A reload: what is in force at once, what waits for a restart, and that a wrong file changes nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './config-file.ts';
import { CONFIG_KEYS, type Daemon } from './config-keys.ts';
import { ConfigReload } from './config-reload.ts';

const ELECTORS = 'electors: [{ name: a, address: "127.0.0.1:42012", priority: 1 }]';

function stage(t: ExecutionContext, daemon: Daemon, ...lines: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'koi-reload-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'koi.yaml');
  const write = (...content: readonly string[]) =>
    writeFileSync(file, ['cluster: shop', 'name: a', ...content].join('\n'));
  write(ELECTORS, ...lines);
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  // pino's log takes fields as well; a reload only gives it sentences.
  const log = { info: say, warn: say, error: say } as unknown as ConstructorParameters<
    typeof ConfigReload
  >[0]['log'];
  let wall = 1_000;
  const clock = { wall: () => wall++ };
  const reload = new ConfigReload({ config: loadConfig(file), daemon, clock, log });
  const applied: Config[] = [];
  reload.onChange((config) => applied.push(config));
  return { file, write, said, reload, applied };
}

test('what may change is applied, what needs a restart is named, each time anew', async (t) => {
  const { write, reload, applied, said } = stage(t, 'runner');
  t.deepEqual(await reload.reload('SIGHUP'), { applied: [], restart: [] });
  t.regex(said.at(-1) ?? '', /^SIGHUP: read .*koi\.yaml again: nothing has changed$/);
  t.is(applied.length, 0);
  const change = ['services: { startTimeout: 1m }', 'runner: { mode: passive, socket: x.sock }'];
  write(ELECTORS, ...change, 'timing: { heartbeat: 100ms, status: 3s }');
  t.deepEqual(await reload.reload('SIGHUP'), {
    applied: ['runner.mode', 'timing.status', 'services.startTimeout'],
    restart: ['runner.socket', 'timing.heartbeat'],
  });
  t.is(applied[0]?.timeouts.start, 60_000);
  t.regex(said.at(-1) ?? '', /in force now: runner\.mode, .*after a restart: runner\.socket/);
  // What is in force has not changed again; what needs a restart still does.
  t.deepEqual(await reload.reload('SIGHUP'), {
    applied: [],
    restart: ['runner.socket', 'timing.heartbeat'],
  });
  t.is(applied.length, 1);
});

test('an elector heeds its own keys alone', async (t) => {
  const { write, reload } = stage(t, 'elector');
  write(
    'electors: [{ name: a, address: "127.0.0.1:42013", priority: 1 }]',
    'services: { startTimeout: 1m }',
    'recovery: { delay: 1s, promotionHold: 5s }',
  );
  t.deepEqual(await reload.reload('SIGHUP'), {
    applied: ['recovery.promotionHold'],
    restart: ['electors', 'elector.listen'],
  });
});

test('a wrong file is refused with all its problems, and what was in force stays', async (t) => {
  const { write, reload, applied, said, file } = stage(t, 'runner');
  const before = reload.readAt;
  write(ELECTORS, 'timing: { status: soon }', 'recovry: {}');
  const error = await t.throwsAsync(reload.reload('SIGHUP'), { instanceOf: ConfigError });
  t.regex(error?.message ?? '', /koi\.yaml:4:\d+: timing\.status.*\n.*koi\.yaml:5:1: recovry/);
  t.true(said.at(-1)?.includes('what was in force stays'));
  t.is(applied.length, 0);
  t.is(reload.readAt, before);
  rmSync(file);
  await t.throwsAsync(reload.reload('SIGHUP'), { message: /there is no such file/ });
  write(ELECTORS, 'timing: { status: 3s }');
  t.deepEqual((await reload.reload('SIGHUP')).applied, ['timing.status']);
  t.true(reload.readAt > before);
});

test('two at once are one after the other', async (t) => {
  const { write, reload, applied } = stage(t, 'runner');
  write(ELECTORS, 'timing: { status: 3s }');
  const [first, second] = await Promise.all([reload.reload('one'), reload.reload('two')]);
  t.deepEqual([first.applied, second.applied], [['timing.status'], []]);
  t.is(applied.length, 1);
});

test('every value of a configuration belongs to a key', (t) => {
  const { file } = stage(t, 'runner');
  const config = loadConfig(file);
  const known = new Set(CONFIG_KEYS.map(({ key }) => key));
  t.is(known.size, CONFIG_KEYS.length);
  for (const path of pathsOf(config)) {
    if (path === 'file') continue;
    const changed: unknown = structuredClone(config);
    change(changed, path.split('.'));
    const touched = CONFIG_KEYS.filter(
      // A copy of a checked configuration with one value that differs.
      ({ value }) => JSON.stringify(value(changed as Config)) !== JSON.stringify(value(config)),
    );
    t.is(touched.length, 1, path);
  }
});

function pathsOf(value: unknown, at = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [at];
  return Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner, at === '' ? key : `${at}.${key}`),
  );
}

function change(value: unknown, [key = '', ...rest]: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return;
  const record: Record<string, unknown> = value as Record<string, unknown>;
  if (rest.length === 0) record[key] = 'changed';
  else change(record[key], rest);
}
