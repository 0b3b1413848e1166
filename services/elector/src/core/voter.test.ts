// One test per clause of P1 to P3, titled with its rule; "!" marks what a model broke when it was left out.
import test from 'ava';
import { candidate, coordinator, follower, HEARTBEAT, leading } from './ballot.fixture.ts';
import { BOUND, charterOf, goOn, LED_AT, lead } from './driver.fixture.ts';

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

test('P3: its grant to itself binds it, also after its claim is over', (t) => {
  const { driver, now } = candidate();
  driver.prospects(['a', 'c'], now);
  const over = now + 2.5 * HEARTBEAT;
  driver.until(over + 1, now);
  t.is(driver.core.role, 'follower');
  driver.hear('c', coordinator(9), over + 2);
  t.is(driver.sent('refusal')[0]?.body.boundTo, 'b');
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
