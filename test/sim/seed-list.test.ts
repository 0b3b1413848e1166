// The list of failed seeds is read strictly: a line that says nothing is worse than none.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { readSeedList } from './seed-list.ts';

test('prose and empty lines are passed over', (t) => {
  const text = '# a list\n\n30  a failure was forgotten\n4294967297  two masters  for 3 ms\n';
  t.deepEqual(readSeedList(text, 'x'), [
    { seed: 30, what: 'a failure was forgotten' },
    { seed: 4_294_967_297, what: 'two masters  for 3 ms' },
  ]);
});

for (const line of ['30', '30 a', 'a  30', '30  ', '-3  a', ' 30  a', '30.5  a']) {
  test(`refused: "${line}"`, (t) => {
    const error = t.throws(() => readSeedList(`# a list\n${line}\n`, 'seeds.txt'));
    t.regex(error.message, /^seeds\.txt, line 2: a seed, two spaces and what it was are wanted: /);
  });
}

test('no seed twice, none too large', (t) => {
  const twice = t.throws(() => readSeedList('3  a\n3  b\n', 'seeds.txt'));
  t.regex(twice.message, /^seeds\.txt, line 2: this seed is in the list already/);
  t.throws(() => readSeedList('99999999999999999999  a\n', 'seeds.txt'), { message: /so large/ });
});

test('the list of this project can be read', async (t) => {
  const text = await readFile(new URL('./seeds.txt', import.meta.url), 'utf8');
  t.true(readSeedList(text, 'seeds.txt').length > 0);
});
