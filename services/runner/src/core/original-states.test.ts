// What the koi of 2012 documents of a runner's states, row by row: each row's title is what it says, and
// what follows is that it is so here. Its services are original-services.test.ts.
import test, { type ExecutionContext } from 'ava';
import type { RunnerState } from './assignment.ts';
import { SILENT_HEARTBEATS } from './contact.ts';
import type { ServiceDefinition } from './input.ts';
import { DISK, type Row, WEB } from './original.fixture.ts';
import { type Circumstances, stateOf } from './standing.ts';
import { begun, logged, OPTIONS, reports, Trial } from './trial.fixture.ts';

/** A runner that has read its folder and is told to be standby; nothing has run yet. */
function live(...services: readonly ServiceDefinition[]): Trial {
  const trial = new Trial();
  trial.pass(0);
  trial.folder(...services);
  trial.assign();
  return trial;
}

/** A runner whose service has failed, with all that follows from that done. */
function failed(): Trial {
  const trial = Trial.standby(WEB);
  trial.folder(WEB);
  trial.end('web', 1);
  trial.finish();
  return trial;
}

/** What a runner is where everything speaks for the highest state, but for one thing. */
function lowered(change: Partial<Circumstances>, target: 'standby' | 'stopped' = 'standby') {
  const supervision = { failed: false, up: true, promotable: true };
  const mandate = { heard: true, target };
  const best = { supervision, mandate, master: true, leaving: false, inTouch: true };
  return stateOf({ ...best, ...change });
}

const LEVELS: readonly (readonly [RunnerState, RunnerState])[] = [
  [
    lowered({ supervision: { failed: true, up: true, promotable: true }, inTouch: false }),
    'failed',
  ],
  [lowered({ master: false, inTouch: false }, 'stopped'), 'disconnected'],
  [
    lowered(
      { master: false, supervision: { failed: false, up: true, promotable: false } },
      'stopped',
    ),
    'stopped',
  ],
  [lowered({ master: false, supervision: { failed: false, up: true, promotable: false } }), 'live'],
  [lowered({ master: false }), 'standby'],
  [lowered({}), 'master'],
];

