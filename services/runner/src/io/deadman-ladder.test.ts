// The deadman's ladder with real processes: what does not go down is killed in time, whatever else was under
// way, and what is left is for the self-fence hook.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { DeadmanStage, until, untilDead } from './deadman-stage.fixture.ts';
import { findLiving } from './living-process.ts';
import { livingMembers } from './process-group.ts';

/** How late anything may be on a host that runs other tests at the same time. */
const SLACK = 150;

const HANGS = "trap '' TERM HUP INT; note begin; while :; do sleep 1; done";

function open(t: ExecutionContext): DeadmanStage {
  const stage = new DeadmanStage();
  t.teardown(() => stage.close());
  return stage;
}

for (const demoteGrace of [1_000, 250]) {
  test.serial(
    `what ignores everything is gone within ${demoteGrace} ms, then its stop script runs`,
    async (t) => {
      const stage = open(t);
      const cgroup = stage.cgroup();
      if (cgroup === undefined) t.log('no cgroups here: process groups are tried alone');
      const host = await stage.host({ demoteGrace, heartbeat: demoteGrace / 5 });
      const groups = { kind: 'groups', file: join(stage.state, 'groups', 'listed') } as const;
      const trees =
        cgroup === undefined ? [groups] : [groups, { kind: 'cgroup', directory: cgroup } as const];
      const daemons = await Promise.all(trees.map((tree) => stage.daemon(tree)));
      const services = trees.map((tree) => stage.service(tree.kind, { tree, demote: HANGS }));
      await host.ask({ kind: 'watch', services });
      const { leaseEnd = 0 } = await host.ask({ kind: 'lease', epoch: 7, length: 300 });
      host.signal('SIGKILL');
      await Promise.all(daemons.map(untilDead));
      const gone = Date.now() - leaseEnd;
      const outcomes = Object.values(await stage.outcomes());
      // A host with other things to do may not come to the end of the stop scripts in 75 ms.
      if (demoteGrace >= 500) for (const outcome of outcomes) t.is(outcome, 'killed-and-stopped');
      const result = stage.result;
      t.log(
        `gone ${gone} ms after the lease end, done after ${(result?.done ?? 0) - (result?.leaseEnd ?? 0)}`,
      );
      t.true(
        gone > 0.6 * demoteGrace && gone < demoteGrace + (demoteGrace < 500 ? SLACK : 0),
        `${gone}`,
      );
      if (demoteGrace >= 500) t.is(result?.fenced, 'no');
      for (const { kind } of demoteGrace >= 500 ? trees : []) {
        const stopped = stage.noteAt(`${kind} stop begin`) ?? 0;
        t.true(stopped > (stage.noteAt(`${kind} demote begin`) ?? 0));
        t.is(stage.noteAt(`${kind} demote end`), undefined);
      }
    },
  );
}

test.serial(
  'a demote that fails is followed by a kill and a stop, and only then by what waits for it',
  async (t) => {
    const stage = open(t);
    const host = await stage.host();
    const groups = { kind: 'groups', file: join(stage.state, 'groups', 'bad') } as const;
    const daemon = await stage.daemon(groups);
    const services = [
      stage.service('bad', { priority: 5, tree: groups, demote: 'note begin; exit 3' }),
      stage.service('good', { priority: 1 }),
    ];
    await host.ask({ kind: 'watch', services });
    await host.ask({ kind: 'lease', epoch: 7, length: 200 });
    host.signal('SIGKILL');
    t.deepEqual(await stage.outcomes(), { bad: 'killed-and-stopped', good: 'demoted' });
    t.is(findLiving(daemon), undefined);
    t.deepEqual(stage.story, [
      'bad demote begin',
      'bad stop begin',
      'bad stop end',
      'good demote begin',
      'good demote end',
    ]);
    t.regex(stage.result?.story.join('\n') ?? '', /bad is killed: its demote ended with 3/);
  },
);

