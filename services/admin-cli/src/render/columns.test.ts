// Columns and branches, with and without colour.
import test from 'ava';
import { alignColumns, cell, drawBranches } from './columns.ts';
import { painter } from './paint.ts';

const plain = painter(false);

test('columns are as wide as their widest cell, and empty ones take no room', (t) => {
  const rows = [
    [cell('a'), cell(''), cell('leader', 'good'), cell('')],
    [cell('long'), cell(''), cell('x'), cell('end')],
  ];
  t.deepEqual(alignColumns(rows, plain), ['a     leader', 'long  x       end']);
  t.deepEqual(alignColumns([], plain), []);
});

test('colour does not disturb the alignment', (t) => {
  const rows = [
    [cell('a', 'bad'), cell('1')],
    [cell('long'), cell('2')],
  ];
  const [first, second] = alignColumns(rows, painter(true));
  t.is(first, '\u001b[31ma\u001b[39m     1');
  t.is(second, 'long  2');
});

test('without colour a text is left as it is, whatever it means', (t) => {
  for (const tone of ['good', 'bad', 'warning', 'heading', 'quiet', 'plain'] as const) {
    t.is(plain(tone, 'x'), 'x');
    t.is(painter(true)(tone, ''), '');
    t.is(painter(true)(tone, 'x') === 'x', tone === 'plain');
  }
});

test('branches join what is below them, the last one ends the trunk', (t) => {
  const lines = drawBranches([
    { line: 'a', below: ['note', '└─ child'] },
    { line: 'b', below: ['note'] },
  ]);
  t.deepEqual(lines, ['├─ a', '│  note', '│  └─ child', '└─ b', '   note']);
});
