// packaging/verify-gen.sh must notice a gen/ that is not what proto/ generates: a file too many, a
// file that was edited.
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('verify-gen.sh passes on what is generated and refuses what is not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'koi-gen-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const part of ['proto', 'gen', 'packaging', 'buf.yaml', 'buf.gen.yaml']) {
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (file) => !file.includes('node_modules'),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const verify = () => {
    const { status, stdout, stderr } = spawnSync('sh', ['packaging/verify-gen.sh'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
    });
    return { status, stdout, stderr };
  };
  t.deepEqual(verify(), { status: 0, stdout: '', stderr: '' });

  appendFileSync(join(folder, 'gen/src/koi/cluster/v1/event_pb.ts'), '// edited\n');
  const edited = verify();
  t.is(edited.status, 1);
  t.regex(edited.stdout, /> \/\/ edited/);
  t.regex(edited.stderr, /run `npm run gen` and commit the result/);

  cpSync(join(root, 'gen'), join(folder, 'gen'), {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  });
  writeFileSync(join(folder, 'gen/src/koi/stray.ts'), '');
  t.is(verify().status, 1);
});
