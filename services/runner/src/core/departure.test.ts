// The clean end of the daemon: everything down, the role released, then exit.
import test from 'ava';
import { begun, cut, definition, killed, reports, Trial } from './trial.fixture.ts';

const WEB = definition('web');

test('the end: demote, stop, release when a leader says so, then exit', (t) => {
  const trial = Trial.master(WEB);
  const effects = trial.feed({ kind: 'stop' });
  t.deepEqual(begun(effects), ['web demote']);
  t.is(reports(effects)[0]?.state, 'stopped');
  trial.assign({ release: 1 });
  t.deepEqual(begun(trial.end('web')), ['web stop']);
  const kinds = trial.end('web').map(({ kind }) => kind);
  t.deepEqual(kinds.slice(-3), ['report', 'log', 'exit']);
  t.is(trial.runner.deadline, Number.POSITIVE_INFINITY);
  t.deepEqual(trial.feed({ kind: 'time' }), []);
});

test('the end waits a bounded time for leave to release', (t) => {
  const trial = Trial.master(WEB);
  trial.feed({ kind: 'stop' });
  trial.assign({ lease: { epoch: 1, duration: 60_000 } });
  trial.finish();
  for (let beat = 0; beat < 5; beat += 1) {
    t.true(trial.effects.every(({ kind }) => kind !== 'exit'));
    trial.feed({ kind: 'elector-heard', elector: 'a' });
    trial.pass(200);
  }
  t.is(trial.effects.at(-1)?.kind, 'exit');
});

test('the end of a standby waits for nobody', (t) => {
  const trial = Trial.standby(WEB);
  trial.feed({ kind: 'stop' });
  t.is(trial.end('web').at(-1)?.kind, 'exit');
});

test('the end cuts a status short', (t) => {
  const trial = Trial.standby(WEB);
  trial.assign({ target: 'stopped' });
  trial.finish();
  trial.folder(WEB);
  t.deepEqual(trial.scripts, ['web status']);
  t.is(cut(trial.feed({ kind: 'stop' })).length, 1);
  t.is(trial.endAs('web', { kind: 'cut-short' }).at(-1)?.kind, 'exit');
});

test('the end in maintenance leaves services as they are', (t) => {
  const trial = Trial.master(WEB);
  trial.assign({ target: 'master', maintenance: { on: true, change: 1 } });
  const effects = trial.feed({ kind: 'stop' });
  t.deepEqual(begun(effects), []);
  t.is(effects.at(-1)?.kind, 'exit');
});

test('a second order to end kills and exits', (t) => {
  const trial = Trial.master(WEB);
  trial.feed({ kind: 'stop' });
  const effects = trial.feed({ kind: 'stop' });
  t.deepEqual(killed(effects), ['web']);
  t.is(effects.at(-1)?.kind, 'exit');
});
