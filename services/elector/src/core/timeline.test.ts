// The timeline's bounds: how many events of each kind are remembered, and how long each may be.
import test from 'ava';
import type { Charter, EventKind, Rejection } from './charter.ts';
import { CHANGES_MAX, DECISION_BYTES_MAX, DECISIONS_MAX } from './charter.ts';
import { charterOf } from './driver.fixture.ts';
import { type EventContext, eventOf, withEvents } from './timeline.ts';

function context(kind: EventKind): EventContext {
  return { kind, term: 3, epoch: 2, at: 1_000 };
}

function grown(charter: Charter, kind: EventKind, count: number): Charter {
  const fresh = Array.from({ length: count }, (_, index) =>
    eventOf({ subject: 'r', rule: 'some', text: `${kind} ${index}` }, context(kind)),
  );
  return { ...charter, decisions: withEvents(charter, fresh) };
}

test('decisions and changes stand in one order under one counter', (t) => {
  const one = grown(charterOf(1), 'change', 2);
  const two = grown(one, 'decision', 1);
  const three = grown(two, 'change', 1);
  t.deepEqual(
    three.decisions.map(({ number, kind }) => `${number} ${kind}`),
    ['1 change', '2 change', '3 decision', '4 change'],
  );
});

test('however many changes there are, no decision is forgotten for them', (t) => {
  const decided = grown(charterOf(1), 'decision', 3);
  const { decisions } = grown(decided, 'change', CHANGES_MAX + 50);
  t.is(decisions.filter(({ kind }) => kind === 'decision').length, 3);
  const changes = decisions.filter(({ kind }) => kind === 'change');
  t.is(changes.length, CHANGES_MAX);
  t.is(changes[0]?.text, 'change 50', 'the oldest ones are');
  t.is(changes.at(-1)?.number, 3 + CHANGES_MAX + 50, 'and their numbers are not used again');
});

test('nor a change for decisions', (t) => {
  const { decisions } = grown(grown(charterOf(1), 'change', 2), 'decision', DECISIONS_MAX + 1);
  t.is(decisions.filter(({ kind }) => kind === 'change').length, 2);
  t.is(decisions.filter(({ kind }) => kind === 'decision').length, DECISIONS_MAX);
});

function bytesOf(text: string, rejected: readonly Rejection[]): number {
  const all = [text, ...rejected.map(({ runner, rule, reason }) => runner + rule + reason)];
  return new TextEncoder().encode(all.join('')).length;
}

function rejections(count: number): readonly Rejection[] {
  return Array.from({ length: count }, (_, index) => ({
    runner: `runner-${index}`,
    rule: 'not-standby',
    reason: 'live: a service is not promotable',
  }));
}

test('rejections stand beside the text while there is room for both', (t) => {
  const note = { subject: 'r', rule: 'only-one', text: 'r is promoted', rejected: rejections(4) };
  t.deepEqual(eventOf(note, context('decision')).rejected, rejections(4));
});

test('where there is none, the last one says how many are left out', (t) => {
  const text = 'ü'.repeat(50);
  const { rejected } = eventOf(
    { subject: 'r', rule: 'only-one', text, rejected: rejections(30) },
    context('decision'),
  );
  t.true(bytesOf(text, rejected) <= DECISION_BYTES_MAX);
  t.deepEqual(rejected.slice(0, -1), rejections(rejected.length - 1));
  t.true(rejected.length > 3);
  t.deepEqual(rejected.at(-1), {
    runner: '',
    rule: '',
    reason: `and ${30 - rejected.length + 1} more`,
  });
});

test('a text that fills an event leaves no room for a rejection', (t) => {
  const { text, rejected } = eventOf(
    { subject: 'r', rule: 'only-one', text: '€'.repeat(400), rejected: rejections(2) },
    context('decision'),
  );
  t.is(text, '€'.repeat(133));
  t.deepEqual(rejected, []);
});
