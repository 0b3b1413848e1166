#!/usr/bin/env node
// koi-admin: shows and orders a cluster. The bundle is in two files, since code is kept compiled from
// one run to the next only where it is loaded after that was asked for (packaging/build.ts).
import { createRequire, enableCompileCache } from 'node:module';
import { cacheDirectory } from './cache-directory.ts';

const directory = cacheDirectory(process.env, process.getuid?.());
// Where nothing can be kept it starts slower, and that is all.
if (directory !== undefined) enableCompileCache(directory);

// As CommonJS: the loader of ES modules would cost a tenth of the whole run.
const program: typeof import('./run-process.ts') = createRequire(import.meta.url)(
  './koi-admin-program.cjs',
);
await program.runProcess();
