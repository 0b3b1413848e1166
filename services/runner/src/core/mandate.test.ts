// Every M-rule's runner side: what a runner may be, until when, and what it gives back.
import test from 'ava';
import { begun, cut, definition, killed, logged, reports, Trial } from './trial.fixture.ts';

const WEB = definition('web');

test('M1: a renewal only ever moves the end of the lease forward', (t) => {
  const trial = Trial.master(WEB);
  const left = trial.runner.leaseLeft;
  trial.promote(1, 100);
  t.is(trial.runner.leaseLeft, left);
  trial.assign({ target: 'master', release: 0 });
  t.is(trial.runner.leaseLeft, left);
  t.is(trial.runner.state, 'master');
});

test('M2: without a lease the target master is not obeyed', (t) => {
  const trial = Trial.standby(WEB);
  t.deepEqual(begun(trial.assign({ target: 'master', release: 0 })), []);
  t.is(trial.runner.state, 'standby');
});

test('M2: it releases when told to, once nothing is promoted, in the step in which that is so', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 1 });
  t.is(trial.report?.released, 0);
  trial.end('web');
  t.is(trial.report?.released, 1);
  t.false(trial.report?.promoted);
});

test('M2: it does not release what it was not told to release', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 0 });
  trial.finish();
  t.false(trial.report?.promoted);
  t.is(trial.report?.released, 0);
});

test('M2: an unpromoted holder ordered to standby releases at once', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(WEB);
  trial.promote(4);
  trial.assign({ target: 'standby', release: 4 });
  t.is(trial.report?.released, 4);
});

test('M2: what a status finds promoted holds up the release', (t) => {
  const trial = Trial.standby(WEB);
  trial.pass(10_000);
  trial.folder(WEB);
  trial.end('web', 90);
  t.deepEqual(trial.scripts, ['web demote']);
  trial.assign({ target: 'standby', release: 3 });
  t.is(trial.report?.released, 0);
  trial.end('web');
  t.is(trial.report?.released, 3);
});

test('M2: no lease of a released epoch is obeyed', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 1 });
  trial.finish();
  const effects = trial.promote(1);
  t.deepEqual(begun(effects), []);
  t.is(trial.runner.leaseLeft, undefined);
  t.regex(logged(effects), /did not obey a lease of epoch 1: this runner has released/);
});

test('M2: no lease of an epoch whose lease has ended is obeyed', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600);
  t.true(trial.report?.leaseEnded);
  trial.finish();
  const effects = trial.promote(1);
  t.deepEqual(begun(effects), []);
  t.regex(logged(effects), /did not obey a lease of epoch 1: its lease has ended here/);
  t.true(trial.report?.leaseEnded);
});

test('M2: a lease of a higher epoch makes no holder of one that is told to be standby', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1, 1_600, { target: 'standby' });
  t.is(trial.report?.epoch, 0);
  t.is(trial.runner.leaseLeft, undefined);
});

test('M2: a holder that is told to release its epoch goes down, whatever else it is told', (t) => {
  const trial = Trial.master(WEB);
  t.deepEqual(begun(trial.promote(1, 1_600, { release: 1 })), ['web demote']);
});

test('M2: an unpromoted holder that is not told to release its epoch releases none', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(WEB);
  trial.promote(5);
  t.is(trial.report?.released, 0);
});

test('M2: a lease of a higher epoch makes a new holder, and the old end is history', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600);
  trial.finish();
  t.deepEqual(begun(trial.promote(2)), ['web promote']);
  t.false(trial.report?.leaseEnded);
  t.is(trial.report?.epoch, 2);
});

test('M2: a lease that was over on arrival never began', (t) => {
  const trial = Trial.standby(WEB);
  const number = trial.report?.number ?? 0;
  trial.pass(2_000);
  trial.promote(3, 1_600, { number });
  t.is(trial.report?.epoch, 0);
});

test('M2: a lease of an older epoch than the one held is not obeyed', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(5);
  trial.promote(4, 100_000);
  t.is(trial.report?.epoch, 5);
  t.true((trial.runner.leaseLeft ?? 0) <= 1_600);
});

test('M3: scripts get the epoch; a service promoted under an older one is demoted first', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  t.is(trial.script('web').environment.epoch, 1);
  trial.finish();
  trial.pass(1_600);
  t.deepEqual(trial.scripts, ['web demote']);
  trial.promote(2);
  t.deepEqual(trial.scripts, ['web demote']);
  t.deepEqual(begun(trial.end('web')), ['web promote']);
  t.is(trial.script('web').environment.epoch, 2);
});

test('M3: a new epoch while all is promoted under the old one goes through a demotion', (t) => {
  const trial = Trial.master(WEB);
  t.deepEqual(begun(trial.promote(2)), ['web demote']);
  t.deepEqual(begun(trial.end('web')), ['web promote']);
});

test('M4: at the end of its lease it demotes, in that instant', (t) => {
  const trial = Trial.master(WEB);
  t.deepEqual(begun(trial.pass(1_599)), []);
  const effects = trial.pass(1);
  t.deepEqual(begun(effects), ['web demote']);
  t.regex(logged(effects), /the lease of epoch 1 ended 0 ms ago/);
  t.true(trial.report?.leaseEnded);
});

test('M4: the end of the lease cuts short whatever runs for a promoted service', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  const { run } = trial.script('web');
  t.deepEqual(cut(trial.pass(1_600)), [run]);
  t.deepEqual(begun(trial.endAs('web', { kind: 'cut-short' })), ['web demote']);
});

