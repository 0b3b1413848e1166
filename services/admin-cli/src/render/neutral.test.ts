// Text that would drive a terminal.
import test from 'ava';
import { neutral, neutralJson } from './neutral.ts';

test('control characters are spelled out, everything else stays', (t) => {
  t.is(
    neutral('a\u0000b\u001b]0;x\u0007c\u007f\u0085\u2066\ufeff'),
    'a\\x00b\\x1b]0;x\\x07c\\x7f\\x85\\u2066\\ufeff',
  );
  t.is(neutral('two\nlines\r\tand more'), 'two\\nlines\\r\\tand more');
  t.is(neutral('größe → 東京 ✓'), 'größe → 東京 ✓');
});

test('JSON with such characters means the same afterwards', (t) => {
  const text = '\u009b31m\u202e\u007f\u2028 \n ok';
  const json = JSON.stringify({ text }, null, 2);
  const clean = neutralJson(json);
  t.notRegex(clean, /[\u007f-\u009f\u2028-\u202e]/);
  t.deepEqual(JSON.parse(clean), { text });
  t.is(clean.split('\n').length, 3);
});
