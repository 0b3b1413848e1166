// What the koi of 2012 documents of services' scripts, row by row, as far as it is about processes: a whole
// runner, whose scripts are real. What is the core's alone is core/original-services.test.ts.
import test, { type ExecutionContext } from 'ava';
import type { Action } from '../core/input.ts';
import { OPTIONS } from '../core/trial.fixture.ts';
import { RunnerStage } from './runner-stage.fixture.ts';

interface Row {
  readonly row: string;
  readonly holds: (t: ExecutionContext) => Promise<void>;
}

/** Hangs, and hears of SIGTERM without ending by it. */
const HANGS = "trap 'echo it hears SIGTERM' TERM\necho it hangs\nwhile :; do sleep 0.1; done";

/** A command that succeeds if a script was run before. */
function ranBefore(script: string): string {
  return `grep -q '^${script} ' ../../trace`;
}

const running: readonly Row[] = [
  {
    row: "environment: KOI_IS_PROMOTED and KOI_STATE, the runner's state",
    holds: async (t) => {
      const stage = await RunnerStage.master(t, ['web']);
      await stage.holds('a status', () => stage.trace.includes('web status 1 master'));
      stage.order('stopped');
      await stage.stateOf('web', 'stopped');
      const runs = ['start 0 live', 'promote 1 master', 'demote 1 stopped', 'stop 0 stopped'];
      for (const run of runs) t.true(stage.trace.includes(`web ${run}`), run);
    },
  },
  {
    row: "output of scripts goes to the daemon's log, with the service's name",
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web']);
      const { service, action } = await stage.until('its line', () =>
        stage.lines.find(({ text }) => text.startsWith('start 0 in ')),
      );
      t.deepEqual([service, action], ['web', 'start']);
    },
  },
  {
    row: 'start and promote from low to high, stop and demote from high to low, one after the other',
    holds: async (t) => {
      const end = `echo "$KOI_SERVICE $KOI_ACTION-done" >>"$PWD/../../trace"`;
      const stage = await RunnerStage.open(t, (opened) => {
        for (const entry of ['20-site', '10-disk']) opened.add(entry);
        for (const service of ['site', 'disk']) {
          for (const action of ['start', 'stop', 'promote', 'demote'] as const) {
            opened.answer(service, action, `sleep 0.05\n${end}`);
          }
        }
      });
      await stage.state('standby');
      stage.order('master');
      await stage.stateOf('site', 'promoted');
      stage.order('stopped');
      await stage.stateOf('disk', 'stopped');
      const up = (action: Action) => both(['disk', 'site'], action);
      const down = (action: Action) => both(['site', 'disk'], action);
      t.deepEqual(only(stage.scripts, ['start', 'promote']), [...up('start'), ...up('promote')]);
      t.deepEqual(only(stage.scripts, ['demote']), down('demote'));
      t.deepEqual(only(stage.scripts, ['stop']), down('stop'));
    },
  },
  {
    row: 'status 92: a service found stopped is started again at once',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web']);
      stage.answer('web', 'status', '[ "$KOI_STATE" != standby ] || exit 92');
      await stage.holds('a second start', () => stage.scripts.length > 1);
      t.deepEqual(stage.scripts.slice(0, 2), ['web start', 'web start']);
    },
  },
  {
    row: 'status 90: a service found promoted on a standby is demoted at once',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web']);
      stage.answer('web', 'status', 'exit 90');
      await stage.runs('web demote');
      t.is(stage.scripts[1], 'web demote');
    },
  },
  {
    row: 'status 91 and 93: the truth about what is promotable, and what runs is not started',
    holds: async (t) => {
      const stage = await RunnerStage.open(t, (opened) => {
        opened.add('web');
        opened.answer('web', 'status', 'exit 93');
      });
      await stage.stateOf('web', 'started');
      t.is(stage.core.state, 'live');
      stage.answer('web', 'status', 'exit 91');
      await stage.state('standby');
      t.deepEqual(stage.scripts, []);
    },
  },
  {
    row: 'status 1: failure, failed runs, then stop, and all other services are taken down',
    holds: async (t) => {
      const stage = await RunnerStage.master(t, ['web', 'mail']);
      stage.answer('web', 'status', 'exit 1');
      await stage.stateOf('web', 'failed');
      await stage.stateOf('mail', 'stopped');
      t.is(stage.core.state, 'failed');
      const of = (name: string) => stage.scripts.filter((run) => run.startsWith(name)).slice(2);
      t.deepEqual(of('web'), ['web failed', 'web stop']);
      t.deepEqual(of('mail'), ['mail demote', 'mail stop']);
    },
  },
  {
    row: 'auto-recovery: the failure is forgotten by itself and the services start again',
    holds: async (t) => {
      const recovery = { attempts: 1, delay: 200, factor: 1, reset: 1_800_000 };
      const stage = await RunnerStage.standby(t, ['web'], { core: { recovery } });
      // Bad until it has failed.
      stage.answer('web', 'status', `${ranBefore('web failed')} || exit 1`);
      await stage.holds('another start', () => stage.scripts.length > 3);
      await stage.state('standby');
      t.deepEqual(stage.scripts, ['web start', 'web failed', 'web stop', 'web start']);
    },
  },
];

