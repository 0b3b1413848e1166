// What the koi of 2012 documents of services, row by row: what a failure takes down and cuts short, when it is
// forgotten, and the end of the daemon.
import test, { type ExecutionContext } from 'ava';
import { DESCENT_MAX } from './departure.ts';
import type { Action } from './input.ts';
import { answer, DEFAULTS, DISK, type Row, SITE, WEB } from './original.fixture.ts';
import { begun, cut, killed, type OPTIONS, reports, Trial } from './trial.fixture.ts';

function fail(trial: Trial): void {
  answer(trial, 1);
  trial.finish();
}

/** A runner in which a script of a service is under way. */
function during(action: Action): Trial {
  const trial = action === 'start' ? new Trial() : Trial.standby(DISK, SITE);
  trial.pass(0);
  trial.folder(DISK, SITE);
  trial.assign();
  if (action === 'start') {
    trial.finish(92, ['start']);
    trial.end('disk');
    trial.finish(0, ['start']);
  }
  if (action === 'promote') {
    trial.finish();
    trial.promote(1, 600_000);
    trial.end('disk');
    trial.finish(0, ['promote']);
  }
  return trial;
}

/** How long a failure lasts, one after the other. */
function holdsOf(trial: Trial, failures: number): readonly number[] {
  return Array.from({ length: failures }, () => {
    fail(trial);
    const before = trial.now;
    for (let steps = 0; trial.runner.state === 'failed' && steps < 1_000; steps += 1) {
      trial.pass(1_000);
      trial.finish();
    }
    return trial.runner.state === 'failed' ? Number.POSITIVE_INFINITY : trial.now - before;
  });
}

function recovering(recovery: Partial<typeof OPTIONS.recovery>): Trial {
  const trial = new Trial({ recovery: { ...DEFAULTS.recovery, ...recovery } });
  trial.pass(0);
  trial.folder(WEB);
  trial.assign();
  trial.finish();
  return trial;
}

const failures: readonly Row[] = [
  {
    row: 'on failure failed runs, then stop where the service was started',
    holds: (t) => {
      const trial = Trial.standby(WEB);
      t.deepEqual(answer(trial, 1), ['web failed']);
      t.deepEqual(begun(trial.end('web')), ['web stop']);
      t.deepEqual(begun(trial.end('web')), []);
      t.is(trial.stateOf('web'), 'failed');
    },
  },
  {
    row: 'on failure no stop where the service was not started',
    holds: (t) => {
      const trial = Trial.standby(WEB);
      trial.assign({ target: 'stopped' });
      t.deepEqual(begun(trial.end('web', 1)), ['web failed']);
      t.deepEqual(begun(trial.end('web')), []);
    },
  },
  ...(['start', 'promote', 'status'] as const).flatMap((action) => [
    {
      row: `a stop that arrives while ${action} runs cuts it short`,
      holds: (t: ExecutionContext) => {
        const trial = during(action);
        const { run } = trial.script('site');
        t.true(cut(trial.assign({ target: 'stopped' })).includes(run));
      },
    },
    {
      row: `a failure that arrives while ${action} runs cuts it short`,
      holds: (t: ExecutionContext) => {
        const trial = during(action);
        const { run } = trial.script('site');
        if (!trial.scripts.includes('disk status')) trial.folder(DISK, SITE);
        t.true(cut(trial.end('disk', 1)).includes(run));
      },
    },
  ]),
];

const recovery: readonly Row[] = [
  {
    row: 'auto-recovery by default: after 10 s each time, up to 120 times, reset after 30 min',
    holds: (t) => {
      const { attempts, delay, factor, reset } = DEFAULTS.recovery;
      t.deepEqual([attempts, delay, factor, reset], [120, 10_000, 1, 1_800_000]);
      const holds = holdsOf(recovering({}), 121);
      t.deepEqual(new Set(holds.slice(0, 120)), new Set([10_000]));
      t.is(holds[120], Number.POSITIVE_INFINITY);
    },
  },
  {
    row: 'auto-recovery: the delay grows by the factor with each failure',
    holds: (t) => {
      const growing = [10_000, 20_000, 40_000, 80_000];
      t.deepEqual(holdsOf(recovering({ factor: 2 }), 4), growing);
      t.deepEqual(holdsOf(recovering({ factor: 8 }), 3), [10_000, 80_000, 640_000]);
    },
  },
  {
    row: 'auto-recovery: the count is reset after 30 min without failure',
    holds: (t) => {
      const trial = recovering({ factor: 2 });
      t.deepEqual(holdsOf(trial, 2), [10_000, 20_000]);
      trial.pass(1_800_000);
      trial.finish();
      t.deepEqual(holdsOf(trial, 2), [10_000, 20_000]);
    },
  },
  {
    row: 'auto-recovery: the count is reset by recover, which forgets the failure at once',
    holds: (t) => {
      const trial = recovering({ factor: 2 });
      t.deepEqual(holdsOf(trial, 2), [10_000, 20_000]);
      fail(trial);
      t.deepEqual(begun(trial.assign({ recovery: 1 })), ['web start']);
      trial.finish();
      t.deepEqual(holdsOf(trial, 2), [10_000, 20_000]);
    },
  },
  {
    row: 'auto-recovery: 0 turns it off',
    holds: (t) => t.deepEqual(holdsOf(recovering({ attempts: 0 }), 1), [Number.POSITIVE_INFINITY]),
  },
];

const shutdown: readonly Row[] = [
  {
    row: 'shutting the daemon down demotes, then stops its services',
    holds: (t) => {
      const trial = Trial.master(WEB);
      t.deepEqual(begun(trial.feed({ kind: 'stop' })), ['web demote']);
      t.deepEqual(begun(trial.end('web')), ['web stop']);
      trial.end('web');
      trial.pass(2_000);
      t.is(trial.effects.at(-1)?.kind, 'exit');
    },
  },
  {
    row: 'shutting the daemon down: to demote and to stop are each bounded at 360 s',
    holds: (t) => {
      t.is(DESCENT_MAX, 360_000);
      const trial = Trial.master(DISK, SITE);
      trial.promote(1, 10_000_000);
      trial.feed({ kind: 'stop' });
      t.deepEqual(killed(trial.pass(DESCENT_MAX - 1)), []);
      t.deepEqual(killed(trial.pass(1)), ['disk', 'site']);
      for (const service of ['disk', 'site']) trial.feed({ kind: 'killed', service });
      trial.endAs('site', { kind: 'signalled', signal: 'SIGKILL' });
      t.true(trial.scripts.some((run) => run.endsWith('stop')));
      const effects = trial.pass(DESCENT_MAX);
      t.true(killed(effects).length > 0);
      t.is(effects.at(-1)?.kind, 'exit');
    },
  },
  {
    row: 'shutting the daemon down: services that stop in time are not killed',
    holds: (t) => {
      const trial = Trial.standby(DISK, SITE);
      trial.feed({ kind: 'stop' });
      trial.pass(DESCENT_MAX - 1);
      trial.end('site');
      t.deepEqual(trial.scripts, ['disk stop']);
      t.is(reports(trial.effects).at(-1)?.state, 'stopped');
      t.deepEqual(killed(trial.effects), []);
      t.is(trial.end('disk').at(-1)?.kind, 'exit');
    },
  },
];

for (const { row, holds } of [failures, recovery, shutdown].flat()) test(row, holds);
