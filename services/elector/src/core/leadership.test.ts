// One test per clause of P1 to P8 and P10, titled with its rule; "!" marks the clauses that a model broke
// when they were left out.
import test from 'ava';
import {
  BOUND,
  charterOf,
  Driver,
  EMPTY,
  goOn,
  LED_AT,
  lead,
  optionsFor,
  TIMES,
} from './driver.fixture.ts';
import type { Body } from './message.ts';

const HEARTBEAT = TIMES.heartbeat;

function coordinator(term: number, round = 1): Body {
  return { kind: 'coordinator', term, round };
}

function leading(term: number, round = 1): Body {
  return { kind: 'heartbeat', leading: true, term, round };
}

/** Elector b of three, past the abstention of its start. */
function follower(record = EMPTY): { driver: Driver; now: number } {
  const driver = new Driver(optionsFor('b'), record);
  driver.meet(['a', 'c'], 0, record.charter);
  return { driver, now: BOUND + 1 };
}

test('P1: an elector with another digest is neither granted nor renewed, and both are told', (t) => {
  const { driver, now } = follower();
  driver.meet(['a'], 0, undefined, 'other list');
  t.true(driver.effects.some((effect) => effect.kind === 'log' && effect.level === 'warn'));
  driver.hear('a', coordinator(1), now);
  t.is(driver.sent('refusal')[0]?.body.reason, 'digest');
  t.is(driver.disk.grantedTerm, 0);
});

test('P1!: a list more than one elector away from the charter grants nothing, itself included', (t) => {
  const charter = charterOf(1, { electors: ['a', 'x', 'y'] });
  const { driver, now } = follower({ grantedTerm: 1, grantedTo: 'c', charter });
  driver.hear('a', coordinator(2), now);
  t.is(driver.sent('refusal')[0]?.body.reason, 'list');
  t.regex(
    driver.core.cluster(now).electors.find(({ name }) => name === 'b')?.problem ?? '',
    /more than one/,
  );
  driver.until(5_000);
  driver.keepHearing(['a', 'c'], 5_001);
  driver.until(5_300);
  t.is(driver.core.role, 'follower');
});

test('P1: a list one elector away from the charter still grants', (t) => {
  const charter = charterOf(1, { electors: ['a', 'b'] });
  const { driver, now } = follower({ grantedTerm: 1, grantedTo: 'c', charter });
  driver.hear('a', coordinator(2), now);
  t.is(driver.sent('grant').length, 1);
});

test('P1: charter versions pass whatever the digest, also to an elector that is not listed', (t) => {
  const driver = lead();
  driver.hear('stranger', { kind: 'hello', digest: 'other', charter: undefined }, LED_AT + 10);
  driver.until(LED_AT + HEARTBEAT);
  t.true(driver.sent('store').some(({ to }) => to === 'stranger'));
  driver.hear('stranger', { kind: 'stored', version: { term: 1, index: 1 } }, LED_AT + 210);
  driver.until(LED_AT + 2 * HEARTBEAT);
  t.false(driver.sent('store').some(({ to }) => to === 'stranger'));
});

test('P2: a term goes to one elector, and none below a granted or stored one is granted', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(5), now);
  t.is(driver.sent('grant').length, 1);
  const later = now + BOUND + 1;
  driver.hear('c', coordinator(5), later);
  t.is(driver.sent('refusal')[0]?.body.reason, 'term');
  driver.hear('c', coordinator(4), later);
  t.is(driver.sent('refusal')[0]?.body.reason, 'term');
  driver.hear('a', { kind: 'store', charter: charterOf(9) }, later);
  driver.hear('c', coordinator(8), later);
  t.is(driver.sent('refusal')[0]?.body.reason, 'term');
});

test('P2: a grant is on disk before it leaves', (t) => {
  const { driver, now } = follower();
  driver.holdDisk = true;
  driver.hear('a', coordinator(1), now);
  t.is(driver.sent('grant').length, 0);
  driver.releaseDisk(now + 50);
  t.deepEqual(driver.disk.grantedTo, 'a');
  t.is(driver.sent('grant').length, 1);
});

test('P3!: a grant binds from the receipt, the durable write pending or not', (t) => {
  const { driver, now } = follower();
  driver.holdDisk = true;
  driver.hear('a', coordinator(1), now);
  driver.hear('c', coordinator(2), now + 1);
  const refusal = driver.sent('refusal')[0]?.body;
  t.is(refusal?.reason, 'bound');
  t.is(refusal?.boundTo, 'a');
  t.is(refusal?.boundFor, BOUND - 1);
});

test('P3!: a binding lasts leaderLease × (1 + drift) from the receipt of the newest renewal', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(1), now);
  driver.hear('a', leading(1, 2), now + 500);
  t.is(driver.sent('grant').length, 1);
  driver.hear('c', coordinator(2), now + 500 + BOUND - 1);
  t.is(driver.sent('refusal')[0]?.body.reason, 'bound');
  driver.hear('c', coordinator(2), now + 500 + BOUND);
  t.is(driver.sent('grant').length, 1);
});

test('P3: the same elector may be granted a fresh term at once', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(1), now);
  driver.hear('a', coordinator(2), now + 1);
  t.is(driver.sent('grant')[0]?.body.term, 2);
});

