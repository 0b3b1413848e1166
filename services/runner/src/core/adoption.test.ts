// M6: what a new process makes of what the one before it left. Within the lease it disturbs nothing.
import test from 'ava';
import type { Effect } from './effect.ts';
import { begun, definition, killed, logged, Trial } from './trial.fixture.ts';

const DISK = definition('disk', 10);
const WEB = definition('web', 20);

test('M6: within its lease a new process goes on as master, and no script runs', (t) => {
  const trial = Trial.master(DISK, WEB);
  t.deepEqual(begun(trial.restart(100)), []);
  t.is(trial.report?.state, 'master');
  t.is(trial.report?.epoch, 1);
  t.true(trial.report?.promoted);
  t.false(trial.report?.leaseEnded);
  trial.folder(DISK, WEB);
  t.deepEqual(begun(trial.pass(100)), []);
  // A leader is heard: what was thought to be is seen to by status, and nothing else.
  trial.promote(1);
  t.deepEqual(trial.scripts, ['disk status', 'web status']);
  trial.finish(90);
  t.deepEqual(trial.scripts, []);
  t.is(trial.runner.state, 'master');
});

test('M6: the lease that runs on is the one of the record, and its end takes everything down', (t) => {
  const trial = Trial.master(DISK, WEB);
  trial.restart(100);
  t.deepEqual(begun(trial.pass(1_499)), []);
  t.deepEqual(begun(trial.pass(1)), ['web demote']);
});

test('M6: past its lease what is found promoted is demoted at once, before any leader is heard', (t) => {
  const trial = Trial.master(DISK, WEB);
  t.deepEqual(begun(trial.restart(1_700)), ['web demote']);
  t.true(trial.report?.leaseEnded);
  t.deepEqual(begun(trial.end('web')), ['disk demote']);
  trial.end('disk');
  t.false(trial.report?.promoted);
});

test('M6: long past its lease nothing waits for scripts', (t) => {
  const trial = Trial.master(WEB);
  t.deepEqual(killed(trial.restart(60_000)), ['web']);
});

test('M6: where the kill is not all, the stop scripts follow, before any leader is heard', (t) => {
  const trial = Trial.master(DISK, WEB);
  t.deepEqual(begun(trial.restart(60_000)), ['web stop']);
  for (const service of ['web', 'disk']) trial.feed({ kind: 'killed', service });
  trial.end('web');
  trial.end('web');
  t.deepEqual(trial.scripts, ['disk stop']);
  trial.end('disk');
  t.false(trial.report?.promoted);
  // Nothing is left that would demand more of it.
  t.deepEqual(trial.scripts, []);
});

test('M4: a kill that comes too late has its time all the same before the hook is called', (t) => {
  const trial = Trial.master(WEB);
  const fences = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'fence');
  t.is(fences(trial.restart(60_000)).length, 0);
  t.is(fences(trial.pass(299)).length, 0);
  t.is(fences(trial.pass(2)).length, 1);
});

test('M6: that an adopted service was demoted says nothing about whether it runs', (t) => {
  const trial = Trial.master(WEB);
  trial.restart(1_700);
  trial.end('web');
  trial.folder(WEB);
  trial.promote(2);
  t.deepEqual(trial.scripts, ['web status']);
});

test('M6: before a leader is heard no script runs but what a missing lease demands', (t) => {
  const trial = Trial.standby(DISK, WEB);
  t.deepEqual(begun(trial.restart(100)), []);
  trial.folder(DISK, WEB);
  t.deepEqual(begun(trial.pass(60_000)), []);
  t.is(trial.report?.state, 'disconnected');
});

test('M6: a script under way goes on, and its end is taken in by the new process', (t) => {
  const trial = Trial.standby(DISK, WEB);
  trial.promote(1);
  t.deepEqual(trial.scripts, ['disk promote']);
  trial.restart(10);
  trial.end('disk');
  t.is(trial.stateOf('disk'), 'promoted');
  trial.folder(DISK, WEB);
  trial.promote(1);
  t.deepEqual(trial.scripts, ['disk status', 'web status']);
  trial.end('disk', 90);
  t.deepEqual(begun(trial.end('web', 91)), ['web promote']);
});