const ending: readonly Row[] = [
  ...(['start', 'stop', 'status', 'promote', 'demote'] as const).map((action) => ({
    row: `time-out of ${action}: SIGTERM, 1 s later SIGKILL, and the service has failed`,
    holds: async (t: ExecutionContext) => {
      const timeouts = { ...OPTIONS.timeouts, [action]: 1_000 };
      const prepare = (opened: RunnerStage): void => {
        opened.add('web');
        // A bad status of what is stopped is no failure: this one hangs when it is started.
        const when = action === 'status' ? `${ranBefore('web start')} || exit 0\n` : '';
        opened.answer('web', action, `${when}${HANGS}`);
      };
      const stage = await RunnerStage.open(t, prepare, { core: { timeouts } });
      if (!['start', 'status'].includes(action)) await stage.state('standby');
      if (action === 'promote' || action === 'demote') stage.order('master');
      if (action === 'demote') await stage.stateOf('web', 'promoted');
      if (action === 'demote') stage.order('standby');
      if (action === 'stop') stage.order('stopped');
      await stage.stateOf('web', 'failed');
      await stage.line(/^it hears SIGTERM$/);
      const why = `web has failed: ${action} was ended because it ran longer than 1.0 s after`;
      const [, seconds] = await stage.line(new RegExp(`^${why} (\\d+\\.\\d+) s;`));
      t.true(Number(seconds) >= 1.9, `${seconds} s`);
      t.is(stage.core.state, 'failed');
    },
  })),
  {
    row: 'time-out of failed: the service is stopped all the same',
    holds: async (t) => {
      const timeouts = { ...OPTIONS.timeouts, failed: 300 };
      const stage = await RunnerStage.standby(t, ['web'], { core: { timeouts } });
      stage.answer('web', 'failed', 'exec sleep 1000');
      stage.answer('web', 'status', 'exit 1');
      await stage.stateOf('web', 'failed');
      t.deepEqual(stage.scripts.slice(1), ['web failed', 'web stop']);
    },
  },
  ...(['start', 'promote', 'status'] as const).flatMap((action) =>
    (['stop', 'fail'] as const).map((event) => ({
      row: `a ${event} that arrives while ${action} runs cuts it short: SIGTERM, then SIGKILL`,
      holds: async (t: ExecutionContext) => {
        const stage = await RunnerStage.open(t, (opened) => {
          opened.add('web');
          opened.add('mail');
        });
        await stage.state('standby');
        if (action === 'start') stage.order('stopped');
        if (action === 'start') await stage.stateOf('web', 'stopped');
        stage.answer('web', action, HANGS);
        if (action === 'start') stage.order('standby');
        if (action === 'promote') stage.order('master');
        await stage.line(/^it hangs$/);
        if (event === 'stop') stage.order('stopped');
        else stage.answer('mail', 'status', 'exit 1');
        await stage.line(new RegExp(`web: ${action} is cut short`));
        await stage.line(/^it hears SIGTERM$/);
        await stage.stateOf('web', 'stopped');
        t.is(stage.scripts.filter((run) => run.startsWith('web')).at(-1), 'web stop');
      },
    })),
  ),
  {
    row: 'shutting the daemon down demotes, then stops its services, and then it ends',
    holds: async (t) => {
      const stage = await RunnerStage.master(t, ['web']);
      stage.end();
      await stage.holds('its end', () => stage.exited);
      t.deepEqual(stage.scripts, ['web start', 'web promote', 'web demote', 'web stop']);
    },
  },
];

/** What two services note of an action, one after the other. */
function both(services: readonly string[], action: Action): readonly string[] {
  return services.flatMap((service) => [`${service} ${action}`, `${service} ${action}-done`]);
}

function only(runs: readonly string[], actions: readonly Action[]): readonly string[] {
  return runs.filter((run) => {
    const [, what = ''] = run.split(' ');
    return actions.some((action) => what === action || what === `${action}-done`);
  });
}

for (const { row, holds } of [running, ending].flat()) test.serial(row, holds);
