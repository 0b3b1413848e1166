// M8, the runner's side: what maintenance holds back, and how a runner comes out of it.
import test from 'ava';
import { begun, definition, killed, Trial } from './trial.fixture.ts';

const WEB = definition('web');

test('M8: in maintenance no script starts, and the end of the lease does nothing', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'master', maintenance: { on: true, change: 1 } });
  t.true(trial.report?.maintenance);
  t.is(trial.report?.maintenanceChange, 1);
  const effects = trial.pass(60_000);
  t.deepEqual(begun(effects), []);
  t.deepEqual(killed(effects), []);
  t.false(trial.report?.leaseEnded);
  t.true(trial.report?.promoted);
  t.is(trial.runner.state, 'master');
});

test('M8: a demotion begun is finished in maintenance, with all its services', (t) => {
  const trial = Trial.master(definition('disk', 10), definition('web', 20));
  trial.assign({ target: 'standby', release: 1 });
  t.deepEqual(trial.scripts, ['web demote']);
  trial.assign({ target: 'standby', release: 1, maintenance: { on: true, change: 1 } });
  t.deepEqual(begun(trial.end('web')), ['disk demote']);
  t.deepEqual(begun(trial.end('disk')), []);
  t.is(trial.report?.released, 1);
});

test('M8: a lease that ended before maintenance still kills what stays promoted', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600);
  trial.assign({ maintenance: { on: true, change: 1 } });
  t.deepEqual(killed(trial.pass(700)), ['web']);
});

test('M8: after its end the first lease of the same epoch is obeyed though the old one ended', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'master', maintenance: { on: true, change: 1 } });
  trial.pass(60_000);
  const effects = trial.promote(1, 1_600, { maintenance: { on: false, change: 2 } });
  t.false(begun(effects).includes('web demote'));
  t.is(trial.runner.state, 'master');
  t.false(trial.report?.leaseEnded);
  t.is(trial.report?.maintenanceChange, 2);
});

test('M8: after its end without a lease, a lease that is over demotes within the grace', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'master', maintenance: { on: true, change: 1 } });
  trial.pass(60_000);
  const news = { maintenance: { on: false, change: 2 }, release: 1 };
  t.deepEqual(begun(trial.assign(news)), ['web demote']);
  t.true(trial.report?.leaseEnded);
  t.deepEqual(killed(trial.pass(699)), []);
  t.deepEqual(killed(trial.pass(1)), ['web']);
});

test('M8: after its end a lease that still runs goes on', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'master', maintenance: { on: true, change: 1 } });
  // Nobody knows what was done by hand: the status is asked for, nothing else happens.
  const news = { maintenance: { on: false, change: 2 } };
  t.deepEqual(begun(trial.assign({ target: 'master', ...news })), ['web status']);
  trial.end('web', 90);
  t.is(trial.runner.state, 'master');
  t.deepEqual(begun(trial.pass(1_500)), []);
});

test('M8: renewals go on in maintenance', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'master', maintenance: { on: true, change: 1 } });
  trial.pass(60_000);
  trial.promote(1);
  t.is(trial.runner.leaseLeft, 1_600);
});

test('M8: an assignment without maintenance brings no news of it', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ maintenance: { on: true, change: 3 } });
  trial.assign();
  t.true(trial.runner.maintenance);
});

test('M8: a change that is not newer changes nothing', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ maintenance: { on: false, change: 0 } });
  t.false(trial.runner.maintenance);
  trial.assign({ maintenance: { on: true, change: 3 } });
  trial.assign({ maintenance: { on: false, change: 3 } });
  trial.assign({ maintenance: { on: false, change: 2 } });
  t.true(trial.runner.maintenance);
  trial.assign({ maintenance: { on: false, change: 4 } });
  t.false(trial.runner.maintenance);
});

test('M8: a script that fails to raise a service in maintenance counts as successful', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  trial.promote(1, 1_600, { maintenance: { on: true, change: 1 } });
  trial.end('web', 1);
  t.is(trial.stateOf('web'), 'promoted');
  t.is(trial.runner.state, 'master');
});

test('M8: after its end nothing rises on a service whose status is not known yet', (t) => {
  const trial = Trial.standby(definition('disk', 10), definition('web', 20));
  trial.promote(1);
  trial.promote(1, 1_600, { maintenance: { on: true, change: 1 } });
  // It ran into its time limit, which counts as success in maintenance; in truth it may not be there.
  trial.end('disk', 1);
  t.is(trial.stateOf('disk'), 'promoted');
  const after = trial.promote(1, 1_600, { maintenance: { on: false, change: 2 } });
  t.deepEqual(begun(after), ['disk status', 'web status']);
  t.deepEqual(begun(trial.end('web', 91)), []);
  t.deepEqual(begun(trial.end('disk', 91)), ['disk promote']);
});

test('M8: a demotion begun is finished in maintenance, by failed and stop where demote fails', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 1 });
  trial.assign({ target: 'standby', release: 1, maintenance: { on: true, change: 1 } });
  trial.end('web', 1);
  t.deepEqual(trial.scripts, ['web failed']);
  trial.end('web');
  t.deepEqual(trial.scripts, ['web stop']);
  trial.end('web');
  t.false(trial.report?.promoted);
  t.is(trial.report?.released, 1);
});
