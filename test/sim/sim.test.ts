// The simulator itself: a fixed set of seeds and every seed that ever failed keep all promises, one seed is one
// run to the last byte, and the checkers can fail: production code with a rule taken out is caught.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { isPromise, PROMISES, promiseOf } from './checkers/promises.ts';
import { runMutant } from './mutants/mutant-run.ts';
import { MUTANTS, mutantNamed } from './mutants/mutant-table.ts';
import { replayCommand } from './replay.ts';
import { readSeedList } from './seed-list.ts';
import { type Result, simulate } from './simulate.ts';

/** The seeds that every test run goes through; `npm run sim` takes others. */
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

/** Share of the effective strikes that go for the present leader or master. */
const AIMED_LEAST = 0.42;

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

test('every mutant still applies: what it replaces is there once', async (t) => {
  for (const { name, edits } of MUTANTS) {
    for (const { file, text } of edits) {
      const source = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
      t.is(source.split(text).length - 1, 1, `${name}: ${file}`);
    }
  }
});

// Two of them, one caught by a story and one by seeds; `npm run sim:mutants` has all.
for (const name of ['a grant leaves before it is durable', 'the count leaves out demoteGrace']) {
  test(`a mutant is caught: ${name}`, async (t) => {
    const { verdict, text } = await runMutant(mutantNamed(name));
    t.is(verdict, 'caught', text);
  });
}
