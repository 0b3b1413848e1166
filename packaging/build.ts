// Makes one bundle per binary: services/*/dist/koi-*.js, with every dependency inside. The
// launchers in services/*/bin start them; a bundle starts in half the time that its sources need.
import { copyFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Bundle {
  readonly folder: string;
  /** The source that it begins with. */
  readonly entry: string;
  /** The file's name; one that ends in .cjs is CommonJS. */
  readonly file: string;
}

const BUNDLES: readonly Bundle[] = [
  { folder: 'services/elector', entry: 'main.ts', file: 'koi-elector.js' },
  { folder: 'services/runner', entry: 'main.ts', file: 'koi-runner.js' },
  { folder: 'services/admin-cli', entry: 'main.ts', file: 'koi-admin.js' },
  // Loaded by koi-admin.js once the compile cache is on.
  { folder: 'services/admin-cli', entry: 'run-process.ts', file: 'koi-admin-program.cjs' },
];

// Dependencies in CommonJS call `require` for Node's own modules; an ES module has none unless
// made.
const REQUIRE = [
  "import { createRequire as koiCreateRequire } from 'node:module';",
  'const require = koiCreateRequire(import.meta.url);',
].join('\n');

async function bundle({ folder, entry, file }: Bundle): Promise<string> {
  const outfile = `${folder}/dist/${file}`;
  const common = file.endsWith('.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: [`${folder}/src/${entry}`],
    outfile,
    bundle: true,
    platform: 'node',
    // The oldest Node that may run it; the pinned one is newer.
    target: 'node22',
    ...(common ? { format: 'cjs' } : { format: 'esm', banner: { js: REQUIRE } }),
    // Names stay as they are: a stack trace from a customer's journal has to be readable.
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const { size } = await stat(`${root}/${outfile}`);
  return `${outfile} ${(size / 1024).toFixed(0)} KiB`;
}

/** The deadman is a script of its own: it is found beside the runner's bundle. */
async function copyDeadman(): Promise<string> {
  const target = 'services/runner/dist/koi-deadman';
  await copyFile(`${root}/services/runner/deadman/koi-deadman`, `${root}/${target}`);
  return target;
}

const built = await Promise.allSettled(BUNDLES.map(bundle));
built.push(...(await Promise.allSettled([copyDeadman()])));
for (const result of built) {
  if (result.status === 'fulfilled') console.log(result.value);
  else {
    // esbuild has said on standard error what was wrong, with file and line.
    if (!('errors' in Object(result.reason))) console.error(result.reason);
    process.exitCode = 1;
  }
}
