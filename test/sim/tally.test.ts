// What is printed of many runs: counts that add up, the speed of one size of cluster by itself, and the worst
// failover of each preset with its seed.
import test from 'ava';
import { type Summary, Tally } from './tally.ts';

const quiet: Summary = {
  seed: 1,
  violation: undefined,
  simulated: 36_000,
  shape: { electors: 3, runners: 3, fast: false, stormy: true, stormLasts: 30_000 },
  strikes: 10,
  effective: 8,
  aimed: 4,
  disturbed: 100,
  failovers: 2,
  loneFailovers: [],
  terms: 3,
  orders: 1,
  cost: 100,
};

test('runs add up', (t) => {
  const tally = new Tally();
  t.deepEqual(tally.add(quiet), []);
  t.deepEqual(tally.add({ ...quiet, shape: { ...quiet.shape, runners: 2 }, aimed: 2 }), []);
  t.is(tally.hours, 0.02);
  t.is(tally.failures, 0);
  t.deepEqual(tally.lines(2, 3), [
    '2 runs, 0.02 cluster-hours in 2 s, 12 simulated seconds a second and worker',
    'speed, 3 electors + 3 runners, default times: 360 simulated seconds a second and core (1 runs)',
    '20 strikes, 16 effective, 37.5 % of these aimed at the present leader or master; 200 messages held up',
    '6 leaderships, 4 failovers, 2 orders answered, 0 violations',
  ]);
});

test('a violation is said at once, with the command that shows it again', (t) => {
  const tally = new Tally();
  t.deepEqual(tally.add({ ...quiet, seed: 9, violation: 'two masters' }), [
    'seed 9: two masters',
    '  npm run sim -- --seed 9 --trace',
  ]);
  t.is(tally.failures, 1);
  t.regex(tally.progress, /^1 runs, 0\.01 cluster-hours, 1 failures$/);
});

test('the worst failover of each preset, and what it was', (t) => {
  const tally = new Tally();
  const lone = (ledToo: boolean, ...times: number[]) => times.map((took) => ({ took, ledToo }));
  tally.add({ ...quiet, seed: 7, loneFailovers: lone(false, 2_500, 2_400, 2_600) });
  tally.add({ ...quiet, seed: 17, loneFailovers: lone(true, 2_704) });
  const fast = { ...quiet.shape, fast: true };
  tally.add({ ...quiet, seed: 27, shape: fast, loneFailovers: lone(false, 730, 826.4) });
  t.deepEqual(tally.lines(1, 1).slice(-4), [
    'worst failover with no other fault: default 2.70 s (seed 17), fast 0.83 s (seed 27)',
    "  default, master's host: 2500 / 2600 ms (p50 / max of 3)",
    '  default, leader and master on one host: 2704 / 2704 ms (p50 / max of 1)',
    "  fast, master's host: 826 / 826 ms (p50 / max of 2)",
  ]);
});
