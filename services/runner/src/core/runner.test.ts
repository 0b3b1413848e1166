// What a runner makes of its services: states, statuses, the folder, contact. The M-rules are in
// mandate.test.ts and maintenance.test.ts, failures in recovery.test.ts.
import test from 'ava';
import type { RunnerState, ServiceState } from './assignment.ts';
import {
  begun,
  cut,
  definition,
  killed,
  logged,
  OPTIONS,
  reports,
  Trial,
} from './trial.fixture.ts';

const WEB = definition('web');
const DISK = definition('disk', 10);
const SITE = definition('site', 20);

test('a runner rises from disconnected over live to standby and master', (t) => {
  const trial = new Trial();
  trial.pass(0);
  t.is(trial.runner.state, 'disconnected');
  trial.folder(WEB);
  trial.assign();
  t.is(trial.runner.state, 'live');
  trial.end('web', 92);
  trial.end('web');
  t.deepEqual(trial.scripts, ['web status']);
  t.is(trial.runner.state, 'live');
  trial.end('web');
  t.is(trial.runner.state, 'standby');
  trial.promote(1);
  t.is(trial.runner.state, 'master');
});

test('a runner without services is promotable, but not before the folder was read', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.assign();
  t.is(trial.runner.state, 'live');
  trial.folder();
  t.is(trial.runner.state, 'standby');
});

const codes: readonly (readonly [number, RunnerState, ServiceState, readonly string[]])[] = [
  [0, 'standby', 'started', []],
  [91, 'standby', 'started', []],
  [93, 'live', 'started', []],
  [92, 'live', 'starting', ['web start']],
  [90, 'standby', 'demoting', ['web demote']],
  [1, 'failed', 'failing', ['web failed']],
];

for (const [code, runner, service, scripts] of codes) {
  test(`a status of ${code} on a standby: ${runner}, ${service}`, (t) => {
    const trial = Trial.standby(WEB);
    trial.folder(WEB);
    t.deepEqual(begun(trial.end('web', code)), scripts);
    t.is(trial.runner.state, runner);
    t.is(trial.stateOf('web'), service);
  });
}

for (const [code, service, scripts] of [
  [0, 'promoted', []],
  [90, 'promoted', []],
  [91, 'promoting', ['web promote']],
  [93, 'promoting', ['web promote']],
  [92, 'starting', ['web start']],
  [1, 'failing', ['web failed']],
] as const) {
  test(`a status of ${code} on a master: ${service}`, (t) => {
    const trial = Trial.master(WEB);
    trial.folder(WEB);
    t.deepEqual(begun(trial.end('web', code)), scripts);
    t.is(trial.stateOf('web'), service);
  });
}

test('a service that runs already is not started again', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(WEB);
  trial.assign();
  t.deepEqual(begun(trial.end('web', 91)), []);
  t.is(trial.runner.state, 'standby');
});

test('statuses run for all at once, each interval, after the folder was read', (t) => {
  const trial = Trial.standby(DISK, SITE);
  const effects = trial.pass(10_000);
  t.deepEqual(begun(effects), []);
  t.is(effects.filter(({ kind }) => kind === 'read-folder').length, 1);
  t.deepEqual(begun(trial.folder(DISK, SITE)), ['disk status', 'site status']);
  t.deepEqual(begun(trial.pass(10_000)), []);
  t.deepEqual(begun(trial.folder(DISK, SITE)), []);
});

test('a folder that cannot be read is said, and statuses run all the same', (t) => {
  const trial = Trial.standby(WEB);
  const effects = trial.feed({ kind: 'folder-failed', reason: 'no such directory' });
  t.regex(logged(effects), /no such directory/);
  t.deepEqual(begun(effects), ['web status']);
});

test('a promotion does not wait for a status, which runs again afterwards', (t) => {
  const trial = Trial.standby(WEB);
  trial.folder(WEB);
  const { run } = trial.script('web');
  t.deepEqual(cut(trial.promote(1)), [run]);
  t.deepEqual(begun(trial.endAs('web', { kind: 'cut-short' })), ['web promote']);
  t.deepEqual(begun(trial.end('web')), ['web status']);
});

test('a stop cuts a start short, and stops what it began before it may start again', (t) => {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(WEB);
  trial.assign();
  trial.end('web', 92);
  const { run } = trial.script('web');
  t.deepEqual(cut(trial.assign({ target: 'stopped' })), [run]);
  t.deepEqual(cut(trial.assign()), []);
  t.deepEqual(begun(trial.endAs('web', { kind: 'cut-short' })), ['web stop']);
  t.deepEqual(begun(trial.end('web')), ['web start']);
});

test('a stop cuts a promote short, demotes what it began and stops it', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  t.is(cut(trial.assign({ target: 'stopped' })).length, 1);
  t.deepEqual(begun(trial.endAs('web', { kind: 'cut-short' })), ['web demote']);
  t.deepEqual(begun(trial.end('web')), ['web stop']);
});