test.serial('the self-fence hook is called where something is left, and only then', async (t) => {
  const stage = open(t);
  const hook = join(stage.directory, 'fence hook');
  const called = join(stage.directory, 'called');
  writeFileSync(
    hook,
    `#!/bin/bash\nset | grep ^KOI_ >'${called}.new'; mv '${called}.new' '${called}'\n`,
    {
      mode: 0o755,
    },
  );
  const fence = { file: hook, environment: { PATH: '/usr/bin:/bin', KOI_NODE: "a'b" } };
  const host = await stage.host({ demoteGrace: 1_000, fence });
  await host.ask({ kind: 'watch', services: [stage.service('good')] });
  await host.ask({ kind: 'lease', epoch: 7, length: 100 });
  host.signal('SIGKILL');
  t.deepEqual(await stage.outcomes(), { good: 'demoted' });
  await sleep(500);
  t.false(existsSync(called));

  const next = await stage.host({ demoteGrace: 1_000, fence });
  await next.ask({ kind: 'watch', services: [] });
  const { leaseEnd = 0 } = await next.ask({ kind: 'lease', epoch: 8, length: 200 });
  await next.ask({
    kind: 'watch',
    services: [stage.service('good'), stage.service('bad', { demote: 'exit 1', stop: HANGS })],
  });
  next.signal('SIGKILL');
  const text = await until('the hook', () =>
    existsSync(called) ? readFileSync(called, 'utf8') : undefined,
  );
  t.true(Date.now() - leaseEnd > 900);
  t.regex(text, /KOI_EPOCH=8/);
  t.regex(text, /KOI_NODE=.*a.*b/);
  t.regex(text, /KOI_REASON=.*not gone .* after the lease of epoch 8 ended: bad/);
  t.deepEqual(await stage.outcomes(), { bad: 'left', good: 'demoted' });
  t.is(stage.result?.fenced, 'called');
});

test.serial(
  'scripts that the runner has under way: a demote goes on, anything else is ended first',
  async (t) => {
    const stage = open(t);
    const host = await stage.host({ demoteGrace: 3_000 });
    const names = ['demoting', 'failing', 'promoting', 'stubborn', 'stopping', 'pending', 'ended'];
    await host.ask({ kind: 'watch', services: names.map((name) => stage.service(name)) });
    const { leaseEnd = 0 } = await host.ask({ kind: 'lease', epoch: 7, length: 700 });
    await stage.run('demoting', 'promote', 'exit 0', 1);
    await stage.run('demoting', 'demote', 'sleep 1; note end', 2);
    await stage.run('failing', 'demote', 'sleep 1; note end; exit 1', 3);
    const promote = await stage.run('promoting', 'promote', 'note begin; sleep 30; note end', 4);
    const stubborn = await stage.run('stubborn', 'status', HANGS, 5);
    await stage.run('stopping', 'stop', 'sleep 1; note end', 6);
    const pending = join(stage.state, 'runs', 'x-7');
    mkdirSync(pending);
    writeFileSync(join(pending, 'order'), '{"run":7,"service":"pending","action":"promote"}');
    await stage.run('ended', 'demote', 'note end', 8);
    await until('the last one to end', () => stage.noteAt('ended demote end'));
    host.signal('SIGKILL');
    t.deepEqual(await stage.outcomes(), {
      demoting: 'demoted',
      failing: 'killed-and-stopped',
      promoting: 'demoted',
      stubborn: 'demoted',
      stopping: 'stopped',
      pending: 'demoted',
      ended: 'demoted',
    });
    t.deepEqual(
      stage.story.filter((line) => /^(demoting|failing|stopping|ended)/.test(line)).toSorted(),
      [
        'demoting demote end',
        'ended demote end',
        'failing demote end',
        'failing stop begin',
        'failing stop end',
        'stopping stop end',
      ],
    );
    t.false(isGroupAlive(promote.pid));
    t.false(isGroupAlive(stubborn.pid));
    t.is(stage.noteAt('promoting promote end'), undefined);
    // Ended by SIGTERM at once; what ignores that, a tenth of demoteGrace later.
    const [first, second] = ['promoting', 'stubborn'].map(
      (name) => (stage.noteAt(`${name} demote begin`) ?? 0) - leaseEnd,
    );
    t.log(`demotes began ${first} and ${second} ms after the lease end`);
    t.true((second ?? 0) > 300);
    // Its wrapper never begins.
    t.is(readFileSync(join(pending, 'pid'), 'utf8'), 'given up\n');
  },
);

/** Zombies count: so this asks for the group only once they are reaped. */
function isGroupAlive(group: number): boolean {
  return livingMembers(group).length > 0;
}
