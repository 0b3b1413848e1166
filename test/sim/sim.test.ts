// The simulator itself: a fixed set of seeds keeps every promise, one seed is one run to the last byte,
// and the checkers can fail: production code with a rule taken out is caught.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { simulate } from './simulate.ts';

/** The seeds that every test run goes through; `npm run sim` takes others. */
const SEEDS = Array.from({ length: 45 }, (_, index) => index + 1);

const root = fileURLToPath(new URL('../..', import.meta.url));

test('no promise is broken in a fixed set of storms', (t) => {
  let failovers = 0;
  for (const seed of SEEDS) {
    const result = simulate(seed, { traced: false });
    t.is(result.violation, undefined, `seed ${seed}: node test/sim/main.ts --seed ${seed} --trace`);
    failovers += result.failovers;
  }
  t.true(failovers >= SEEDS.length, 'storms that move no master prove little');
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

test('a binding without the drift of the clocks is caught', async (t) => {
  const said = await simulateMutant(
    'services/elector/src/core/lease.ts',
    'this.length = times.leaderLease * (1 + times.drift);',
    'this.length = times.leaderLease;',
  );
  t.regex(said, /at most one valid leader lease/);
});

test('a grant that leaves before it is durable is caught', async (t) => {
  const said = await simulateMutant(
    'services/elector/src/core/voter.ts',
    ', this.grantWrite, now, (then) => {',
    ', 0, now, (then) => {',
  );
  t.regex(said, /durable before sent/);
});
