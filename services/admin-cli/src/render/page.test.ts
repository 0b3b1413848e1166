// Lines, aligned tables and trees, with and without colour.
import test from 'ava';
import {
  cutLine,
  foldLine,
  layOut,
  line,
  type Page,
  span,
  table,
  tree,
  writeLine,
  writePage,
} from './page.ts';
import { painter } from './paint.ts';

const plain = painter(false);

function text(page: Page): string[] {
  return writePage(page, plain).split('\n').slice(0, -1);
}

test('columns are as wide as their widest cell, and empty ones take no room', (t) => {
  const rows = [
    { cells: [span('a'), span(''), span('leader', 'good'), span('')] },
    { cells: [span('long'), span(''), span('x'), span('end')] },
  ];
  t.deepEqual(text([table(rows)]), ['a     leader', 'long  x       end']);
  t.deepEqual(text([table([])]), []);
});

test('colour does not disturb the alignment', (t) => {
  const rows = [{ cells: [span('a', 'bad'), span('1')] }, { cells: [span('long'), span('2')] }];
  t.is(writePage([table(rows)], painter(true)), '\u001b[31ma\u001b[39m     1\nlong  2\n');
});

test('without colour a text is left as it is, whatever it means', (t) => {
  for (const tone of ['good', 'bad', 'warning', 'heading', 'quiet', 'plain'] as const) {
    t.is(plain(tone, 'x'), 'x');
    t.is(painter(true)(tone, ''), '');
    t.is(painter(true)(tone, 'x') === 'x', tone === 'plain');
  }
});

test('branches join what is below them, the last one ends the trunk', (t) => {
  const below = [line('note'), tree([{ cells: [span('child')] }])];
  const page = [
    tree([
      { cells: [span('a')], below },
      { cells: [span('b')], below: [line('note')] },
    ]),
  ];
  t.deepEqual(text(page), ['├─ a', '│  note', '│  └─ child', '└─ b', '   note']);
});

test('what hangs below the row of a table is indented', (t) => {
  t.deepEqual(text([table([{ cells: [span('a')], below: [line('b')] }])]), ['a', '  b']);
});

test('nothing from elsewhere reaches the terminal as it is', (t) => {
  const evil = '\u001b[2J\u009b31m\u202eevil\r\n\tx\u0007';
  const page = [line(evil), tree([{ cells: [span(evil, 'bad')], below: [line(evil)] }])];
  const clean = '\\x1b[2J\\x9b31m\\u202eevil\\r\\n\\tx\\x07';
  t.deepEqual(text(page), [clean, `└─ ${clean}`, `   ${clean}`]);
});

test('a line is cut where the window ends, and shows it', (t) => {
  const [whole = []] = layOut([line('abc', span('def', 'bad'), 'ghi')]);
  const cut = (columns: number) => writeLine(cutLine(whole, columns), plain);
  t.is(cut(9), 'abcdefghi');
  t.is(cut(8), 'abcdefg…');
  t.is(cut(4), 'abc…');
  t.is(cut(1), '…');
});

test('a sentence is folded at blanks, and a word that is too long stands alone', (t) => {
  const fold = (columns: number, text: string) =>
    foldLine([span(text, 'bad')], columns).map((spans) => writeLine(spans, plain));
  t.deepEqual(fold(80, 'one two three'), ['one two three']);
  t.deepEqual(fold(7, 'one two three'), ['one two', '  three']);
  t.deepEqual(fold(5, 'one-long-word two'), ['one-long-word', '  two']);
});
