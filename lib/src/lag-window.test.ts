// The window forgets after a minute, and only then; asking changes nothing.
import test from 'ava';
import { LagWindow, WINDOW } from './lag-window.ts';

test('the worst of the last minute is told, as often as anybody asks', (t) => {
  const window = new LagWindow();
  t.is(window.worst(0), 0);
  window.note(7, 1_000);
  window.note(30, 2_000);
  window.note(3, 20_000);
  t.is(window.worst(20_000), 30);
  t.is(window.worst(20_000), 30);
  t.is(window.worst(WINDOW), 30);
  t.is(window.worst(WINDOW + 7_000), 3);
  t.is(window.worst(3 * WINDOW), 0);
});

test('what is noted for hours takes no more room', (t) => {
  const window = new LagWindow();
  for (let now = 0; now < 100 * WINDOW; now += 100) window.note(now % 700, now);
  t.is(window.worst(100 * WINDOW), 600);
});
