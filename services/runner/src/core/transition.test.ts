// The tables of a service, row by row: a state, what its script came to, and what it is then.
import test from 'ava';
import type { ServiceState } from './assignment.ts';
import type { Action, ScriptEnd } from './input.ts';
import { describeEnd, type Outcome, outcomeOf } from './outcome.ts';
import { Service } from './service.ts';
import { type Level, lowerLevel, STEPS, TRANSITIONS } from './transition.ts';
import { definition } from './trial.fixture.ts';

const exited = (code: number): ScriptEnd => ({ kind: 'exited', code });

const outcomes: readonly (readonly [Action, ScriptEnd, Outcome])[] = [
  ['start', exited(0), 'succeeded'],
  ['start', exited(1), 'failed'],
  ['start', exited(90), 'failed'],
  ['promote', { kind: 'signalled', signal: 'SIGSEGV' }, 'failed'],
  ['promote', { kind: 'timed-out', after: 30_000 }, 'failed'],
  ['demote', { kind: 'not-started', reason: 'x' }, 'failed'],
  ['promote', { kind: 'cut-short' }, 'cut-short'],
  ['status', exited(0), 'succeeded'],
  ['status', exited(90), 'found-promoted'],
  ['status', exited(91), 'found-standby'],
  ['status', exited(92), 'found-stopped'],
  ['status', exited(93), 'found-live'],
  ['status', exited(94), 'failed'],
  ['status', exited(1), 'failed'],
  ['status', { kind: 'timed-out', after: 1 }, 'failed'],
  ['status', { kind: 'gone', reason: 'x' }, 'cut-short'],
  ['stop', { kind: 'gone', reason: 'x' }, 'failed'],
  ['failed', exited(1), 'told'],
  ['failed', { kind: 'cut-short' }, 'told'],
];

for (const [action, end, outcome] of outcomes) {
  test(`${describeEnd(action, end)}: ${outcome}`, (t) => {
    t.is(outcomeOf(action, end), outcome);
  });
}

const rows: readonly (readonly [ServiceState, Outcome, ServiceState, boolean | undefined])[] = [
  ['stopped', 'succeeded', 'stopped', undefined],
  ['stopped', 'failed', 'stopped', undefined],
  ['stopped', 'found-promoted', 'promoted', true],
  ['stopped', 'found-standby', 'started', false],
  ['stopped', 'found-live', 'started', false],
  ['stopped', 'found-stopped', 'stopped', false],
  ['starting', 'succeeded', 'started', undefined],
  ['starting', 'failed', 'failing', undefined],
  ['starting', 'cut-short', 'started', undefined],
  ['started', 'succeeded', 'started', undefined],
  ['started', 'failed', 'failing', undefined],
  ['started', 'found-promoted', 'promoted', true],
  ['started', 'found-stopped', 'stopped', false],
  ['promoting', 'succeeded', 'promoted', undefined],
  ['promoting', 'failed', 'failing', undefined],
  ['promoting', 'cut-short', 'promoted', undefined],
  ['promoted', 'succeeded', 'promoted', undefined],
  ['promoted', 'failed', 'failing', undefined],
  ['promoted', 'found-standby', 'started', false],
  ['promoted', 'found-live', 'started', false],
  ['promoted', 'found-stopped', 'stopped', false],
  ['demoting', 'succeeded', 'started', false],
  ['demoting', 'failed', 'failing', undefined],
  ['stopping', 'succeeded', 'stopped', false],
  ['stopping', 'failed', 'failing', undefined],
  ['failing', 'told', 'failed', undefined],
  ['failing', 'succeeded', 'failed', false],
  ['failing', 'failed', 'failed', undefined],
];

for (const [state, outcome, next, promoted] of rows) {
  test(`${state}, ${outcome}: ${next}`, (t) => {
    t.is(TRANSITIONS[state][outcome]?.next, next);
    t.is(TRANSITIONS[state][outcome]?.promoted, promoted);
  });
}

test('only what proves it takes a service from "may be promoted"', (t) => {
  const proofs = Object.entries(TRANSITIONS).flatMap(([state, row]) =>
    Object.entries(row).flatMap(([outcome, transition]) =>
      transition.promoted === false ? [`${state} ${outcome}`] : [],
    ),
  );
  const found = ['found-standby', 'found-live', 'found-stopped'];
  const expected = ['demoting succeeded', 'stopping succeeded', 'failing succeeded'];
  for (const state of ['stopped', 'started', 'promoted']) {
    expected.push(...found.map((outcome) => `${state} ${outcome}`));
  }
  t.deepEqual(proofs.toSorted(), expected.toSorted());
});

const steps: readonly (readonly [ServiceState, Level, Action | undefined])[] = [
  ['stopped', 'stopped', undefined],
  ['stopped', 'started', 'start'],
  ['stopped', 'promoted', 'start'],
  ['started', 'stopped', 'stop'],
  ['started', 'started', undefined],
  ['started', 'promoted', 'promote'],
  ['promoted', 'stopped', 'demote'],
  ['promoted', 'started', 'demote'],
  ['promoted', 'promoted', undefined],
  ['failed', 'started', undefined],
];

for (const [state, level, action] of steps) {
  test(`${state}, to be ${level}: ${action ?? 'nothing to do'}`, (t) => {
    t.is(STEPS[state]?.[level]?.action, action);
  });
}

test('levels have an order', (t) => {
  t.is(lowerLevel('promoted', 'started'), 'started');
  t.is(lowerLevel('stopped', 'started'), 'stopped');
});

test('a service is asked for its status before it is started for the first time', (t) => {
  const service = new Service(definition('web'));
  service.want('started', 0);
  t.is(service.next, undefined);
  t.true(service.wantsStatus);
  service.begin({ action: 'status', during: 'stopped', reason: '' }, 1, 0, 0);
  service.end(exited(92), false);
  t.is(service.next?.action, 'start');
});
