// Shrinking, tried with a promise that is easily broken, and the excerpts that it is made of.
import test from 'ava';
import type { Excerpt } from './excerpt.ts';
import type { Observer } from './observer.ts';
import { SHRINK_RUNS_MAX, shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import type { World } from './world.ts';

/** Finds fault with the first elector that starts for the third time. */
function fragile(world: World): Observer {
  const starts = new Map<string, number>();
  return {
    electorStarted({ name }) {
      const count = (starts.get(name) ?? 0) + 1;
      starts.set(name, count);
      if (count === 3) world.violate('a cluster comes back', `${name} starts once more`);
    },
  };
}

/** Seeds of which one is a storm that is long enough. */
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

/** So many strikes and orders are worth shrinking. */
const TAKEN_LEAST = 15;

const SEED =
  SEEDS.find((seed) => {
    const { violation, taken } = simulate(seed, { traced: false, alsoWatch: fragile });
    return violation !== undefined && taken.length >= TAKEN_LEAST;
  }) ?? 0;

test('a smaller schedule breaks the same promise', (t) => {
  const { violation, excerpt, taken, runs } = shrink(SEED, { alsoWatch: fragile });
  t.regex(violation ?? '', /^a cluster comes back: e-. starts once more/);
  t.true(taken.length >= TAKEN_LEAST);
  t.true(runs > 1 && runs <= SHRINK_RUNS_MAX);
  const { only = [], without = [] } = excerpt;
  t.true(only.length < taken.length / 3, `${only} are left of ${taken}`);
  t.true(without.length > 0);
  const breaks = (part: Excerpt) =>
    simulate(SEED, { traced: false, excerpt: part, alsoWatch: fragile }).violation !== undefined;
  t.true(breaks(excerpt));
  for (const id of only) {
    t.false(breaks({ ...excerpt, only: only.filter((one) => one !== id) }), `${id} can be spared`);
  }
});

test('a search has its bound', (t) => {
  const { runs } = shrink(SEED, { alsoWatch: fragile, runsMax: 5 });
  t.is(runs, 5);
});

test('a run that keeps every promise has nothing to shrink', (t) => {
  t.is(shrink(SEED, { runsMax: 5 }).violation, undefined);
});

test('leaving out one strike changes nothing before it and no chance after it', (t) => {
  const whole = simulate(SEED, { traced: true });
  const same = simulate(SEED, { traced: true, excerpt: { only: whole.taken } });
  t.deepEqual(same.trace, whole.trace);
  // Some strikes find nothing to break, and say nothing.
  const told = whole.taken.filter((id) => {
    const who = id.startsWith('o') ? `order ${id}:` : `strike ${id}:`;
    return whole.trace.some((line) => line.includes(who));
  });
  const left = told[Math.floor(told.length / 2)] ?? '';
  const only = whole.taken.filter((id) => id !== left);
  const without = simulate(SEED, { traced: true, excerpt: { only } });
  const parts = without.trace.findIndex((line, index) => line !== whole.trace[index]);
  t.regex(whole.trace[parts] ?? '', new RegExp(left.startsWith('o') ? `order ${left}` : `strike`));
  const kinds = (lines: readonly string[]) =>
    new Set(lines.flatMap((line) => /(strike \d+|order o\d+): \S+/.exec(line)?.[0] ?? []));
  const common = [...kinds(without.trace)].filter((strike) => kinds(whole.trace).has(strike));
  t.true(common.length > 0.5 * kinds(whole.trace).size);
});
