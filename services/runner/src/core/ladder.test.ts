// M4: the ladder down from a lease that has ended, beside a deadman that may be quicker.
import test from 'ava';
import { begun, definition, killed, logged, reports, Trial } from './trial.fixture.ts';

const DISK = definition('disk', 10);
const WEB = definition('web', 20);

function kinds(effects: readonly { readonly kind: string }[]): readonly string[] {
  return effects.map(({ kind }) => kind);
}

test('M4: the lock is taken before the first demote', (t) => {
  const trial = Trial.master(WEB);
  const effects = kinds(trial.pass(1_600));
  t.true(effects.indexOf('claim-demotion') < effects.indexOf('run'));
});

test('M4: where the deadman is quicker no script starts beside it, and its record is taken over', (t) => {
  const trial = Trial.master(DISK, WEB);
  trial.quicker = 'deadman';
  t.deepEqual(begun(trial.pass(1_800)), []);
  t.true(trial.report?.promoted);
  trial.feed({
    kind: 'deadman-acted',
    epoch: 1,
    after: 150,
    services: [
      { name: 'web', outcome: 'demoted' },
      { name: 'disk', outcome: 'demoted' },
    ],
  });
  t.is(trial.stateOf('web'), 'started');
  t.false(trial.report?.promoted);
  // Nothing is built on it before its status was seen.
  t.deepEqual(trial.scripts, ['disk status', 'web status']);
});

test('M4: what the deadman had to kill has failed', (t) => {
  const trial = Trial.master(WEB);
  trial.quicker = 'deadman';
  trial.pass(1_700);
  const services = [{ name: 'web', outcome: 'killed' }] as const;
  trial.feed({ kind: 'deadman-acted', epoch: 1, after: 800, services });
  t.is(trial.stateOf('web'), 'failed');
  t.false(trial.report?.promoted);
  t.is(trial.report?.state, 'failed');
  t.regex(logged(trial.pass(20_000)), /failures are forgotten/);
});

test('M4: a deadman that says nothing for demoteGrace is taken over from', (t) => {
  const trial = Trial.master(WEB);
  trial.quicker = 'deadman';
  trial.pass(1_600);
  trial.quicker = 'runner';
  const effects = trial.pass(1_000);
  t.true(effects.some((effect) => effect.kind === 'claim-demotion' && effect.force));
});

test('M4: what is still promoted when its time is over is for the hook, once', (t) => {
  const trial = Trial.master(WEB);
  const effects = trial.pass(1_600 + 60_000);
  t.deepEqual(killed(effects), ['web']);
  const fences = effects.filter((effect) => effect.kind === 'fence');
  t.is(fences.length, 1);
  t.regex(logged(effects), /still promoted 1\.0 s after the lease of epoch 1 ended/);
});

test('M4: what went down in time is not for the hook, and the margin is told', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_600 + 310);
  const effects = trial.end('web');
  t.regex(logged(effects), /down 310 ms after the lease ended, 690 ms before anybody else could/);
  t.regex(reports(effects).at(-1)?.failures.at(-1)?.text ?? '', /epoch 1: down 310 ms/);
  t.false(trial.pass(60_000).some(({ kind }) => kind === 'fence'));
});

test('M4: an ordinary demote slower than demoteGrace is warned about by name', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'standby', release: 1 });
  trial.pass(1_100);
  t.regex(logged(trial.end('web')), /web: its demote took 1\.1 s, and demoteGrace is 1\.0 s/);
});

test('M6: the lease is kept before the record that names what it covers, and both before the script', (t) => {
  const trial = Trial.standby(WEB);
  const effects = kinds(trial.promote(1));
  t.deepEqual(effects.slice(0, 2), ['lease', 'record']);
  t.true(effects.includes('run'));
});

test('M4: a runner that wakes long afterwards kills nothing that the deadman has demoted', (t) => {
  const trial = Trial.master(WEB);
  trial.quicker = 'deadman';
  trial.now += 60_000;
  t.deepEqual(killed(trial.feed({ kind: 'late', away: 60_000 })), []);
  const services = [{ name: 'web', outcome: 'demoted' }] as const;
  const effects = trial.feed({ kind: 'deadman-acted', epoch: 1, after: 150, services });
  t.deepEqual(killed(effects), []);
  t.is(trial.stateOf('web'), 'started');
  // The margin is the deadman's, not that of the late news.
  t.regex(logged(effects), /down 150 ms after the lease ended, 850 ms before anybody else/);
});

test('M4: a new lease does not let scripts run beside a deadman that is still at it', (t) => {
  const trial = Trial.master(WEB);
  trial.quicker = 'deadman';
  trial.pass(1_700);
  t.deepEqual(begun(trial.promote(2)), []);
  const services = [{ name: 'web', outcome: 'demoted' }] as const;
  trial.feed({ kind: 'deadman-acted', epoch: 1, after: 900, services });
  trial.finish(91);
  t.is(trial.stateOf('web'), 'promoted');
});

test('M4: what a deadman had done that had to be ended is found out by status', (t) => {
  const trial = Trial.master(DISK, WEB);
  trial.quicker = 'deadman';
  trial.pass(1_700);
  trial.promote(2);
  trial.quicker = 'runner';
  trial.pass(900);
  t.deepEqual(trial.scripts, ['web demote']);
  trial.end('web');
  trial.end('disk');
  t.deepEqual(trial.scripts, ['web status', 'disk status']);
});

test('M4: where the deadman has left everything the margin is that of this process', (t) => {
  const trial = Trial.master(WEB);
  trial.quicker = 'deadman';
  trial.pass(1_700);
  trial.feed({ kind: 'deadman-acted', epoch: 1, after: 0, services: [] });
  t.deepEqual(trial.scripts, ['web demote']);
  trial.pass(200);
  t.regex(logged(trial.end('web')), /down 300 ms after the lease ended/);
});

test('M4: told twice to end it kills nothing beside a deadman, and leaves everything to that one', (t) => {
  const trial = Trial.master(WEB);
  trial.quicker = 'deadman';
  trial.pass(1_700);
  const effects = [...trial.feed({ kind: 'stop' }), ...trial.feed({ kind: 'stop' })];
  t.deepEqual(killed(effects), []);
  t.true(effects.some((effect) => effect.kind === 'exit' && effect.detached));
});

test('M4: what has to be killed for its failed stop is not killed beside a deadman', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  trial.end('web', 1);
  trial.end('web');
  t.deepEqual(trial.scripts, ['web stop']);
  trial.quicker = 'deadman';
  trial.pass(1_700);
  t.deepEqual(killed(trial.end('web', 1)), []);
  t.deepEqual(killed(trial.folder(WEB)), []);
  // It has left it to this process.
  const effects = trial.feed({ kind: 'deadman-acted', epoch: 1, after: 0, services: [] });
  t.deepEqual(killed(effects), ['web']);
});

test('M4: what had failed before the deadman demoted it is stopped all the same', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  trial.end('web', 1);
  t.deepEqual(trial.scripts, ['web failed']);
  trial.quicker = 'deadman';
  trial.pass(1_700);
  trial.endAs('web', { kind: 'cut-short' });
  const services = [{ name: 'web', outcome: 'demoted' }] as const;
  const effects = trial.feed({ kind: 'deadman-acted', epoch: 1, after: 150, services });
  t.deepEqual(begun(effects), ['web stop']);
  trial.end('web');
  t.is(trial.stateOf('web'), 'failed');
});
