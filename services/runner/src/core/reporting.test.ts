// M1, the runner's side: when reports leave, and what a lease counts from.
import { ABSENCE_REMEMBERED } from '@koi/lib/absence';
import test from 'ava';
import { definition, logged, OPTIONS, reports, Trial } from './trial.fixture.ts';

const WEB = definition('web');

test('M1: a report leaves with the first step, then each heartbeat, with rising numbers', (t) => {
  const trial = new Trial();
  t.deepEqual(
    trial.pass(0).map(({ kind }) => kind),
    ['record', 'read-folder', 'report'],
  );
  const numbers = reports(trial.pass(600)).map(({ number }) => number);
  t.deepEqual(numbers, [2, 3, 4]);
});

test('M1: what changes is reported in the same step', (t) => {
  const trial = Trial.standby(WEB);
  const [report] = reports(trial.promote(1));
  t.is(report?.state, 'master');
  t.true(report?.promoted);
  t.is(report?.epoch, 1);
});

test('M1: a stream that opens is told at once', (t) => {
  const trial = new Trial();
  trial.pass(0);
  t.is(reports(trial.feed({ kind: 'elector-connected', elector: 'b' })).length, 1);
});

test('M1: a lease counts from the sending of the report that it answers', (t) => {
  const trial = Trial.standby(WEB);
  trial.pass(200);
  const number = trial.report?.number ?? 0;
  const sent = trial.now;
  trial.pass(150);
  trial.promote(1, 1_600, { number });
  t.is(trial.runner.leaseLeft, sent + 1_600 - trial.now);
});

test('M1: a lease for a report that is not remembered, or for none, is no lease', (t) => {
  for (const number of [0, 10_000]) {
    const trial = Trial.standby(WEB);
    trial.promote(1, 1_600, { number });
    t.is(trial.runner.leaseLeft, undefined);
    t.deepEqual(trial.scripts, []);
  }
});

test('the sending of a report is remembered for as long as a lease could answer it', (t) => {
  // 64 reports a heartbeat apart are far more than a lease of 8 heartbeats.
  const trial = Trial.standby(WEB);
  const number = trial.report?.number ?? 0;
  trial.pass(40 * OPTIONS.heartbeat);
  trial.promote(1, 60_000, { number });
  t.is(trial.runner.state, 'master');
});

test('P10: a loop that stood still is told of in each report for a while, with its age', (t) => {
  const trial = Trial.standby(WEB);
  t.is(trial.report?.absence, undefined);
  const effects = trial.feed({ kind: 'late', away: 3_200 });
  t.regex(logged(effects), /this daemon was away for 3\.2 s/);
  trial.pass(12_000);
  t.is(trial.report?.absence?.longest, 3_200);
  const since = trial.report?.absence?.since ?? 0;
  t.true(since > 12_000 - OPTIONS.heartbeat && since <= 12_000);
  trial.pass(ABSENCE_REMEMBERED);
  t.is(trial.report?.absence, undefined);
});

test('P10: late by less than a heartbeat is not told of', (t) => {
  const trial = Trial.standby(WEB);
  t.is(logged(trial.feed({ kind: 'late', away: OPTIONS.heartbeat - 1 })), '');
  trial.pass(OPTIONS.heartbeat);
  t.is(trial.report?.absence, undefined);
});
