// Times as people write them.
import test from 'ava';
import { Failure } from './failure.ts';
import { readSince } from './option-values.ts';

const NOW = Date.parse('2026-11-23T12:30:00Z');

test('--since takes a length of time, a time of day and a moment, in UTC', (t) => {
  const cases: readonly (readonly [text: string, moment: string])[] = [
    ['10m', '2026-11-23T12:20:00.000Z'],
    ['12:03', '2026-11-23T12:03:00.000Z'],
    ['12:03:11.5', '2026-11-23T12:03:11.500Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22 12:03', '2026-11-22T12:03:00.000Z'],
    ['2026-11-22 12:03:11 UTC', '2026-11-22T12:03:11.000Z'],
    ['2026-11-22T12:03:11Z', '2026-11-22T12:03:11.000Z'],
    ['2026-11-22 12:03 +01:00', '2026-11-22T11:03:00.000Z'],
  ];
  for (const [text, moment] of cases) {
    t.is(new Date(readSince(text, NOW)).toISOString(), moment, text);
  }
  for (const text of ['', 'yesterday', '25:00', '2026-13-01', '-10m', '10']) {
    t.throws(() => readSince(text, NOW), { instanceOf: Failure }, text);
  }
});
