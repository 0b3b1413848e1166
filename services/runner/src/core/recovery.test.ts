// Failures: what they take down, what is killed, and when they are forgotten.
import test from 'ava';
import { FAILURES_REMEMBERED } from './recovery.ts';
import { begun, definition, killed, logged, OPTIONS, reports, Trial } from './trial.fixture.ts';

const WEB = definition('web');
const DISK = definition('disk', 10);
const SITE = definition('site', 20);

function fail(trial: Trial, service = 'web'): void {
  trial.folder(WEB);
  trial.end(service, 1);
  trial.finish();
}

test('a failure takes everything down: failed and stop there, demote and stop elsewhere', (t) => {
  const trial = Trial.master(DISK, SITE);
  trial.folder(DISK, SITE);
  trial.end('disk');
  const effects = trial.end('site', 1);
  t.deepEqual(begun(effects), ['site failed']);
  t.is(reports(effects)[0]?.state, 'failed');
  t.deepEqual(begun(trial.end('site')), ['site stop']);
  t.deepEqual(begun(trial.end('site')), ['disk demote']);
  t.deepEqual(begun(trial.end('disk')), ['disk stop']);
  trial.end('disk');
  t.deepEqual([trial.stateOf('disk'), trial.stateOf('site')], ['stopped', 'failed']);
  t.is(trial.report?.failures[0]?.text, 'status exited with code 1');
});

test('a failing demote is a failure; what it leaves is stopped', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 1 });
  t.deepEqual(begun(trial.end('web', 1)), ['web failed']);
  t.true(trial.report?.promoted);
  t.deepEqual(begun(trial.end('web')), ['web stop']);
  trial.end('web');
  t.false(trial.report?.promoted);
  t.is(trial.report?.released, 1);
});

test('a start that fails may have begun something: it is stopped', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(WEB);
  trial.assign();
  trial.end('web', 92);
  trial.endAs('web', { kind: 'timed-out', after: 360_000 });
  t.deepEqual(begun(trial.end('web')), ['web stop']);
});

test('a stop that fails is followed by a kill and by failed, and is not tried twice', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ target: 'stopped' });
  const effects = trial.end('web', 1);
  t.deepEqual(killed(effects), ['web']);
  t.deepEqual(begun(effects), ['web failed']);
  t.deepEqual(begun(trial.end('web')), []);
  t.is(trial.stateOf('web'), 'failed');
});

test('a failed service whose stop fails too is killed, which ends its being promoted', (t) => {
  const trial = Trial.master(WEB);
  trial.folder(WEB);
  trial.end('web', 1);
  trial.end('web');
  t.deepEqual(killed(trial.end('web', 1)), ['web']);
  t.is(trial.stateOf('web'), 'failed');
  t.true(trial.report?.promoted);
  trial.feed({ kind: 'killed', service: 'web' });
  t.false(trial.report?.promoted);
});

test('a kill that did not come to an end is tried again with each round', (t) => {
  const trial = Trial.master(WEB);
  trial.folder(WEB);
  trial.end('web', 1);
  trial.end('web');
  trial.end('web', 1);
  t.deepEqual(killed(trial.folder(WEB)), ['web']);
});

test('nothing is forgotten while a kill is under way: what it has not ended is not started beside it', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ target: 'stopped' });
  trial.end('web', 1);
  trial.finish();
  t.is(trial.stateOf('web'), 'failed');
  trial.assign({ recovery: 1 });
  trial.pass(10_000_000);
  t.is(trial.stateOf('web'), 'failed');
  t.deepEqual(begun(trial.feed({ kind: 'killed', service: 'web' })), ['web start']);
});

test('a failure is forgotten by itself after a delay that grows, so many times', (t) => {
  const trial = Trial.standby(WEB);
  for (const delay of [10_000, 20_000, 40_000]) {
    fail(trial);
    t.is(trial.runner.state, 'failed');
    trial.pass(delay - 1);
    t.is(trial.stateOf('web'), 'failed');
    t.deepEqual(begun(trial.pass(1)), ['web start']);
    trial.finish();
  }
  fail(trial);
  trial.pass(10_000_000);
  t.is(trial.runner.state, 'failed');
  t.true((trial.report?.sinceFailure ?? 0) >= 10_000_000);
});

test('a failure is not forgotten while its scripts run', (t) => {
  const trial = Trial.standby(WEB);
  trial.folder(WEB);
  trial.end('web', 1);
  trial.end('web');
  trial.pass(15_000);
  t.is(trial.stateOf('web'), 'failing');
  t.deepEqual(begun(trial.end('web')), ['web start']);
});

test('the count of failures begins anew after a time without any', (t) => {
  const trial = Trial.standby(WEB);
  for (let round = 0; round < 5; round += 1) {
    fail(trial);
    trial.pass(10_000);
    trial.finish();
    t.is(trial.stateOf('web'), 'started');
    trial.pass(OPTIONS.recovery.reset);
  }
});

test('with no attempts a failure stays until told to recover', (t) => {
  const trial = new Trial({ recovery: { attempts: 0, delay: 10, factor: 1, reset: 1_000 } });
  trial.pass(0);
  trial.folder(WEB);
  t.notRegex(logged(trial.assign({ recovery: 7 })), /told to forget/);
  trial.finish();
  fail(trial);
  trial.pass(100_000);
  trial.assign({ recovery: 7 });
  t.is(trial.runner.state, 'failed');
  t.deepEqual(begun(trial.assign({ recovery: 8 })), ['web start']);
  t.is(trial.report?.sinceFailure, undefined);
});

test('an order to recover acts once, also when it arrives while the service still fails', (t) => {
  const trial = Trial.standby(WEB);
  trial.folder(WEB);
  trial.end('web', 1);
  trial.assign({ recovery: 1 });
  trial.end('web');
  t.deepEqual(begun(trial.end('web')), ['web start']);
  trial.finish();
  fail(trial);
  trial.assign({ recovery: 1 });
  t.is(trial.runner.state, 'failed');
});

test('an order to recover that finds nothing to forget leaves nothing behind', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ recovery: 1 });
  fail(trial);
  trial.pass(9_000);
  t.is(trial.runner.state, 'failed');
});

test('the last failures are kept, oldest first', (t) => {
  const trial = Trial.standby(WEB);
  trial.feed({ kind: 'wall', offset: 1_000_000 });
  for (let round = 1; round <= FAILURES_REMEMBERED + 3; round += 1) {
    fail(trial);
    trial.assign({ recovery: round });
    trial.finish();
  }
  t.is(trial.report?.failures.length, FAILURES_REMEMBERED);
  t.is(trial.report?.failures.at(-1)?.at, trial.now + 1_000_000);
});

test('a failed runner that is told to stop stays failed', (t) => {
  const trial = Trial.standby(WEB);
  fail(trial);
  trial.assign({ target: 'stopped' });
  t.is(trial.runner.state, 'failed');
});