const rows: readonly Row[] = [
  {
    row: 'lowest to highest: failed, disconnected, stopped, live, standby, master; the lowest is told',
    holds: (t) => {
      for (const [state, expected] of LEVELS) t.is(state, expected);
    },
  },
  {
    row: 'disconnected: no elector heard',
    holds: (t) => {
      const trial = new Trial();
      trial.pass(0);
      trial.folder(WEB);
      t.is(trial.runner.state, 'disconnected');
      t.deepEqual(trial.scripts, []);
    },
  },
  {
    row: 'stopped: told to stop by the administrator',
    holds: (t) => {
      const trial = Trial.standby(WEB);
      t.deepEqual(begun(trial.assign({ target: 'stopped' })), ['web stop']);
      t.is(trial.runner.state, 'stopped');
    },
  },
  {
    row: 'live: services run, but at least one says that it is not promotable yet',
    holds: (t) => {
      const trial = live(WEB, DISK);
      trial.end('web', 91);
      trial.end('disk', 93);
      t.deepEqual([trial.stateOf('web'), trial.stateOf('disk')], ['started', 'started']);
      t.is(trial.runner.state, 'live');
    },
  },
  {
    row: 'standby: every service is promotable',
    holds: (t) => {
      const trial = live(WEB, DISK);
      trial.end('web', 91);
      trial.end('disk', 91);
      t.is(trial.runner.state, 'standby');
    },
  },
  {
    row: 'master: told to be active by the leader',
    holds: (t) => {
      const trial = Trial.standby(WEB);
      t.deepEqual(begun(trial.promote(1)), ['web promote']);
      t.is(trial.runner.state, 'master');
    },
  },
  ...(['disconnected', 'stopped'] as const).map((from) => ({
    row: `told master below live, from ${from}: live first, and only then master`,
    holds: (t: ExecutionContext) => {
      const trial = from === 'stopped' ? Trial.standby(WEB) : new Trial();
      trial.pass(0);
      trial.folder(WEB);
      if (from === 'stopped') trial.assign({ target: 'stopped' });
      trial.finish(92);
      t.is(trial.runner.state, from);
      trial.promote(1);
      if (from === 'disconnected') trial.end('web', 92);
      t.deepEqual(trial.scripts, ['web start']);
      t.is(trial.runner.state, 'live');
      t.is(trial.script('web').environment.state, 'live');
      t.deepEqual(begun(trial.end('web')), ['web promote']);
      t.is(trial.runner.state, 'master');
      t.is(trial.script('web').environment.state, 'master');
    },
  })),
  {
    row: 'told master at live or above: master, promotable or not',
    holds: (t) => {
      const trial = live(WEB);
      trial.end('web', 93);
      t.is(trial.runner.state, 'live');
      t.deepEqual(begun(trial.promote(1)), ['web promote']);
      t.is(trial.runner.state, 'master');
    },
  },
  {
    row: 'not told master and above standby: to standby',
    holds: (t) => {
      const trial = Trial.master(WEB);
      t.deepEqual(begun(trial.assign({ release: 1 })), ['web demote']);
      t.is(trial.runner.state, 'standby');
      trial.end('web');
      t.is(trial.stateOf('web'), 'started');
    },
  },
  {
    row: 'disconnected and enabled: to live',
    holds: (t) => t.is(live(WEB).runner.state, 'live'),
  },
  {
    row: 'stopped and enabled: to live',
    holds: (t) => {
      const trial = Trial.standby(WEB);
      trial.assign({ target: 'stopped' });
      trial.finish();
      t.is(trial.runner.state, 'stopped');
      t.deepEqual(begun(trial.assign()), ['web start']);
      t.is(trial.runner.state, 'live');
    },
  },
  {
    row: 'disabled by the administrator: to stopped, a master too, demoted first',
    holds: (t) => {
      const trial = Trial.master(WEB);
      t.deepEqual(begun(trial.assign({ target: 'stopped', release: 1 })), ['web demote']);
      t.is(trial.runner.state, 'stopped');
      t.deepEqual(begun(trial.end('web')), ['web stop']);
    },
  },
  {
    row: 'disabled by the administrator: a failed one stays failed',
    holds: (t) => {
      const trial = failed();
      trial.assign({ target: 'stopped' });
      t.is(trial.runner.state, 'failed');
    },
  },
  {
    row: 'all services promotable moves live to standby',
    holds: (t) => {
      const trial = live(WEB);
      trial.end('web', 93);
      trial.folder(WEB);
      trial.end('web', 91);
      t.is(trial.runner.state, 'standby');
    },
  },
  {
    row: 'one that stops being promotable moves standby to live',
    holds: (t) => {
      const trial = Trial.standby(WEB, DISK);
      trial.folder(WEB, DISK);
      trial.end('disk', 93);
      t.is(trial.runner.state, 'live');
      t.deepEqual(trial.scripts, ['web status']);
    },
  },
  {
    // A master that is live is told to be master in the same moment, and so it is promoted again.
    row: 'one that stops being promotable moves master to live, from where it rises again',
    holds: (t) => {
      const trial = Trial.master(WEB);
      trial.folder(WEB);
      t.deepEqual(begun(trial.end('web', 93)), ['web promote']);
      trial.end('web');
      trial.folder(WEB);
      t.deepEqual(begun(trial.end('web', 92)), ['web start']);
      t.is(trial.runner.state, 'live');
      t.deepEqual(begun(trial.end('web')), ['web promote']);
      t.is(trial.runner.state, 'master');
    },
  },
  {
    row: 'any service failure: failed, and all services of the node are taken down',
    holds: (t) => {
      const trial = Trial.master(WEB, DISK);
      trial.folder(WEB, DISK);
      const effects = trial.end('web', 1);
      t.is(reports(effects)[0]?.state, 'failed');
      trial.finish();
      t.deepEqual([trial.stateOf('web'), trial.stateOf('disk')], ['failed', 'stopped']);
      t.false(trial.report?.promoted);
    },
  },
  ...(['active', 'passive'] as const).map((mode) => ({
    // Whom the leader rejects for it is a rule of its own, and a story of the simulator.
    row: `mode ${mode} is reported, by which the leader knows whom it must not make master`,
    holds: (t: ExecutionContext) => {
      const trial = new Trial({ mode });
      trial.pass(0);
      t.is(trial.report?.mode, mode);
    },
  })),
  {
    row: 'no elector heard for a time (here three heartbeats): warned about, and nothing is touched',
    holds: (t) => {
      const trial = Trial.standby(WEB);
      const silence = SILENT_HEARTBEATS * OPTIONS.heartbeat;
      t.notRegex(logged(trial.pass(silence - 1)), /no elector/);
      const effects = trial.pass(1);
      t.regex(logged(effects), /no elector was heard for 600 ms/);
      t.deepEqual(begun(effects), []);
      t.is(trial.runner.state, 'disconnected');
    },
  },
  ...(['no elector is heard', 'the leader has no quorum, and renews nothing'] as const).map(
    (why) => ({
      row: `${why}: a master demotes itself, here when its lease ends`,
      holds: (t: ExecutionContext) => {
        const trial = Trial.master(WEB);
        const heard = why !== 'no elector is heard';
        for (let passed = 0; passed < 1_500; passed += 100) {
          t.deepEqual(begun(trial.pass(100)), []);
          if (heard) trial.feed({ kind: 'elector-heard', elector: 'a' });
        }
        t.is(trial.runner.state, 'master');
        t.deepEqual(begun(trial.pass(100)), ['web demote']);
        t.is(trial.runner.state, heard ? 'standby' : 'disconnected');
      },
    }),
  ),
];

for (const { row, holds } of rows) test(row, holds);
