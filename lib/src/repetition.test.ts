// What is said once a minute, and how much is remembered for that.
import test from 'ava';
import { createRepetition, REPETITION_MIN, SENTENCES_MAX } from './repetition.ts';

function build() {
  const time = { now: 0 };
  const clock = { now: () => time.now, wall: () => 0, at: () => () => {} };
  return { time, say: createRepetition(clock) };
}

test('a sentence is said once a minute, others at once', (t) => {
  const { time, say } = build();
  t.true(say('a'));
  t.false(say('a'));
  t.true(say('b'));
  time.now = REPETITION_MIN - 1;
  t.false(say('a'));
  time.now = REPETITION_MIN;
  t.true(say('a'));
  t.false(say('a'));
});

test('the number of remembered sentences is bounded: the oldest is forgotten', (t) => {
  const { say } = build();
  for (let n = 0; n <= SENTENCES_MAX; n += 1) say(`${n}`);
  t.true(say('0'));
  t.false(say(`${SENTENCES_MAX}`));
});
