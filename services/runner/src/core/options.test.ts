// What a reload of the configuration changes in a runner that runs.
import test from 'ava';
import type { ChangeableOptions } from './options.ts';
import { definition, OPTIONS, reports, Trial } from './trial.fixture.ts';

const { mode, priority, statusInterval, timeouts, recovery } = OPTIONS;
const UNCHANGED: ChangeableOptions = { mode, priority, statusInterval, timeouts, recovery };

function reload(trial: Trial, change: Partial<ChangeableOptions>) {
  return trial.feed({ kind: 'options', options: { ...UNCHANGED, ...change } });
}

test('mode and priority are reported at once', (t) => {
  const trial = Trial.standby(definition('web'));
  const [report] = reports(reload(trial, { mode: 'passive', priority: 7 }));
  t.like(report, { mode: 'passive', priority: 7 });
});

test('nothing that has changed is nothing to report', (t) => {
  const trial = Trial.standby(definition('web'));
  t.deepEqual(reload(trial, {}), []);
});

test('the next status comes by the new interval, sooner if that is shorter', (t) => {
  const trial = Trial.standby(definition('web'));
  reload(trial, { statusInterval: 1_000 });
  const kinds = (duration: number) =>
    trial.pass(duration).filter(({ kind }) => kind === 'read-folder').length;
  t.is(kinds(900), 0);
  t.is(kinds(100), 1);
  t.is(kinds(3_000), 3);
});

test('scripts that start from now on have the new time-outs', (t) => {
  const trial = Trial.standby(definition('web'));
  reload(trial, { timeouts: { ...timeouts, promote: 5_000 } });
  trial.promote(1);
  const run = [...trial.running.values()].find(({ action }) => action === 'promote');
  t.is(run?.timeout, 5_000);
});

test('the next failure is remembered by the new rule, an earlier one keeps its delay', (t) => {
  const trial = Trial.standby(definition('web'));
  reload(trial, { recovery: { ...recovery, delay: 60_000 } });
  trial.pass(10_000);
  trial.folder(definition('web'));
  trial.finish(1);
  trial.finish();
  t.is(trial.stateOf('web'), 'failed');
  reload(trial, { recovery: { ...recovery, delay: 1_000 } });
  trial.pass(50_000);
  trial.finish();
  t.is(trial.stateOf('web'), 'failed');
  trial.pass(11_000);
  t.not(trial.stateOf('web'), 'failed');
});

test('the options that it was given stay as they are', (t) => {
  reload(Trial.standby(definition('web')), { recovery: { ...recovery, delay: 1 } });
  t.is(OPTIONS.recovery.delay, 10_000);
});
