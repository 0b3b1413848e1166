// One test per clause of P6 to P8 and P10, titled with its rule; "!" marks what a model broke when it was
// left out.
import test from 'ava';
import { candidate, coordinator, follower, HEARTBEAT } from './ballot.fixture.ts';
import { BOUND, LED_AT, lead, reportOf, TIMES } from './driver.fixture.ts';

test('P6: a claim takes a term above all that were told, and leads by a majority of grants', (t) => {
  const { driver, now } = candidate();
  const probe = driver.sent('election')[0]?.body.probe ?? 0;
  const free = { wouldGrant: true, boundTo: undefined, boundFor: 0, reason: undefined };
  driver.hear('c', { kind: 'prospect', probe, ...free, highestTerm: 41 }, now);
  driver.hear('a', { kind: 'prospect', probe, ...free, highestTerm: 3 }, now);
  t.is(driver.sent('coordinator')[0]?.body.term, 42);
  t.is(driver.core.role, 'claimant');
  driver.grantAll(['c'], now + 5);
  t.is(driver.core.role, 'leader');
});

test('P6: its own grant must be on disk before it leads', (t) => {
  const { driver, now } = candidate();
  driver.holdDisk = true;
  driver.prospects(['a', 'c'], now);
  driver.grantAll(['a', 'c'], now + 5);
  t.is(driver.core.role, 'claimant');
  driver.releaseDisk(now + 10);
  t.is(driver.core.role, 'leader');
});

test('P6: a claim not granted within 2.5 heartbeats is over, and its term never leads', (t) => {
  const { driver, now } = candidate();
  driver.prospects(['a', 'c'], now);
  const claim = driver.sent('coordinator')[0]?.body;
  driver.until(now + 2.5 * HEARTBEAT);
  t.is(driver.core.role, 'follower');
  const grant = { kind: 'grant', term: claim?.term ?? 0, round: claim?.round ?? 0 } as const;
  driver.hear('c', { ...grant, residue: 0, carriesCharter: true, charter: undefined }, now + 501);
  t.is(driver.core.role, 'follower');
  // It stands again 0.6 heartbeat after its binding to itself: the last round left at 2 heartbeats.
  const again = now + 2 * HEARTBEAT + BOUND + 0.6 * HEARTBEAT;
  driver.keepHearing(['a', 'c'], again - 1);
  driver.until(again + 0.15 * HEARTBEAT - 1);
  t.is(driver.core.role, 'follower');
  driver.until(again + 0.15 * HEARTBEAT);
  t.is(driver.core.role, 'candidate');
});

test('P7: the lease runs from the sending of the newest round that a majority granted', (t) => {
  const driver = lead();
  driver.until(LED_AT + HEARTBEAT);
  driver.grantAll(['b'], LED_AT + HEARTBEAT + 90);
  driver.until(LED_AT + HEARTBEAT + TIMES.leaderLease - 1);
  t.is(driver.core.role, 'leader');
  driver.until(LED_AT + HEARTBEAT + TIMES.leaderLease);
  t.not(driver.core.role, 'leader', 'not from the arrival of the grant');
});

test('P7: in the step in which the lease runs out nothing is assigned any more', (t) => {
  const driver = lead();
  driver.attach('r', LED_AT + 10);
  driver.report('r', reportOf(1), LED_AT + TIMES.leaderLease);
  t.is(driver.assigned('r'), undefined);
  t.not(driver.core.role, 'leader');
});

test('P7: when its lease has run out it resigns the term, which goes on counting as residue', (t) => {
  const driver = lead();
  const end = LED_AT + TIMES.leaderLease;
  driver.until(end + 1);
  t.not(driver.core.role, 'leader');
  // Its last heartbeat may have bound others for longer than it led by it.
  t.is(driver.sent('resign').length, 2);
  driver.hear('b', coordinator(9), end + 2);
  const [grant] = driver.sent('grant');
  t.true((grant?.body.residue ?? 0) > 0);
});

