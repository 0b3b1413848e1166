// The launchers in services/*/bin: from any folder, through symbolic links, with the right Node.
// Each test builds a small checkout of its own in which `node` is a script that says how it was
// called.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const root = fileURLToPath(new URL('../..', import.meta.url));
const architecture = process.arch;

function write(file: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** A folder with the launcher and its npm links, as `npm ci` leaves it. */
function checkout(t: ExecutionContext): string {
  // A space in the path: every expansion must be quoted.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'koi launcher-')));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const bin = `${folder}/services/admin-cli/bin`;
  mkdirSync(bin, { recursive: true });
  copyFileSync(`${root}/services/admin-cli/bin/koi-admin`, `${bin}/koi-admin`);
  chmodSync(`${bin}/koi-admin`, 0o755);
  write(`${folder}/packaging/build.ts`, '');
  mkdirSync(`${folder}/node_modules/@koi`, { recursive: true });
  mkdirSync(`${folder}/node_modules/.bin`);
  symlinkSync('../../services/admin-cli', `${folder}/node_modules/@koi/admin-cli`);
  symlinkSync('../@koi/admin-cli/bin/koi-admin', `${folder}/node_modules/.bin/koi-admin`);
  return folder;
}

function addBundle(folder: string): string {
  const bundle = `${folder}/services/admin-cli/dist/koi-admin.js`;
  write(bundle, '');
  return bundle;
}

/** A `node` that has a version and tells its arguments. */
function fakeNode(file: string, version: string): void {
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nprintf '%s|' ${version} "$@"\n`;
  write(file, script, 0o755);
}

function launch(folder: string, path = '/usr/bin:/bin') {
  const linked = `${folder}/node_modules/.bin/koi-admin`;
  const { status, stdout, stderr } = spawnSync(linked, ['promote', 'a b'], {
    cwd: '/',
    env: { PATH: path },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

test('the pinned Node runs the bundle, whatever the host has', (t) => {
  const folder = checkout(t);
  const bundle = addBundle(folder);
  fakeNode(`${folder}/node_modules/node-linux-${architecture}/bin/node`, 'v24.21.0');
  fakeNode(`${folder}/host/node`, 'v99.0.0');
  t.deepEqual(launch(folder, `${folder}/host:/usr/bin:/bin`), {
    status: 0,
    stdout: `v24.21.0|${bundle}|promote|a b|`,
    stderr: '',
  });
});

test("without it the host's Node does, if it is new enough", (t) => {
  const folder = checkout(t);
  const bundle = addBundle(folder);
  const path = `${folder}/host:/usr/bin:/bin`;
  for (const version of ['v22.20.0', 'v23.1.0', 'v24.0.0']) {
    fakeNode(`${folder}/host/node`, version);
    t.is(launch(folder, path).stdout, `${version}|${bundle}|promote|a b|`);
  }
  for (const version of ['v20.20.2', 'v22.19.9']) {
    fakeNode(`${folder}/host/node`, version);
    t.deepEqual(launch(folder, path), {
      status: 70,
      stdout: '',
      stderr: `koi-admin: ${folder}/host/node is ${version}: run \`npm ci\`, or install Node.js 22.20 or newer\n`,
    });
  }
});

test('without a bundle it says how to make one', (t) => {
  const folder = checkout(t);
  t.deepEqual(launch(folder), {
    status: 70,
    stdout: '',
    stderr: `koi-admin: no bundle found: run \`npm run build\` in ${folder}\n`,
  });
});

test('the three launchers differ in their names only', (t) => {
  const read = (service: string, program: string) =>
    readFileSync(`${root}/services/${service}/bin/${program}`, 'utf8').replaceAll(program, 'koi-x');
  const admin = read('admin-cli', 'koi-admin');
  t.is(read('elector', 'koi-elector'), admin);
  t.is(read('runner', 'koi-runner'), admin);
});