test('P3: after a start it abstains for one binding, except towards its stored grantee', (t) => {
  const record = { grantedTerm: 3, grantedTo: 'a', charter: undefined };
  const { driver } = follower(record);
  driver.hear('c', coordinator(4), BOUND - 1);
  t.is(driver.sent('refusal')[0]?.body.reason, 'abstaining');
  driver.hear('a', coordinator(4), BOUND - 1);
  t.is(driver.sent('grant').length, 1);
  const other = follower(record).driver;
  other.hear('c', coordinator(4), BOUND);
  t.is(other.sent('grant').length, 1);
});

test('P3: its grant to itself binds it, also after it stepped down', (t) => {
  const driver = lead();
  const end = LED_AT + TIMES.leaderLease;
  driver.until(end + 1);
  t.not(driver.core.role, 'leader');
  driver.hear('b', coordinator(9), end + 2);
  t.is(driver.sent('refusal')[0]?.body.boundTo, 'a');
});

test('P3!: a grant carries as residue the full length of grants of other terms, resigned or not', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(1), now);
  driver.hear('a', { kind: 'resign', term: 1 }, now + 100);
  driver.hear('c', coordinator(2), now + 100);
  t.is(driver.sent('grant')[0]?.body.residue, BOUND - 100);
});

test('P3!: earlier terms of the same elector are residue, and renewals of its own term are not', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(1), now);
  driver.hear('a', coordinator(2), now + 200);
  t.is(driver.sent('grant')[0]?.body.residue, BOUND - 200);
  driver.hear('a', coordinator(2, 2), now + 300);
  t.is(driver.sent('grant')[0]?.body.residue, BOUND - 300);
});

test('P3!: after a start the residue lasts to the end of the abstention', (t) => {
  const { driver } = follower({ grantedTerm: 3, grantedTo: 'a', charter: undefined });
  driver.hear('a', coordinator(4), 100);
  t.is(driver.sent('grant')[0]?.body.residue, BOUND - 100);
});

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

/** Elector b of three at the moment in which it starts its first probe. */
function candidate(): { driver: Driver; now: number } {
  const { driver } = follower();
  driver.keepHearing(['a', 'c'], BOUND - 1);
  const now = BOUND + 0.15 * HEARTBEAT;
  driver.until(now);
  return { driver, now };
}

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
  const prospect = { wouldGrant: true, boundTo: undefined, boundFor: 0, highestTerm: 0 };
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

test('P5: after a failed probe the next one comes when enough refusers are free, at the latest after a heartbeat', (t) => {
  const { driver, now } = candidate();
  const probe = driver.sent('election')[0]?.body.probe ?? 0;
  const bound = { wouldGrant: false, boundTo: 'x', highestTerm: 0 };
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

test('P6: a claim takes a term above all that were told, and leads by a majority of grants', (t) => {
  const { driver, now } = candidate();
  const probe = driver.sent('election')[0]?.body.probe ?? 0;
  const free = { wouldGrant: true, boundTo: undefined, boundFor: 0 };
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
  const report = { kind: 'report', runner: 'r', session: 'session-r' } as const;
  const body = {
    number: 1,
    state: 'standby',
    mode: 'active',
    priority: 0,
    uptime: 1,
    epoch: 0,
    leaseEnded: false,
    released: 0,
    promoted: false,
    maintenance: false,
    maintenanceChange: 0,
    highestTerm: 0,
    sinceFailure: undefined,
    services: [],
    failures: [],
    away: 0,
  } as const;
  driver.step({ ...report, report: body }, LED_AT + TIMES.leaderLease);
  t.is(driver.assigned('r'), undefined);
  t.not(driver.core.role, 'leader');
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
  const heard = {
    number: 1,
    uptime: 1,
    epoch: 0,
    leaseEnded: false,
    released: 0,
    promoted: false,
  } as const;
  const rest = {
    state: 'standby',
    mode: 'active',
    priority: 0,
    maintenance: false,
    maintenanceChange: 0,
  } as const;
  const report = {
    ...heard,
    ...rest,
    highestTerm: 20,
    sinceFailure: undefined,
    services: [],
    failures: [],
    away: 0,
  };
  driver.report('r', report, LED_AT + 20);
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
  t.deepEqual(
    driver.sent('election').map(({ to }) => to),
    ['c'],
  );
});

test('P8: a resignation of another term frees nothing', (t) => {
  const { driver, now } = follower();
  driver.hear('a', coordinator(2), now);
  driver.hear('a', { kind: 'resign', term: 1 }, now + 100);
  driver.hear('c', coordinator(3), now + 100);
  t.is(driver.sent('refusal')[0]?.body.reason, 'bound');
});

test('P10: a leader that wakes late steps down before it looks at its mail', (t) => {
  const driver = lead();
  driver.until(LED_AT + HEARTBEAT);
  driver.grantAll(['b', 'c'], LED_AT + 5_000);
  t.not(driver.core.role, 'leader');
});

test('P10: disk writes hold up neither heartbeats nor renewals', (t) => {
  const driver = lead();
  driver.holdDisk = true;
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 10);
  goOn(driver, LED_AT + 50, LED_AT + 5_000);
  t.is(driver.core.role, 'leader');
});
