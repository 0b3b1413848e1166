// A client in another language, made as docs/API.md says: its very commands are run, with Debian's protoc for Python,
// and its very program, against real daemons.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { TestCluster } from '../cluster/test-cluster.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Debian's, which knows Debian's modules; another one may come first in the path. */
const PYTHON = '/usr/bin/python3';

/** How long a program may take on a busy machine, in milliseconds. */
const RUN_MAX = 60_000;

/** Set by whoever knows that the tools are missing, and does without this test. */
const { KOI_TEST_WITHOUT_PYTHON: without } = process.env;

/** The fenced text behind a mark in docs/API.md. */
function documented(mark: string): string {
  const page = readFileSync(join(ROOT, 'docs/API.md'), 'utf8');
  const found = new RegExp(`<!-- ${mark} -->\n\`\`\`[a-z]+\n(.*?)\n\`\`\``, 's').exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/API.md has no block marked ${mark}`);
  return found;
}

/** The Debian packages that are missing. */
async function missing(): Promise<readonly string[]> {
  const packages: string[] = [];
  const modules = ['-c', 'import grpc, google.protobuf'];
  const python = existsSync(PYTHON) && (await run(PYTHON, modules).catch(() => undefined));
  if (!python) packages.push('python3-grpcio');
  for (const tool of ['protoc', 'grpc_python_plugin']) {
    const found = await run('sh', ['-c', `command -v ${tool}`]).catch(() => undefined);
    if (found === undefined) packages.push('protobuf-compiler-grpc');
  }
  if (!existsSync('/usr/include/google/protobuf/timestamp.proto')) packages.push('libprotobuf-dev');
  return [...new Set(packages)];
}

const program = without === '1' ? test.skip : test;

program('a Python client made by the documented commands does what the page says', async (t) => {
  const lacking = await missing();
  if (lacking.length > 0) {
    const names = lacking.join(' ');
    t.fail(`missing: apt-get install ${names}, or set KOI_TEST_WITHOUT_PYTHON=1 to do without`);
    return;
  }
  const out = mkdtempSync(join(tmpdir(), 'koi-client-'));
  t.teardown(() => rmSync(out, { recursive: true, force: true }));
  await run('sh', ['-euc', documented('generate')], {
    cwd: ROOT,
    env: { ...process.env, OUT: out },
  });
  writeFileSync(join(out, 'client.py'), documented('client'));
  const cluster = await TestCluster.start({ web: false });
  t.teardown(() => cluster.close());
  const { leader, master } = await cluster.untilSettled();
  for (const elector of ['a', 'b', 'c']) {
    const args = [join(out, 'client.py'), cluster.address(elector)];
    const { stdout } = await run(PYTHON, args, { timeout: RUN_MAX, killSignal: 'SIGKILL' });
    const lines = stdout.split('\n');
    t.is(lines[0], `leader ${leader} master ${master} epoch 1`);
    t.regex(lines[1] ?? '', new RegExp(`^why .*${master}`));
    t.regex(lines[2] ?? '', /^refused NOT_FOUND True there is no runner named nobody/);
    t.regex(lines[3] ?? '', /^event 1 leader [abc] leads \(term 1\)/);
  }
});