test('P7!: refused by one that can grant its term no more, it resigns and claims above that term', (t) => {
  const driver = lead();
  const refusal = {
    kind: 'refusal',
    term: 1,
    round: 1,
    reason: 'term',
    boundTo: undefined,
    boundFor: 0,
  } as const;
  driver.hear('c', refusal, LED_AT + 50, { term: 7, hasCharter: true });
  t.deepEqual(
    driver.sent('resign').map(({ body }) => body.term),
    [1, 1],
  );
  t.is(driver.sent('election').length, 2, 'probes at once');
  driver.prospects(['b', 'c'], LED_AT + 55);
  t.is(driver.sent('coordinator')[0]?.body.term, 8);
  driver.grantAll(['b', 'c'], LED_AT + 60);
  t.is(driver.core.role, 'leader');
  driver.hear('c', { ...refusal, term: 8 }, LED_AT + 100, { term: 9, hasCharter: true });
  t.is(driver.core.role, 'leader', 'at most once a leaderLease');
});

test('P7!: refused by one that is merely bound, or has another digest, it goes on', (t) => {
  const driver = lead();
  const refusal = { kind: 'refusal', term: 1, round: 1, boundTo: 'b', boundFor: 10 } as const;
  driver.hear('c', { ...refusal, reason: 'bound' }, LED_AT + 50);
  t.is(driver.core.role, 'leader');
  driver.meet(['c'], LED_AT + 60, undefined, 'other');
  driver.hear('c', { ...refusal, reason: 'term' }, LED_AT + 70);
  t.is(driver.core.role, 'leader');
});

test('P7!: told of a higher term by a runner it resigns, and the term is a floor for its claims', (t) => {
  const driver = lead();
  driver.attach('r', LED_AT + 10);
  driver.report('r', reportOf(1, { highestTerm: 20 }), LED_AT + 20);
  t.is(driver.sent('resign').length, 2);
  driver.prospects(['b', 'c'], LED_AT + 25);
  t.is(driver.sent('coordinator')[0]?.body.term, 21);
});

test('P8: a clean stop resigns; the resigner neither stands nor answers, a late grant is answered again', (t) => {
  const driver = lead();
  driver.step({ kind: 'stop' }, LED_AT + 50);
  t.is(driver.sent('resign').length, 2);
  t.is(driver.core.role, 'follower');
  const grant = {
    kind: 'grant',
    term: 1,
    round: 1,
    residue: 0,
    carriesCharter: false,
    charter: undefined,
  } as const;
  driver.hear('b', grant, LED_AT + 60);
  t.deepEqual(driver.sent('resign'), [{ to: 'b', body: { kind: 'resign', term: 1 } }]);
  driver.hear('c', { kind: 'election', probe: 1 }, LED_AT + 70);
  t.is(driver.sent('answer').length, 0);
  t.is(driver.sent('prospect').length, 1);
});

test('P8: a resignation frees its granters at once, and no probe waits for the resigner', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(1), now);
  driver.hear('a', { kind: 'resign', term: 1 }, now + 100);
  driver.keepHearing(['a', 'c'], now + 101);
  driver.until(now + 101 + 0.15 * HEARTBEAT);
  t.is(driver.sent('election').length, 2, 'its word counts where it is needed');
  driver.prospects(['c'], now + 140);
  t.is(driver.core.role, 'claimant', 'and nobody waits for it');
});

test('P8: a claimant that is stopped does not begin to lead, and frees its granters', (t) => {
  const { driver, now } = candidate();
  driver.prospects(['a', 'c'], now);
  const asked = driver.effects;
  driver.step({ kind: 'stop' }, now + 1);
  t.is(driver.sent('resign').length, 2);
  driver.effects = asked;
  driver.grantAll(['a', 'c'], now + 3);
  t.is(driver.core.role, 'follower');
  t.is(driver.sent('resign').length, 2, 'late grants are answered by it again');
});

test('P8: a resignation of another term frees nothing', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(2), now);
  driver.hear('a', { kind: 'resign', term: 1 }, now + 100);
  driver.hear('c', coordinator(3), now + 100);
  t.is(driver.sent('refusal')[0]?.body.reason, 'bound');
});