test('M6: a script that ended unseen leaves it to status what it has done', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  trial.restart(10);
  trial.endAs('web', { kind: 'unknown', reason: 'nobody was there' });
  t.true(trial.report?.promoted);
  trial.folder(WEB);
  trial.promote(1);
  t.deepEqual(trial.scripts, ['web status']);
  t.deepEqual(begun(trial.end('web', 91)), ['web promote']);
});

test('M6: a demotion begun is finished by the new process', (t) => {
  const trial = Trial.master(DISK, WEB);
  trial.assign({ target: 'standby', release: 1 });
  t.deepEqual(trial.scripts, ['web demote']);
  trial.restart(10);
  t.deepEqual(begun(trial.end('web')), ['disk demote']);
  trial.end('disk');
  t.is(trial.report?.released, 1);
});

test('M6: what was released stays released', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 1 });
  trial.finish();
  trial.restart(10);
  t.is(trial.report?.released, 1);
  trial.folder(WEB);
  trial.promote(1);
  trial.finish(91);
  t.false(trial.report?.promoted);
});

test('M6: maintenance is remembered: the end of the lease does nothing', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'master', maintenance: { on: true, change: 1 } });
  t.deepEqual(begun(trial.restart(60_000)), []);
  t.true(trial.report?.maintenance);
  t.deepEqual(killed(trial.pass(60_000)), []);
});

test('M6: failures and their count are remembered', (t) => {
  const trial = Trial.standby(WEB);
  trial.feed({ kind: 'folder', services: [WEB] });
  trial.end('web', 1);
  trial.finish();
  t.is(trial.report?.state, 'failed');
  trial.restart(1_000);
  t.is(trial.report?.state, 'failed');
  t.is(trial.report?.failures.length, 1);
  trial.folder(WEB);
  trial.assign();
  t.regex(logged(trial.pass(9_000)), /failures are forgotten/);
});

test('M6: without a record status decides, and what is promoted without a lease goes down', (t) => {
  const trial = Trial.master(WEB);
  t.deepEqual(begun(trial.restart(10, false)), []);
  trial.folder(WEB);
  trial.assign();
  t.deepEqual(trial.scripts, ['web status']);
  t.deepEqual(begun(trial.end('web', 90)), ['web demote']);
});

test('M6: a failed service whose kill was under way is killed again', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ target: 'stopped' });
  t.deepEqual(killed(trial.end('web', 1)), ['web']);
  trial.finish();
  t.deepEqual(killed(trial.restart(10)), ['web']);
});

test('detach leaves everything as it is, with a record that knows it', (t) => {
  const trial = Trial.master(DISK, WEB);
  const effects = trial.feed({ kind: 'detach' });
  t.deepEqual(begun(effects), []);
  t.deepEqual(killed(effects), []);
  t.deepEqual(effects.at(-1), { kind: 'exit', detached: true });
  trial.restart(100);
  t.is(trial.runner.state, 'master');
});

test('told to end before a leader is heard it takes down what it found', (t) => {
  const trial = Trial.master(WEB);
  trial.restart(10);
  trial.folder(WEB);
  t.deepEqual(begun(trial.feed({ kind: 'stop' })), ['web demote']);
  t.deepEqual(begun(trial.end('web')), ['web stop']);
});

test('M6: what the last process killed in a hurry starts again by itself', (t) => {
  const trial = Trial.standby(WEB);
  trial.feed({ kind: 'stop' });
  t.deepEqual(killed(trial.feed({ kind: 'stop' })), ['web']);
  // Nobody knows whether the kill came to its end: it is sent again.
  t.deepEqual(killed(trial.restart(10)), ['web']);
  trial.folder(WEB);
  trial.assign();
  trial.finish();
  t.is(trial.report?.state, 'failed');
  trial.feed({ kind: 'killed', service: 'web' });
  t.regex(logged(trial.pass(11_000)), /failures are forgotten/);
});
