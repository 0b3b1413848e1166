// A koi-runner that is broken on purpose: its leases do not end within a test, so it makes two masters as soon as it
// is cut off. Bundled from the sources with one line replaced; no such line is an error.
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const service = fileURLToPath(new URL('../../services/runner', import.meta.url));
const mandate = join(service, 'src/core/mandate.ts');

/** What is replaced: where the end of a lease comes from. */
const original = 'const end = sentAt + lease.duration;';
const broken = 'const end = sentAt + lease.duration + 3_600_000;';

// Dependencies in CommonJS call `require`; an ES module has none unless it makes one.
const banner = `import { createRequire as makeRequire } from 'node:module';
const require = makeRequire(import.meta.url);`;

/** Builds the broken runner. Whoever calls removes it. */
export async function bundleEndlessRunner(): Promise<{ program: string; remove: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), 'koi-endless-'));
  const program = join(directory, 'koi-runner.mjs');
  let replaced = 0;
  await build({
    entryPoints: [join(service, 'src/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: banner },
    logLevel: 'warning',
    plugins: [
      {
        name: 'endless-lease',
        setup({ onLoad }) {
          onLoad({ filter: /\/mandate\.ts$/ }, async ({ path }) => {
            const contents = await readFile(path, 'utf8');
            if (path === mandate) replaced += contents.split(original).length - 1;
            return { contents: contents.replace(original, broken), loader: 'ts' };
          });
        },
      },
    ],
  });
  await copyFile(join(service, 'deadman/koi-deadman'), join(directory, 'koi-deadman'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  if (replaced === 1) return { program, remove };
  remove();
  throw new Error(`${mandate} has "${original}" ${replaced} times, not once: break it elsewhere`);
}
