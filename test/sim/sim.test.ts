// The simulator itself: a fixed set of seeds and every seed that ever failed keep all promises, one seed is one
// run to the last byte, and the checkers can fail: production code with a rule taken out is caught.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { isPromise, PROMISES, promiseOf } from './checkers/promises.ts';
import { replayCommand } from './replay.ts';
import { readSeedList } from './seed-list.ts';
import { type Result, simulate } from './simulate.ts';

/** The seeds that every test run goes through; `npm run sim` takes others. */
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

/** Share of the effective strikes that go for the present leader or master. */
const AIMED_LEAST = 0.42;

const root = fileURLToPath(new URL('../..', import.meta.url));

test('no promise is broken in a fixed set of storms', (t) => {
  const results = SEEDS.map((seed) => simulate(seed, { traced: false }));
  for (const { seed, violation } of results) t.is(violation, undefined, replayCommand(seed));
  const sum = (count: (result: Result) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  t.true(
    sum(({ failovers }) => failovers) >= SEEDS.length,
    'storms that move no master prove little',
  );
  t.true(sum(({ loneFailovers }) => loneFailovers.length) > 0, 'nothing measures a lone failover');
  const aimed = sum((result) => result.aimed) / sum(({ effective }) => effective);
  t.true(aimed >= AIMED_LEAST, `${aimed} of the effective strikes are aimed`);
});

test('no seed that ever failed breaks a promise', async (t) => {
  const file = new URL('./seeds.txt', import.meta.url);
  for (const { seed, what } of readSeedList(await readFile(file, 'utf8'), 'seeds.txt')) {
    const { violation } = simulate(seed, { traced: false });
    t.is(violation, undefined, `${replayCommand(seed)}, once: ${what}`);
  }
});

test('a broken promise is known from a breakdown of the code', (t) => {
  t.is(promiseOf('durable before sent: e-a grants term 1 to e-b'), 'durable before sent');
  t.false(isPromise('no fault in a core: e-a: AssertionError'));
  t.is(new Set(PROMISES).size, PROMISES.length);
});

test('the same seed gives the same run, byte for byte', (t) => {
  for (const seed of [3, 11, 29]) {
    const [one, other] = [simulate(seed, { traced: true }), simulate(seed, { traced: true })];
    t.deepEqual(one.trace, other.trace);
    t.true(one.trace.length > 20);
  }
});

/** Runs a copy of the production code in which one text is replaced by another one. */
async function simulateMutant(file: string, text: string, instead: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'koi-mutant-'));
  try {
    for (const folder of ['services', 'test']) {
      const filter = (source: string) => !/node_modules|\/dist(\/|$)/.test(source);
      await cp(join(root, folder), join(copy, folder), { recursive: true, filter });
    }
    await cp(join(root, 'package.json'), join(copy, 'package.json'));
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    const path = join(copy, file);
    const source = await readFile(path, 'utf8');
    if (!source.includes(text)) throw new Error(`${file} no longer says: ${text}`);
    await writeFile(path, source.replace(text, instead));
    const main = join(copy, 'test/sim/main.ts');
    const options = ['--seeds', '150', '--failures', '1', '--workers', '1'];
    const run = promisify(execFile)(process.execPath, [main, ...options], { timeout: 90_000 });
    return await run.then(
      ({ stdout }) => stdout,
      (error: { stdout?: string }) => error.stdout ?? '',
    );
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

// Coarse ones, that every few seeds catch; `npm run sim:mutants` has the fine ones.
test('a binding that is too short is caught', async (t) => {
  const said = await simulateMutant(
    'services/elector/src/core/lease.ts',
    'this.length = times.leaderLease * (1 + times.drift);',
    'this.length = times.leaderLease / 2;',
  );
  t.regex(said, /at most one valid leader lease/);
});

test('a holder that is counted out before it is down is caught', async (t) => {
  const said = await simulateMutant(
    'services/elector/src/core/tenure.ts',
    'receivedAt + (duration + demoteGrace) * (1 + drift)',
    'receivedAt',
  );
  t.regex(said, /at most one promoted runner/);
});

test('a grant that leaves before it is durable is caught', async (t) => {
  const said = await simulateMutant(
    'services/elector/src/core/voter.ts',
    ', this.grantWrite, now, (then) => {',
    ', 0, now, (then) => {',
  );
  t.regex(said, /durable before sent/);
});
