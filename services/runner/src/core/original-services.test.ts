// What the koi of 2012 documents of services, row by row, as far as the core decides it: order, exit codes,
// time-outs. Failures are original-failures.test.ts, files and processes io/original-scripts.test.ts.
import test from 'ava';
import type { RunnerState, ServiceState } from './assignment.ts';
import type { Action } from './input.ts';
import { answer, DEFAULTS, DISK, type Row, SITE, WEB } from './original.fixture.ts';
import { begun, Trial } from './trial.fixture.ts';

const order: readonly Row[] = [
  {
    row: 'start and promote run from low to high priority, the next waits until the lower one is up or promoted',
    holds: (t) => {
      const trial = new Trial();
      trial.pass(0);
      trial.folder(SITE, DISK);
      trial.assign();
      trial.finish(92, ['start']);
      t.deepEqual(trial.scripts, ['disk start']);
      t.true(begun(trial.end('disk')).includes('site start'));
      trial.finish();
      t.deepEqual(begun(trial.promote(1)), ['disk promote']);
      t.deepEqual(
        begun(trial.end('disk')).filter((run) => !run.endsWith('status')),
        ['site promote'],
      );
    },
  },
  {
    row: 'stop and demote run from high to low',
    holds: (t) => {
      const trial = Trial.master(DISK, SITE);
      t.deepEqual(begun(trial.assign({ release: 1 })), ['site demote']);
      t.true(begun(trial.end('site')).includes('disk demote'));
      trial.finish();
      t.deepEqual(begun(trial.assign({ target: 'stopped' })), ['site stop']);
      t.deepEqual(begun(trial.end('site')), ['disk stop']);
    },
  },
  {
    row: 'services without a priority wait for nobody, and nobody waits for them',
    holds: (t) => {
      const trial = Trial.standby(WEB, DISK);
      t.deepEqual(begun(trial.promote(1)), ['disk promote', 'web promote']);
      trial.finish();
      t.deepEqual(begun(trial.assign({ release: 1 })), ['disk demote', 'web demote']);
    },
  },
  {
    row: 'status runs for all at once',
    holds: (t) => {
      const trial = Trial.standby(WEB, DISK, SITE);
      const statuses = ['disk status', 'site status', 'web status'];
      t.deepEqual(begun(trial.folder(WEB, DISK, SITE)), statuses);
    },
  },
];

const FOUND: readonly (readonly [
  'standby' | 'master',
  number,
  string,
  ServiceState,
  RunnerState,
  readonly string[],
])[] = [
  ['standby', 0, 'success', 'started', 'standby', []],
  ['standby', 1, 'failure', 'failing', 'failed', ['web failed']],
  ['standby', 2, 'anything else is failure', 'failing', 'failed', ['web failed']],
  ['standby', 94, 'anything else is failure', 'failing', 'failed', ['web failed']],
  ['standby', 255, 'anything else is failure', 'failing', 'failed', ['web failed']],
  [
    'standby',
    90,
    'found promoted on a standby, it is demoted',
    'demoting',
    'standby',
    ['web demote'],
  ],
  ['standby', 91, 'running as slave', 'started', 'standby', []],
  ['standby', 92, 'found stopped, it is started again', 'starting', 'live', ['web start']],
  ['standby', 93, 'running, not promotable', 'started', 'live', []],
  ['master', 0, 'success', 'promoted', 'master', []],
  ['master', 1, 'failure', 'failing', 'failed', ['web failed']],
  ['master', 90, 'running as master', 'promoted', 'master', []],
  ['master', 91, 'running as slave, it is promoted', 'promoting', 'master', ['web promote']],
  ['master', 92, 'found stopped, it is started again', 'starting', 'live', ['web start']],
  ['master', 93, 'running, not promotable: promoted again', 'promoting', 'master', ['web promote']],
];

const codes: readonly Row[] = FOUND.map(([role, code, meaning, state, runner, scripts]) => ({
  row: `status ${code} on a ${role}: ${meaning}, and acted on at once`,
  holds: (t) => {
    const trial = role === 'master' ? Trial.master(WEB) : Trial.standby(WEB);
    t.deepEqual(answer(trial, code), scripts);
    t.is(trial.stateOf('web'), state);
    t.is(trial.runner.state, runner);
  },
}));

const promotable: readonly Row[] = [0, 90, 91, 92, 93].map((code) => ({
  row: `promotable after a status of 0, 90 or 91: ${code}`,
  holds: (t) => {
    const trial = Trial.standby(WEB);
    answer(trial, 93);
    t.false(trial.runner.services[0]?.promotable);
    answer(trial, code);
    t.is(trial.runner.services[0]?.promotable, [0, 90, 91].includes(code));
  },
}));

const SEEN: readonly (readonly [ServiceState, (trial: Trial) => void])[] = [
  ['stopped', (trial) => trial.folder(WEB)],
  ['starting', (trial) => trial.end('web', 92)],
  ['started', (trial) => trial.finish()],
  ['promoting', (trial) => trial.promote(1, 1_000_000)],
  ['promoted', (trial) => trial.finish()],
  ['demoting', (trial) => trial.assign({ release: 1 })],
  ['started', (trial) => trial.finish()],
  ['stopping', (trial) => trial.assign({ target: 'stopped' })],
  ['stopped', (trial) => trial.finish()],
  ['starting', (trial) => trial.assign()],
  ['failing', (trial) => trial.end('web', 1)],
  ['failed', (trial) => trial.finish()],
];

const states: readonly Row[] = [
  {
    row: 'service states: failed, failing, stopped, stopping, starting, started, demoting, promoting, promoted',
    holds: (t) => {
      const trial = new Trial();
      trial.pass(0);
      trial.assign();
      for (const [state, play] of SEEN) {
        play(trial);
        t.is(trial.runner.services[0]?.state, state);
      }
      t.is(new Set(SEEN.map(([state]) => state)).size, 9);
    },
  },
];

const LIMITS: readonly (readonly [Action, number])[] = [
  ['start', 360_000],
  ['stop', 360_000],
  ['status', 120_000],
  ['promote', 30_000],
  ['demote', 30_000],
  ['failed', 20_000],
];

const timeouts: readonly Row[] = LIMITS.map(([action, limit]) => ({
  row: `time-out of ${action}: ${limit / 1_000} s, and the service has failed`,
  holds: (t) => {
    const trial = new Trial({ timeouts: DEFAULTS.timeouts });
    trial.pass(0);
    trial.folder(WEB);
    trial.assign();
    if (action !== 'start') trial.finish();
    if (action === 'promote' || action === 'demote') trial.promote(1, 1_000_000);
    if (action === 'demote') trial.finish();
    if (action === 'demote') trial.assign({ release: 1 });
    if (action === 'stop') trial.assign({ target: 'stopped' });
    if (action === 'status' || action === 'failed') trial.folder(WEB);
    if (action === 'failed') trial.end('web', 1);
    if (action === 'start') trial.end('web', 92);
    t.is(trial.script('web').action, action);
    t.is(trial.script('web').timeout, limit);
    trial.endAs('web', { kind: 'timed-out', after: limit });
    t.is(trial.runner.state, 'failed');
    t.regex(trial.runner.services[0]?.failure ?? '', /./);
  },
}));

const rows = [order, codes, promotable, states, timeouts].flat();

for (const { row, holds } of rows) test(row, holds);
