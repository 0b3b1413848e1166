// The numbers that the measurements report must be the ones they claim to be.
import test from 'ava';
import { describeResult, keeps, median, worst } from './figure.ts';

test('worst and median', (t) => {
  t.is(worst([3, 9, 1]), 9);
  t.is(median([9, 1, 3]), 3);
  t.is(median([4, 1, 3, 2]), 3);
});

test('a result keeps its bound or is shown as too much', (t) => {
  const result = { what: 'gap', value: 30, bound: 30, remark: '' };
  t.true(keeps(result));
  t.false(keeps({ ...result, value: 30.1 }));
  t.true(describeResult({ ...result, value: 31, remark: 'x' }).startsWith('TOO MUCH'));
});
