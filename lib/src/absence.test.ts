// What is remembered of a loop that stood still, and for how long.
import test from 'ava';
import { ABSENCE_REMEMBERED, Absence } from './absence.ts';

test('an absence is told with its age until it is forgotten', (t) => {
  const absence = new Absence(200);
  t.is(absence.told(0), undefined);
  t.true(absence.note(3_200, 10_000));
  t.deepEqual(absence.told(22_000), { longest: 3_200, since: 12_000 });
  t.is(absence.told(10_000 + ABSENCE_REMEMBERED), undefined);
});

test('less than a heartbeat is not worth telling', (t) => {
  const absence = new Absence(200);
  t.false(absence.note(199, 1_000));
  t.is(absence.told(1_000), undefined);
  t.true(absence.note(200, 2_000));
});

test('a shorter absence does not hide a longer one, unless that is forgotten', (t) => {
  const absence = new Absence(200);
  absence.note(3_000, 0);
  t.true(absence.note(300, 5_000));
  t.deepEqual(absence.told(5_000), { longest: 3_000, since: 5_000 });
  absence.note(400, ABSENCE_REMEMBERED);
  t.deepEqual(absence.told(ABSENCE_REMEMBERED), { longest: 400, since: 0 });
});
