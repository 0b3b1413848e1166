// What a trial of restarts takes for a fault: it must see a script too many, too few or too early, and
// must not see one in what was ordered or what a lost lease demands. Logs written by hand.
import test from 'ava';
import type { LogLine } from './promotion-log.ts';
import { faultsOf, type Round } from './restart-verdict.ts';

const quiet: Round = {
  hosts: ['a', 'b', 'c'],
  victim: 'a',
  inside: undefined,
  before: 'a',
  after: 'a',
  lost: undefined,
};

/** Scripts one after the other, from 1000 on, each 10 ms long: "a store demote". */
function log(...scripts: readonly string[]): readonly LogLine[] {
  return scripts.flatMap((script, index): readonly LogLine[] => {
    const [host = '', service = '', action = ''] = script.split(' ');
    const at = 1_000 + index * 10;
    return [
      { kind: 'begin', at, host, service, action, epoch: 1 },
      { kind: 'end', at: at + 9, host, service, action, code: 0 },
    ];
  });
}

function kindsOf(round: Partial<Round>, lines: readonly LogLine[]): readonly string[] {
  return faultsOf({ ...quiet, ...round }, lines).map(({ kind }) => kind);
}

const goesDown = ['a daemon demote', 'a store demote'];
const risesOnB = ['b store promote', 'b daemon promote'];
const lost = { host: 'a', at: 1_000 };

test('nothing may run where a runner was back within its lease', (t) => {
  t.deepEqual(kindsOf({}, log()), []);
  t.deepEqual(kindsOf({}, log(...goesDown)), ['demotion', 'demotion']);
  t.deepEqual(kindsOf({}, log('a daemon start')), ['restart']);
  t.deepEqual(kindsOf({}, log('c store stop')), ['restart']);
  t.deepEqual(kindsOf({}, log('a store promote')), ['script']);
});

test('a lost lease demands each demote once, in order, and another master', (t) => {
  t.deepEqual(kindsOf({ lost, after: 'b' }, log(...goesDown, ...risesOnB)), []);
  // Its own again, under another epoch.
  const again = ['a store promote', 'a daemon promote'];
  t.deepEqual(kindsOf({ lost }, log(...goesDown, ...again)), []);
  t.deepEqual(kindsOf({ lost, after: 'b' }, log(...goesDown, ...goesDown, ...risesOnB)), [
    'demotion',
    'demotion',
  ]);
  t.deepEqual(kindsOf({ lost, after: 'b' }, log(...goesDown.toReversed(), ...risesOnB)), [
    'script',
  ]);
  t.deepEqual(kindsOf({ lost, after: 'b' }, log('a daemon demote', ...risesOnB)), ['script']);
});

test('a demote that comes before the lease is over is one that nothing demands', (t) => {
  const early = { ...lost, at: 1_005 };
  t.deepEqual(kindsOf({ lost: early, after: 'b' }, log(...goesDown, ...risesOnB)), ['demotion']);
});

test('a start that was ordered comes once', (t) => {
  const inside = { service: 'daemon', action: 'start' } as const;
  const ordered = ['b daemon stop', 'b store stop', 'b store start', 'b daemon start'];
  t.deepEqual(kindsOf({ victim: 'b', inside }, log(...ordered)), []);
  t.deepEqual(kindsOf({ victim: 'b', inside }, log(...ordered, 'b daemon start')), ['restart']);
});

test('a switchover cut by a kill goes on, or down from where it was', (t) => {
  const inside = { service: 'store', action: 'promote' } as const;
  const round = { victim: 'b', inside };
  t.deepEqual(kindsOf({ ...round, after: 'b' }, log(...goesDown, ...risesOnB)), []);
  const risesOnC = ['c store promote', 'c daemon promote'];
  const cut = [...goesDown, 'b store promote', 'b store demote', ...risesOnC];
  const lostOnB = { host: 'b', at: 1_000 };
  t.deepEqual(kindsOf({ ...round, after: 'c', lost: lostOnB }, log(...cut)), []);
  t.deepEqual(kindsOf({ ...round, after: 'b' }, log(...goesDown, ...risesOnB, 'b store promote')), [
    'script',
  ]);
  const late = { service: 'daemon', action: 'demote' } as const;
  t.deepEqual(kindsOf({ inside: late, after: 'b' }, log(...goesDown, ...risesOnB)), []);
});

test('two scripts of one service at a time are a fault', (t) => {
  const [begin, end] = log('a store promote');
  const [other, otherEnd] = log('a store demote');
  if (!begin || !end || !other || !otherEnd) return t.fail();
  // One that was cut short has no end.
  t.deepEqual(kindsOf({}, [begin, other, otherEnd]).length, 2);
  t.deepEqual(kindsOf({}, [begin, other, end, otherEnd]).length, 4);
});
