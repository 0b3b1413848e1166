// P4 and P5, clause by clause: who stands, who is asked, who is deferred to.
import test from 'ava';
import { candidate, coordinator, follower, HEARTBEAT } from './ballot.fixture.ts';
import { BOUND, charterOf, Driver, optionsFor } from './driver.fixture.ts';

test('P4: it stands only while it hears a majority, is free and its disk keeps up', (t) => {
  const alone = new Driver(optionsFor('a'));
  alone.until(10_000);
  t.is(alone.core.role, 'follower');

  const slow = new Driver(optionsFor('a'));
  slow.meet(['b', 'c'], 0);
  slow.holdDisk = true;
  slow.hear('b', { kind: 'store', charter: charterOf(1) }, 300);
  slow.hear('b', { kind: 'heartbeat', leading: false, term: 0, round: 1 }, 301);
  slow.until(1_000, 301);
  slow.keepHearing(['b', 'c'], 1_001);
  slow.until(1_100);
  t.is(slow.core.role, 'follower', 'a write is overdue');
  slow.releaseDisk(1_101);
  t.is(slow.core.role, 'candidate');
});

test('P4: it neither stands nor answers before its own streams reach a majority', (t) => {
  const driver = new Driver(optionsFor('a'));
  // The others' streams are up, ours are not yet: there is nobody to ask.
  driver.hear('b', { kind: 'hello', digest: 'same', charter: undefined }, BOUND - 1);
  driver.hear('c', { kind: 'hello', digest: 'same', charter: undefined }, BOUND - 1);
  driver.until(BOUND + 1);
  t.is(driver.core.role, 'follower');
  driver.hear('b', { kind: 'election', probe: 1 }, BOUND + 2);
  t.deepEqual(driver.sent('answer'), []);
  t.is(driver.sent('prospect').length, 1);
  driver.step({ kind: 'peer-connected', peer: 'b' }, BOUND + 3);
  t.is(driver.core.role, 'candidate');
});

test('P4: the r-th in rank starts r × 0.15 heartbeat after it is free', (t) => {
  const driver = new Driver(optionsFor('c'));
  driver.meet(['a', 'b'], 0);
  driver.keepHearing(['a', 'b'], 500);
  driver.until(BOUND + 2 * 0.15 * HEARTBEAT - 0.1);
  t.is(driver.core.role, 'follower');
  driver.until(BOUND + 2 * 0.15 * HEARTBEAT);
  t.is(driver.core.role, 'candidate');
});

test('P4: a higher-ranked elector that could stand answers and stands at once; others tell their prospect', (t) => {
  const { driver, now } = follower();
  driver.keepHearing(['a', 'c'], now);
  driver.hear('c', { kind: 'election', probe: 7 }, now);
  t.is(driver.sent('answer')[0]?.body.probe, 7);
  t.is(driver.sent('election').length, 2, 'stands at once');
  driver.hear('a', { kind: 'election', probe: 8 }, now);
  t.true(driver.sent('prospect')[0]?.body.wouldGrant);
  driver.hear('a', coordinator(3), now);
  driver.hear('c', { kind: 'election', probe: 9 }, now + 10);
  const prospect = driver.sent('prospect')[0]?.body;
  t.false(prospect?.wouldGrant);
  t.is(prospect?.boundTo, 'a');
  t.is(prospect?.boundFor, BOUND - 10);
  t.is(prospect?.highestTerm, 3);
});

test('P5: a probe waits half a heartbeat for replies, and not for those it does not hear', (t) => {
  const { driver, now } = candidate();
  t.is(driver.sent('election').length, 2);
  driver.prospects(['c'], now);
  t.is(driver.core.role, 'candidate', 'a has not replied yet');
  driver.until(now + HEARTBEAT / 2);
  t.is(driver.core.role, 'claimant');

  const half = new Driver(optionsFor('b'));
  half.meet(['c'], BOUND);
  half.until(BOUND + 0.15 * HEARTBEAT);
  half.prospects(['c'], BOUND + 0.15 * HEARTBEAT);
  t.is(half.core.role, 'claimant', 'a was never heard');
});

test('P5: who was answered waits 1.5 heartbeats, and does not defer to a silent answerer again', (t) => {
  const { driver, now } = candidate();
  const probe = driver.sent('election')[0]?.body.probe ?? 0;
  const prospect = {
    wouldGrant: true,
    boundTo: undefined,
    boundFor: 0,
    highestTerm: 0,
    reason: undefined,
  };
  driver.hear('a', { kind: 'answer', probe, ...prospect }, now + 5);
  driver.hear('c', { kind: 'prospect', probe, ...prospect }, now + 5);
  t.is(driver.core.role, 'follower');
  driver.keepHearing(['a', 'c'], now + 250);
  driver.until(now + 5 + 1.5 * HEARTBEAT - 1);
  t.is(driver.sent('election').length, 0);
  driver.until(now + 5 + 1.5 * HEARTBEAT);
  const second = driver.sent('election')[0]?.body.probe ?? 0;
  t.is(driver.sent('election').length, 2);
  driver.hear('a', { kind: 'answer', probe: second, ...prospect }, now + 310);
  driver.hear('c', { kind: 'prospect', probe: second, ...prospect }, now + 310);
  t.is(driver.core.role, 'claimant');
});

test('P5: after a failed probe the next one comes when enough refusers are free, or after a heartbeat', (t) => {
  const { driver, now } = candidate();
  const probe = driver.sent('election')[0]?.body.probe ?? 0;
  const bound = { wouldGrant: false, boundTo: 'x', highestTerm: 0, reason: 'bound' } as const;
  driver.hear('a', { kind: 'prospect', probe, ...bound, boundFor: 90 }, now);
  driver.hear('c', { kind: 'prospect', probe, ...bound, boundFor: 900 }, now);
  driver.until(now + 89);
  t.is(driver.sent('election').length, 0);
  driver.until(now + 90);
  const second = driver.sent('election')[0]?.body.probe ?? 0;
  t.is(second, probe + 1);
  driver.hear('a', { kind: 'prospect', probe: second, ...bound, boundFor: 900 }, now + 90);
  driver.hear('c', { kind: 'prospect', probe: second, ...bound, boundFor: 900 }, now + 90);
  driver.keepHearing(['a', 'c'], now + 91);
  driver.until(now + 90 + HEARTBEAT - 1);
  t.is(driver.sent('election').length, 0);
  driver.until(now + 90 + HEARTBEAT);
  t.is(driver.sent('election').length, 2);
});
