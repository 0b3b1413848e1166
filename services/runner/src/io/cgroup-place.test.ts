// Where cgroups may be made: by what kernels say of their mounts, and on this host.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { CgroupTrees, readPopulated, removeCgroup } from './cgroup.ts';
import { openCgroupPlace, ownCgroup } from './cgroup-place.ts';
import { fileNameOf } from './service-file-name.ts';

const HYBRID = [
  '36 30 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory',
  '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:10 - cgroup2 cgroup2 rw',
  '',
].join('\n');

const UNIFIED = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';

const found: readonly (readonly [string, string, string, string])[] = [
  ['a unit', UNIFIED, '0::/system.slice/koi.service\n', '/sys/fs/cgroup/system.slice/koi.service'],
  ['the root', UNIFIED, '0::/\n', '/sys/fs/cgroup/'],
  ['a hybrid', HYBRID, '4:memory:/x\n0::/a\n', '/sys/fs/cgroup/unified/a'],
  [
    'a mount of a part',
    '30 24 0:26 /box/1 /cg\\040roups rw - cgroup2 cgroup2 rw\n',
    '0::/box/1/koi\n',
    '/cg roups/koi',
  ],
];

for (const [what, mountinfo, cgroups, directory] of found) {
  test(`one's own cgroup is found in ${what}`, (t) => {
    t.deepEqual(ownCgroup(mountinfo, cgroups), { kind: 'place', directory });
  });
}

const missing: readonly (readonly [string, string, string, RegExp])[] = [
  ['without cgroup v2', HYBRID, '4:memory:/x\n', /no cgroup v2/],
  ['without a mount', '', '0::/a\n', /no cgroup2 file system/],
  ['outside of the mount', '1 2 0:3 /box /cg rw - cgroup2 c rw\n', '0::/a\n', /not below/],
  ['outside of the namespace', UNIFIED, '0::/../a\n', /not below/],
];

for (const [what, mountinfo, cgroups, reason] of missing) {
  test(`there is no place for cgroups ${what}`, (t) => {
    const place = ownCgroup(mountinfo, cgroups);
    t.is(place.kind, 'none');
    if (place.kind === 'none') t.regex(place.reason, reason);
  });
}

async function openState(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'koi-place-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return directory;
}

test('a runner finds its cgroups again, and shares them with nobody', async (t) => {
  const stateDirectory = await openState(t);
  const place = openCgroupPlace({ cluster: 'shop', node: 'a', stateDirectory });
  t.deepEqual(openCgroupPlace({ cluster: 'shop', node: 'a', stateDirectory }), place);
  if (place.kind === 'none') return;
  t.regex(basename(place.directory), /^koi-services-/);
  // Nothing is left of the trial.
  t.false(existsSync(place.directory));
  await rm(join(stateDirectory, 'cgroup'));
  t.notDeepEqual(openCgroupPlace({ cluster: 'shop', node: 'b', stateDirectory }), place);
});

test('a last place of cgroups in which nothing lives is removed', async (t) => {
  const stateDirectory = await openState(t);
  const place = openCgroupPlace({ cluster: 'shop', node: 'a', stateDirectory });
  if (place.kind === 'none') {
    t.log('this host lets us make none');
    t.not(place.reason, '');
    return;
  }
  const last = join(dirname(place.directory), `koi-test-${process.pid}`);
  t.teardown(() => removeCgroup(last));
  mkdirSync(join(last, 'web', '1'), { recursive: true });
  writeFileSync(join(stateDirectory, 'cgroup'), `${last}\n`);
  t.deepEqual(openCgroupPlace({ cluster: 'shop', node: 'a', stateDirectory }), place);
  t.false(existsSync(last));
});

test('a last place of cgroups in which something lives is kept', async (t) => {
  const stateDirectory = await openState(t);
  const place = openCgroupPlace({ cluster: 'shop', node: 'a', stateDirectory });
  if (place.kind === 'none') {
    t.log('this host lets us make none');
    t.not(place.reason, '');
    return;
  }
  const last = join(dirname(place.directory), `koi-test-${process.pid}-kept`);
  const trees = new CgroupTrees(last);
  const entrance = trees.entranceOf('web');
  const daemon = spawn('/bin/sh', ['-c', 'echo 0 >"$1"; exec sleep 1000', 'sh', entrance]);
  t.teardown(async () => {
    const gone = new Promise((resolve) => daemon.once('exit', resolve));
    trees.kill('web');
    await gone;
    trees.close();
  });
  while (!readPopulated(last)) await sleep(5);
  writeFileSync(join(stateDirectory, 'cgroup'), `${last}\n`);
  const now = openCgroupPlace({ cluster: 'shop', node: 'a', stateDirectory });
  t.deepEqual(now, { kind: 'place', directory: last });
});

test('names of services are names of files, each its own', (t) => {
  const names = ['web', 'WEB', '-web', 'we b', 'we_b', '%we_b', "it's", 'ä', 'x'.repeat(300)];
  const files = names.map(fileNameOf);
  t.is(new Set(files).size, names.length);
  t.is(files[0], 'web');
  for (const file of files) t.regex(file, /^[%A-Za-z0-9_][A-Za-z0-9_-]{0,80}$/);
});
