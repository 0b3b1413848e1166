// What is said of a configuration that is right, and yet not what one may expect.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Role } from './config-check.ts';
import { parseConfig } from './config-file.ts';
import { configWarnings } from './config-warning.ts';

const MINIMAL = `cluster: shop
electors: [{ name: a, address: "127.0.0.1:42012" }]
`;

function warningsOf(more: string, role?: Role): readonly string[] {
  return configWarnings(parseConfig(`${MINIMAL}${more}`, 'koi.yaml', 'a'), role);
}

test('a plain configuration warns of nothing', (t) => {
  t.deepEqual(warningsOf(''), []);
});

test('a fence hook that could not be run is said, with the key and the path', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'koi-config-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const fence = join(folder, 'fence');
  const said = (role?: Role) => warningsOf(`runner: { fence: ${fence} }\n`, role);
  t.deepEqual(said(), [
    `runner.fence: ${fence} does not exist: what outlives a SIGKILL at the end of a lease would not be fenced`,
  ]);
  t.deepEqual(said('elector'), []);
  writeFileSync(fence, '#!/bin/sh\n', { mode: 0o644 });
  t.regex(said()[0] ?? '', /is not executable/);
  rmSync(fence);
  writeFileSync(fence, '#!/bin/sh\n', { mode: 0o755 });
  t.deepEqual(said(), []);
  t.regex(warningsOf(`runner: { fence: ${folder} }\n`)[0] ?? '', /is not a file/);
  t.regex(
    warningsOf(`runner: { fence: ${fence}/x }\n`)[0] ?? '',
    /cannot be looked at \(.*ENOTDIR/,
  );
});

test('an insecure network is said', (t) => {
  t.regex(warningsOf('tls: insecure\n')[0] ?? '', /insecure/);
});
