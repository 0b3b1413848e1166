// Services that misbehave, one way each, under a whole runner: what becomes of the service, of its processes
// and of the runner. What each script's end is taken for by itself is in script.test.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { OPTIONS } from '../core/trial.fixture.ts';
import { RunnerStage, type RunnerStageOptions } from './runner-stage.fixture.ts';
import { LINES_PER_SECOND } from './script-output.ts';
import { FIXTURES, isRunning } from './script-stage.fixture.ts';

const FLOOD_LINES = Math.ceil(100_000_000 / 'one of very many lines\n'.length);

/** A runner with one of the fixtures in its folder, without some of its scripts. */
function open(
  t: ExecutionContext,
  fixture: string,
  options: RunnerStageOptions & { readonly without?: string } = {},
): Promise<RunnerStage> {
  const prepare = async (stage: RunnerStage): Promise<void> => {
    await stage.addFixture(fixture);
    const { without } = options;
    if (without !== undefined) await rm(join(stage.services, fixture, without));
  };
  return RunnerStage.open(t, prepare, options);
}

/** The process that a script says it has left. */
async function left(stage: RunnerStage): Promise<number> {
  return Number((await stage.line(/^(?:child|daemon) (\d+)$/))[1]);
}

test.serial(
  'ignores SIGTERM: killed a second after its time is over, its child with it',
  async (t) => {
    const core = { timeouts: { ...OPTIONS.timeouts, start: 1_500 } };
    const stage = await open(t, 'ignores-term', { core });
    const child = await left(stage);
    await stage.stateOf('ignores-term', 'failed');
    t.false(isRunning(child));
    t.is(stage.core.state, 'failed');
  },
);

for (const fixture of ['forks-child', 'double-forks'] as const) {
  for (const groupsOnly of [false, true]) {
    const how = groupsOnly ? 'by process group' : 'by cgroup, where there are any';

    test.serial(
      `${fixture}: a daemon runs on after its start, and dies with its service (${how})`,
      async (t) => {
        const stage = await open(t, fixture, { groupsOnly });
        const daemon = await left(stage);
        await stage.state('standby');
        t.true(isRunning(daemon));
        const warnings = stage.lines.filter(({ text }) => text.includes('no cgroups of their own'));
        const escapes = fixture === 'double-forks' && warnings.length > 0;
        // Once, whatever comes.
        t.is(warnings.length, groupsOnly ? 1 : Math.min(1, warnings.length));
        // Told twice to end, the daemon kills.
        stage.end();
        stage.end();
        await stage.holds('its end', () => stage.exited);
        if (escapes) {
          t.true(isRunning(daemon));
          process.kill(daemon, 'SIGKILL');
        }
        await stage.holds("the daemon's end", () => !isRunning(daemon));
      },
    );
  }
}

