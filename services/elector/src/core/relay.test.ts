// M9: reports that do not reach the leader reach it through others, and its answers the same way back.
import test from 'ava';
import { coordinator, follower } from './ballot.fixture.ts';
import { LED_AT, reportOf } from './driver.fixture.ts';
import { attachAll, HOLDING, led } from './office.fixture.ts';

const UNHEARD = { leaderUnheard: true };

function relayed(runner: string, number: number, part = {}, session = `session-${runner}`) {
  const report = reportOf(number, { ...UNHEARD, ...part });
  return { kind: 'relayed-report', runner, session, digest: 'times', report } as const;
}

test('M9: an elector bound to another passes on what does not reach that one, and nothing else', (t) => {
  const { driver, now } = follower();
  driver.attach('r', now);
  driver.report('r', reportOf(1, UNHEARD), now);
  t.is(driver.sent('relayed-report').length, 0, 'bound to nobody');
  driver.hear('a', coordinator(1), now);
  driver.report('r', reportOf(2), now + 1);
  t.is(driver.sent('relayed-report').length, 0, 'the runner hears its leader');
  driver.report('r', reportOf(3, UNHEARD), now + 2);
  const [sent] = driver.sent('relayed-report');
  t.is(sent?.to, 'a');
  t.is(sent?.body.report.number, 3);
  t.is(sent?.body.session, 'session-r');
});

test('M9: the leader answers through the elector that passed the report on, with a lease', (t) => {
  const driver = led();
  attachAll(driver);
  driver.step({ kind: 'runner-lost', runner: 'r', session: 'session-r' }, LED_AT + 10);
  driver.hear('c', relayed('r', 10, HOLDING), LED_AT + 50);
  const [answer] = driver.sent('relayed-assignment');
  t.is(answer?.to, 'c');
  t.is(answer?.body.assignment.number, 10);
  t.is(answer?.body.assignment.lease?.epoch, 4);
  t.is(driver.assigned('r'), undefined, 'its own stream is broken');
});

test('M9: a report that comes directly is answered directly again', (t) => {
  const driver = led();
  attachAll(driver);
  driver.hear('c', relayed('r', 10, HOLDING), LED_AT + 50);
  driver.report('r', reportOf(11, HOLDING), LED_AT + 60);
  t.is(driver.sent('relayed-assignment').length, 0);
  t.is(driver.assigned('r')?.number, 11);
});

test('M9: an answer that comes for a runner is passed on to it', (t) => {
  const leader = led();
  leader.hear('c', relayed('r', 10, HOLDING), LED_AT + 50);
  const assignment = leader.sent('relayed-assignment')[0]?.body.assignment;
  const { driver, now } = follower();
  driver.attach('r', now);
  if (assignment !== undefined) {
    driver.hear('a', { kind: 'relayed-assignment', runner: 'r', assignment }, now);
  }
  t.deepEqual(driver.assigned('r'), assignment);
});

test('M9: the second copy of a report, and another session while one is heard, are dropped', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  driver.hear('c', relayed('r', 10, HOLDING), LED_AT + 51);
  t.is(driver.sent('relayed-assignment').length, 0);
  driver.hear('c', relayed('r', 99, {}, 'another'), LED_AT + 52);
  t.is(driver.sent('relayed-assignment').length, 0);
  driver.hear('c', relayed('r', 11, HOLDING), LED_AT + 53);
  t.is(driver.sent('relayed-assignment').length, 1);
});

test('M9: a runner that no stream of its own brings to the leader can be master', (t) => {
  const driver = led({ master: undefined, masterSession: undefined });
  const later = LED_AT + 700;
  driver.hear('c', relayed('s', 10), later);
  const runner = driver.core.cluster(later).runners.find(({ name }) => name === 's');
  t.is(runner?.state, 'standby');
  t.is(runner?.rejected, '');
});

test('M7: a late relayed report of an earlier session does not oust the one that is connected', (t) => {
  const driver = led({ master: undefined, masterSession: undefined });
  driver.attach('r', LED_AT + 10, 'session-2');
  driver.hear('c', relayed('r', 10, HOLDING), LED_AT + 11);
  driver.report('r', reportOf(1), LED_AT + 12, 'session-2');
  t.is(driver.assigned('r')?.session, 'session-2');
});