test('a disabled service is stopped, and the runner counts as failed until it is enabled', (t) => {
  const trial = Trial.standby(DISK, SITE);
  const effects = trial.folder(DISK, definition('site', 20, true));
  t.is(reports(effects)[0]?.state, 'failed');
  trial.finish();
  t.deepEqual([trial.stateOf('disk'), trial.stateOf('site')], ['stopped', 'stopped']);
  trial.folder(DISK, SITE);
  trial.finish();
  t.is(trial.runner.state, 'standby');
  t.is(trial.report?.sinceFailure, undefined);
});

test('a new entry joins, a removed one is stopped first, a changed one is logged', (t) => {
  const trial = Trial.standby(DISK);
  t.deepEqual(begun(trial.folder(DISK, SITE)), ['disk status', 'site status']);
  trial.finish();
  t.is(trial.stateOf('site'), 'started');
  t.regex(
    logged(trial.folder(DISK, { ...SITE, fingerprint: '2' })),
    /site: its scripts have changed/,
  );
  trial.finish();
  trial.folder(DISK);
  t.true(trial.scripts.includes('site stop'));
  trial.finish();
  t.is(trial.stateOf('site'), undefined);
  t.is(trial.runner.state, 'standby');
});

test('a removed entry whose scripts are gone is killed, and nobody fails for it', (t) => {
  const trial = Trial.master(DISK, SITE);
  trial.folder(DISK);
  const end = { kind: 'not-started', reason: 'its directory is gone' } as const;
  t.deepEqual(killed(trial.endAs('site', end)), ['site']);
  t.true(trial.report?.promoted);
  trial.feed({ kind: 'killed', service: 'site' });
  t.is(trial.stateOf('site'), undefined);
  t.is(trial.runner.state, 'master');
});

test('an entry that goes before the folder is read again has left, and nobody fails for it', (t) => {
  const gone = { kind: 'gone', reason: 'its directory is gone' } as const;
  for (const action of ['status', 'start', 'promote', 'demote', 'stop'] as const) {
    const trial = Trial.standby(DISK, SITE);
    if (action === 'start' || action === 'stop') trial.assign({ target: 'stopped' });
    if (action === 'start') trial.finish();
    if (action === 'start') trial.assign();
    if (action === 'start') trial.end('disk');
    if (action === 'promote' || action === 'demote') trial.promote(1);
    if (action === 'promote') trial.end('disk');
    if (action === 'demote') trial.finish();
    if (action === 'demote') trial.assign({ release: 1 });
    if (action === 'status') trial.folder(DISK, SITE);
    t.is(trial.script('site').action, action);
    trial.endAs('site', gone);
    // What is left of it is taken down as far as there are scripts for that, and then killed.
    if (action === 'status') t.deepEqual(killed(trial.endAs('site', gone)), ['site']);
    t.not(trial.runner.state, 'failed', action);
    trial.feed({ kind: 'killed', service: 'site' });
    t.is(trial.stateOf('site'), undefined, action);
    t.deepEqual(trial.report?.failures, [], action);
  }
});

test('an entry that was gone for a moment only is stopped, and starts again', (t) => {
  const trial = Trial.standby(WEB);
  trial.folder(WEB);
  t.deepEqual(begun(trial.endAs('web', { kind: 'gone', reason: 'x' })), ['web stop']);
  trial.folder(WEB);
  t.deepEqual(begun(trial.end('web')), ['web start']);
  trial.finish();
  t.is(trial.runner.state, 'standby');
});

test('without electors services stay as they are, and the runner says disconnected', (t) => {
  const trial = Trial.standby(WEB);
  const effects = trial.pass(600);
  t.is(trial.runner.state, 'disconnected');
  t.regex(logged(effects), /no elector was heard for 600 ms/);
  t.is(trial.stateOf('web'), 'started');
  trial.feed({ kind: 'elector-heard', elector: 'b' });
  t.is(trial.runner.state, 'standby');
});

test('a master without electors is master until its lease ends', (t) => {
  const trial = Trial.master(WEB);
  trial.pass(1_599);
  t.is(trial.runner.state, 'master');
  trial.pass(1);
  t.is(trial.runner.state, 'disconnected');
});

test('an order to read the configuration again acts once', (t) => {
  const trial = Trial.standby(WEB);
  const asked = (reconfigure: number): number =>
    trial.assign({ reconfigure }).filter(({ kind }) => kind === 'reconfigure').length;
  t.deepEqual([asked(1), asked(1), asked(2)], [1, 0, 1]);
});

test('scripts are told what they are run for', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(3);
  const { environment, timeout } = trial.script('web');
  t.deepEqual(environment, { promoted: true, state: 'master', epoch: 3, master: 'a' });
  t.is(timeout, OPTIONS.timeouts.promote);
});

test('a report tells of the script that runs', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(1);
  trial.feed({ kind: 'script-started', run: trial.script('web').run, processId: 4711 });
  const [service] = trial.runner.services;
  t.is(service?.action, 'promote');
  t.is(service?.processId, 4711);
});

test('the description is a sentence', (t) => {
  const trial = Trial.standby(WEB);
  trial.promote(3, 1_600, { reason: 'the longest uptime' });
  t.is(trial.runner.description, 'master, lease of epoch 3 for 1.6 s: the longest uptime');
});