test.serial(
  'floods 100 MB of output: promoted all the same, and every line is counted',
  async (t) => {
    const stage = await open(t, 'floods-output', { without: 'start' });
    await stage.state('standby');
    stage.order('master');
    await stage.stateOf('floods-output', 'promoted');
    const counted = (): number => {
      const lines = stage.lines.filter(({ action }) => action === 'promote');
      const counts = lines.map(({ text }) =>
        Number(/(\d+) more lines dropped/.exec(text)?.[1] ?? 1),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    };
    await stage.holds('all lines', () => counted() === FLOOD_LINES);
    const said = stage.lines.filter(({ text }) => text === 'one of very many lines').length;
    t.true(said >= LINES_PER_SECOND);
    t.true(said < FLOOD_LINES / 10);
  },
);

test.serial('floods without end: it is cut short by a stop like any other', async (t) => {
  const stage = await open(t, 'floods-output');
  await stage.line(/^one of very many lines$/);
  stage.order('stopped');
  await stage.stateOf('floods-output', 'stopped');
  await stage.line(/start is cut short: it is to be stopped/);
  t.is(stage.core.state, 'stopped');
});

test.serial('disappears while it runs: its end counts, and then it has left', async (t) => {
  const stage = await open(t, 'disappears');
  await stage.line(/disappears has failed: start exited with code 7/);
  // Its stop takes the whole directory along.
  await stage.holds('its leaving', () => stage.core.services.length === 0);
  await stage.state('standby');
  const said = () => stage.lines.filter(({ text }) => text === 'still here').length;
  await stage.holds('its words', () => said() === 2);
  t.is(stage.core.state, 'standby');
});

test.serial(
  'disappears while it is promoted: what is left of it is killed, and nobody else is touched',
  async (t) => {
    const stage = await RunnerStage.open(t, async (opened) => {
      await opened.addFixture('forks-child');
      opened.add('web');
    });
    await stage.state('standby');
    stage.order('master');
    await stage.stateOf('forks-child', 'promoted');
    await stage.stateOf('web', 'promoted');
    const children = await stage.until('both children', () => {
      const said = stage.lines.flatMap(({ text }) => /^child (\d+)$/.exec(text)?.[1] ?? []);
      return said.length === 2 ? said : undefined;
    });
    await rm(join(stage.services, 'forks-child'), { recursive: true });
    await stage.holds('its leaving', () => stage.core.services.length === 1);
    t.deepEqual(children.map(Number).filter(isRunning), []);
    t.is(stage.core.state, 'master');
    t.deepEqual(stage.scripts, ['web start', 'web promote']);
  },
);

test.serial(
  'disappears while its status is under way: it has left, and nobody fails for it',
  async (t) => {
    const stage = await RunnerStage.standby(t, ['web', 'mail']);
    // Ordered, and not begun: the services folder is not read again in time for this.
    stage.answer('web', 'status', `rm -rf '${stage.services}/mail'`);
    await stage.holds('its leaving', () => stage.service('mail') === undefined);
    await stage.state('standby');
    t.deepEqual(
      stage.core.services.map(({ failure }) => failure),
      [''],
    );
    t.false(stage.lines.some(({ text }) => text.includes('has failed')));
    t.deepEqual(
      stage.scripts.filter((run) => run.startsWith('web')),
      ['web start'],
    );
  },
);

test.serial('is a directory without scripts: it goes up and down, and does nothing', async (t) => {
  const stage = await open(t, 'no-scripts');
  await stage.state('standby');
  stage.order('master');
  await stage.stateOf('no-scripts', 'promoted');
  stage.order('stopped');
  await stage.stateOf('no-scripts', 'stopped');
  t.is(stage.core.state, 'stopped');
});

test.serial('is a dangling link: it is ignored, and warned about once', async (t) => {
  const stage = await open(t, 'dangling');
  await stage.state('standby');
  await stage.rounds(5);
  t.deepEqual(stage.core.services, []);
  const warnings = stage.lines.filter(({ text }) => text.includes('dangling is ignored'));
  t.is(warnings.length, 1);
  t.regex(warnings[0]?.text ?? '', /a link to what does not exist/);
});

const failing: readonly (readonly [string, string, RegExp])[] = [
  ['fails', 'fails with a code', /^start exited with code 3$/],
  ['closes-output', 'closes its output, and fails later', /^start exited with code 4$/],
  ['dies-by-signal', 'exits by signal', /^start was ended by SIGABRT$/],
  [
    'bad-interpreter',
    'has a bad interpreter',
    /what the first line of .*start names does not exist/,
  ],
  ['dangling-script', 'has a script that is a dangling link', /is a link to what does not exist/],
  ['not-executable', 'has a script that is not executable', /is not executable: chmod \+x/],
  ['no-first-line', 'has a script that nothing runs', /does not begin with #!/],
  ['script-is-directory', 'has a directory for a script', /is a directory, not an executable/],
];

for (const [fixture, what, failure] of failing) {
  test.serial(`${what}: the service has failed, and says why`, async (t) => {
    const stage = await open(t, fixture);
    await stage.stateOf(fixture, 'failed');
    t.regex(stage.service(fixture)?.failure ?? '', failure);
    t.is(stage.core.state, 'failed');
  });
}

const rising: readonly (readonly [string, string, RegExp])[] = [
  ['ignores-input', 'never reads its input', /^done$/],
  ['reads-input', 'reads its input to the end, of which it has none', /^input ended$/],
  ['keeps-output', 'leaves its output to a daemon', /^the daemon speaks$/],
];

for (const [fixture, what, line] of rising) {
  test.serial(`${what}: it starts all the same`, async (t) => {
    const stage = await open(t, fixture);
    await stage.state('standby');
    await stage.line(line);
    t.is(stage.service(fixture)?.state, 'started');
  });
}

test.serial('no fixture lies about that no test runs', (t) => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const tests = readdirSync(here).filter((name) => name.endsWith('.test.ts'));
  const texts = tests.map((name) => readFileSync(join(here, name), 'utf8')).join('\n');
  t.deepEqual(
    readdirSync(FIXTURES).filter((name) => !texts.includes(`'${name}'`)),
    [],
  );
});
