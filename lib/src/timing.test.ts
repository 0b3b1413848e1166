// The bounds of PROTOCOL.md as numbers, and what the presets lead to.
import test from 'ava';
import { readDuration, writeDuration } from './config-duration.ts';
import { checkTimes, failover, masterLeaseMin, PRESETS } from './timing.ts';

test('both presets hold for one to five electors', (t) => {
  for (const times of Object.values(PRESETS)) {
    for (let electors = 1; electors <= 5; electors++) t.deepEqual(checkTimes(times, electors), []);
  }
});

test('the least master lease satisfies the relation as PROTOCOL.md states it, and one less does not', (t) => {
  for (const electors of [1, 2, 3, 5]) {
    for (const times of Object.values(PRESETS)) {
      const { drift, leaderLease, heartbeat } = times;
      const holds = (masterLease: number) =>
        masterLease - leaderLease >=
        drift * leaderLease +
          2.5 * heartbeat +
          (electors - 1) * 0.15 * heartbeat +
          0.01 * (leaderLease + masterLease) -
          1e-6;
      const least = masterLeaseMin(times, electors);
      t.true(holds(least));
      t.false(holds(least - 1));
    }
  }
  t.is(masterLeaseMin(PRESETS.default, 3), 1_407);
});

test('every bound is refused just below it and taken at it', (t) => {
  const times = { ...PRESETS.default, leaderLease: 600, masterLease: 1_197, drift: 0.021 };
  const at = { ...times, masterLease: masterLeaseMin(times, 3), demoteGrace: 100 };
  t.deepEqual(checkTimes(at, 3), []);
  const below = (change: Partial<typeof at>) =>
    checkTimes({ ...at, ...change }, 3).map(({ key }) => key);
  t.deepEqual(below({ drift: 0.0209 }), ['drift']);
  t.deepEqual(below({ demoteGrace: 99 }), ['demoteGrace']);
  t.deepEqual(below({ leaderLease: 599 }), ['leaderLease']);
  t.deepEqual(below({ masterLease: at.masterLease - 1 }), ['masterLease']);
});

test('the failover bounds cover what a model of the protocol measured, and the margin is positive', (t) => {
  const facts = failover(PRESETS.default, 3);
  t.is(Math.round(facts.masterDies), 2_678);
  t.is(Math.round(facts.leaderDiesToo ?? 0), 3_238);
  t.true(facts.masterDies > 2_662 && (facts.leaderDiesToo ?? 0) > 2_723);
  t.is(Math.round(facts.margin), 78);
  t.is(Math.round(facts.killMargin), 378);
  const fast = failover(PRESETS.fast, 3);
  t.true(fast.masterDies < 775 + 1 && (fast.leaderDiesToo ?? 0) > 826);
});

test('two electors survive the loss of none', (t) => {
  t.is(failover(PRESETS.default, 2).leaderDiesToo, undefined);
  t.is(failover(PRESETS.default, 1).leaderDiesToo, undefined);
});

test('durations are read with their unit and written so that they can be read again', (t) => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['200ms', 200],
    ['1.6s', 1_600],
    ['0.1s', 100],
    ['6m', 360_000],
    ['1h', 3_600_000],
    ['1.407 s', 1_407],
    ['0s', 0],
    ['1', undefined],
    ['-1s', undefined],
    ['1,6s', undefined],
    ['1d', undefined],
    ['s', undefined],
  ];
  for (const [text, expected] of cases) t.is(readDuration(text), expected, text);
  for (const duration of [1, 99.5, 607, 1_407, 90_000, 360_000, 7_200_000]) {
    t.is(readDuration(writeDuration(duration)), duration, writeDuration(duration));
  }
});
