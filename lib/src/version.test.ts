// The release must be the packages' own, since a bundle has no package.json to read.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { VERSION } from './version.ts';

test('the release is that of package.json', async (t) => {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  t.is(JSON.parse(text).version, VERSION);
});