test('M4: the end of the lease cuts short the failed script of what is still promoted', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(200);
  trial.folder(WEB);
  trial.end('web', 1);
  t.deepEqual(trial.scripts, ['web failed']);
  const { run } = trial.script('web');
  t.deepEqual(cut(trial.pass(1_400)), [run]);
  t.deepEqual(begun(trial.endAs('web', { kind: 'cut-short' })), ['web stop']);
});

test('M4: what is still promoted is killed at 0.7 of the grace', (t) => {
  const trial = Trial.master(WEB);
  t.deepEqual(killed(trial.pass(1_600 + 699)), []);
  t.deepEqual(killed(trial.pass(1)), ['web']);
  t.true(trial.report?.promoted);
  trial.feed({ kind: 'killed', service: 'web' });
  t.is(trial.runner.state, 'failed');
});

test('M2: a kill proves nothing while stop is still to run, an address has no process to kill', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600 + 700);
  trial.feed({ kind: 'killed', service: 'web' });
  t.true(trial.report?.promoted);
  trial.endAs('web', { kind: 'signalled', signal: 'SIGKILL' });
  // Before its failed script: in the time that is left it has to take the address down.
  t.deepEqual(trial.scripts, ['web stop']);
  t.true(trial.report?.promoted);
  t.deepEqual(begun(trial.end('web')), ['web failed']);
  t.false(trial.report?.promoted);
});

test('M2: where stop fails too, the kill that follows is the last word', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600 + 700);
  trial.feed({ kind: 'killed', service: 'web' });
  trial.endAs('web', { kind: 'signalled', signal: 'SIGKILL' });
  t.deepEqual(killed(trial.endAs('web', { kind: 'exited', code: 1 })), ['web']);
  t.true(trial.report?.promoted);
  trial.feed({ kind: 'killed', service: 'web' });
  t.false(trial.report?.promoted);
});

test('M4: what went down in time is not killed', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600);
  trial.end('web');
  t.deepEqual(killed(trial.pass(10_000)), []);
});

test('M4: a killed service is stopped after its demote has died', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600 + 700);
  t.deepEqual(trial.scripts, ['web demote']);
  t.deepEqual(begun(trial.endAs('web', { kind: 'signalled', signal: 'SIGKILL' })), ['web stop']);
  t.deepEqual(begun(trial.end('web')), ['web failed']);
  trial.end('web');
  t.is(trial.stateOf('web'), 'failed');
});

test('M4: a loop that was away longer than the grace kills at once', (t) => {
  const trial = Trial.master(WEB);
  trial.now += 60_000;
  const effects = trial.feed({ kind: 'late', away: 60_000 });
  t.deepEqual(killed(effects), ['web']);
  t.is(reports(effects)[0]?.away, 60_000);
});

test('M4: a renewal that arrives in the instant of the end comes too late (P10)', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_500);
  trial.now += 100;
  // It answers a report that was sent 100 ms ago: nothing is wrong with it but when it arrives.
  t.deepEqual(begun(trial.promote(1)), ['web demote']);
  t.true(trial.report?.leaseEnded);
});

test('M5: ordered to standby within its lease it demotes, and the lease is renewed meanwhile', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(200);
  t.deepEqual(begun(trial.assign({ target: 'standby', release: 1 })), ['web demote']);
  for (let round = 0; round < 20; round += 1) {
    trial.pass(200);
    trial.assign({ target: 'standby', release: 1, lease: { epoch: 1, duration: 1_600 } });
  }
  t.is(trial.runner.leaseLeft, 1_600);
  t.false(trial.report?.leaseEnded);
  trial.end('web');
  t.is(trial.report?.released, 1);
});

test('M5: ordered to standby while a promote runs, it waits for that and demotes then', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  t.deepEqual(cut(trial.assign({ target: 'standby', release: 1 })), []);
  t.deepEqual(begun(trial.end('web')), ['web demote']);
});

test('M6: before it has heard a leader no script runs', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(WEB);
  trial.feed({ kind: 'elector-connected', elector: 'a' });
  t.deepEqual(begun(trial.pass(60_000)), []);
  t.is(trial.runner.state, 'disconnected');
  t.deepEqual(begun(trial.assign()), ['web status']);
});

test('M7: assignments not newer by (term, sequence) are dropped', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ term: 5, sequence: 10 });
  for (const [term, sequence] of [
    [4, 99],
    [5, 10],
    [5, 9],
  ] as const) {
    trial.promote(1, 1_600, { term, sequence });
    t.is(trial.runner.state, 'standby', `${term} ${sequence}`);
  }
  trial.promote(1, 1_600, { term: 5, sequence: 11 });
  t.is(trial.runner.state, 'master');
});

test('M7: a higher term begins its sequence anew', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ term: 5, sequence: 10 });
  trial.promote(1, 1_600, { term: 6, sequence: 1 });
  t.is(trial.runner.state, 'master');
});

test('M7: assignments to another session are dropped', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1, 1_600, { session: 's0' });
  t.is(trial.runner.state, 'standby');
});

test('P7: the highest term heard is reported', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ term: 7 });
  t.is(trial.report?.highestTerm, 7);
  trial.assign({ term: 6 });
  t.is(trial.report?.highestTerm, 7);
});

test('a lease that ends long after its epoch was released kills nothing', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 1 });
  trial.end('web');
  const effects = trial.pass(5_000);
  t.deepEqual(killed(effects), []);
  t.notRegex(logged(effects), /ended/);
});

test('M9: a report says when there was no assignment for 1.5 heartbeats', (t) => {
  const trial = new Trial();
  trial.pass(0);
  t.false(trial.report?.leaderUnheard);
  trial.assign();
  trial.pass(200);
  t.false(trial.report?.leaderUnheard);
  trial.pass(200);
  t.true(trial.report?.leaderUnheard);
  trial.assign();
  trial.pass(200);
  t.false(trial.report?.leaderUnheard);
});
