// One test per clause of C1 to C4, titled with its rule; "!" marks what a model broke when it was left out.
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
  reportOf,
  TIMES,
} from './driver.fixture.ts';
import { Network } from './network.fixture.ts';

test('C1: a new version goes to all electors at once, and each heartbeat to those that have not stored it', (t) => {
  const driver = lead({ committed: false });
  driver.until(LED_AT + TIMES.heartbeat);
  t.deepEqual(
    driver.sent('store').map(({ to }) => to),
    ['b', 'c'],
  );
  driver.hear('b', { kind: 'stored', version: { term: 1, index: 1 } }, LED_AT + 210);
  driver.until(LED_AT + 2 * TIMES.heartbeat);
  t.deepEqual(
    driver.sent('store').map(({ to }) => to),
    ['c'],
  );
});

test('C1: a version is acknowledged when it is on disk, and counts as a grant that binds nobody', (t) => {
  const driver = new Driver(optionsFor('b'));
  driver.meet(['a', 'c'], 0);
  driver.holdDisk = true;
  driver.hear('a', { kind: 'store', charter: charterOf(4) }, BOUND);
  t.is(driver.sent('stored').length, 0);
  driver.releaseDisk(BOUND + 1);
  t.deepEqual(driver.sent('stored')[0]?.body.version, { term: 4, index: 1 });
  t.is(driver.disk.grantedTerm, 4);
  t.is(driver.disk.grantedTo, 'a');
  driver.hear('c', { kind: 'coordinator', term: 5, round: 1 }, BOUND + 2);
  t.is(driver.sent('grant').length, 1);
});

test('C1: a version of a lower term than granted or stored is not stored', (t) => {
  const driver = new Driver(optionsFor('b'));
  driver.meet(['a', 'c'], 0);
  driver.hear('a', { kind: 'coordinator', term: 6, round: 1 }, BOUND);
  driver.hear('c', { kind: 'store', charter: charterOf(5) }, BOUND + 1);
  t.is(driver.sent('stored').length, 0);
  t.is(driver.disk.charter, undefined);
});

test('C1: a leader ignores a foreign version; a claimant of a lower term gives up', (t) => {
  const leader = lead();
  leader.hear('b', { kind: 'store', charter: charterOf(9) }, LED_AT + 5);
  t.is(leader.core.role, 'leader');
  t.not(leader.disk.charter?.version.term, 9);

  const claimant = new Driver(optionsFor('a'));
  claimant.meet(['b', 'c'], 0);
  claimant.until(BOUND - 1);
  claimant.keepHearing(['b', 'c'], BOUND - 1);
  claimant.until(BOUND);
  claimant.prospects(['b', 'c'], BOUND);
  t.is(claimant.core.role, 'claimant');
  claimant.hear('b', { kind: 'store', charter: charterOf(9) }, BOUND + 5);
  t.is(claimant.core.role, 'follower');
  t.is(claimant.disk.charter?.version.term, 9);
});

test('C1: acknowledgements of another term do not count, a later index acknowledges the earlier', (t) => {
  const driver = lead({ committed: false });
  driver.hear('b', { kind: 'stored', version: { term: 7, index: 5 } }, LED_AT + 5);
  driver.attach('r', LED_AT + 10);
  driver.report('r', reportOf(1), LED_AT + 10);
  t.is(driver.assigned('r'), undefined, 'nothing is committed');
  driver.hear('b', { kind: 'stored', version: { term: 1, index: 1 } }, LED_AT + 20);
  t.not(driver.assigned('r'), undefined);
});

test('C1!: an order is answered only once a majority has it on disk', (t) => {
  const driver = lead();
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 10);
  t.is(driver.answered(), undefined);
  driver.storeAll(['c'], LED_AT + 15);
  t.is(driver.answered()?.kind, 'answer');
});

test('C1!: runners hear only what is committed', (t) => {
  const driver = lead();
  driver.attach('r', LED_AT + 5);
  driver.report('r', reportOf(1), LED_AT + 5);
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 10);
  driver.report('r', reportOf(2), LED_AT + 12);
  t.false(driver.assigned('r')?.maintenance?.on);
  driver.order({ kind: 'elect' }, LED_AT + 13);
  driver.hear('c', { kind: 'stored', version: { term: 1, index: 99 } }, LED_AT + 15);
  t.true(driver.assigned('r')?.maintenance?.on);
});

test('C1: an order whose leader loses its office is answered: the outcome is unknown', (t) => {
  const driver = lead();
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 10);
  driver.until(LED_AT + TIMES.leaderLease);
  const answer = driver.answered();
  t.is(answer?.kind === 'refuse' ? answer.reason : '', 'OUTCOME_UNKNOWN');
});

test('C1: an order is answered once: a write that outlives its office answers nothing more', (t) => {
  const driver = lead();
  driver.holdDisk = true;
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 10);
  driver.storeAll(['b'], LED_AT + 20);
  driver.until(LED_AT + TIMES.leaderLease);
  t.is(driver.answered()?.kind, 'refuse');
  driver.releaseDisk(LED_AT + TIMES.leaderLease + 1);
  t.is(driver.answered(), undefined);
});

test('C2!: a new leader takes the newest version carried by the grants of its term, document and all', (t) => {
  const old = charterOf(3, { revision: 7, manual: false });
  const newest = charterOf(3, {
    version: { term: 3, index: 9 },
    revision: 9,
    manual: true,
    electors: ['a', 'b', 'c'],
  });
  const driver = new Driver(optionsFor('a'), { grantedTerm: 3, grantedTo: 'b', charter: old });
  driver.meet(['b', 'c'], 0, old);
  driver.until(LED_AT - 1);
  driver.keepHearing(['b', 'c'], LED_AT);
  driver.prospects(['b', 'c'], LED_AT);
  driver.grantAll(['b'], LED_AT + 1, { charter: newest });
  const store = driver.sent('store')[0]?.body.charter;
  t.true(store?.manual);
  t.is(store?.revision, 10);
  t.deepEqual(store?.version, { term: 4, index: 1 });
});

test('C2!: a grant that carries no charter does not count for a claim', (t) => {
  const driver = new Driver(optionsFor('a'));
  driver.meet(['b', 'c'], 0);
  driver.until(LED_AT - 1);
  driver.keepHearing(['b', 'c'], LED_AT);
  driver.prospects(['b', 'c'], LED_AT);
  const claim = driver.sent('coordinator')[0]?.body;
  const grant = {
    kind: 'grant',
    term: claim?.term ?? 0,
    round: claim?.round ?? 0,
    residue: 0,
  } as const;
  driver.hear('b', { ...grant, carriesCharter: false, charter: undefined }, LED_AT + 1);
  t.is(driver.core.role, 'claimant');
  driver.hear('b', { ...grant, carriesCharter: true, charter: undefined }, LED_AT + 2);
  t.is(driver.core.role, 'leader');
});

test('C2!: every grant that answers a Coordinator carries the charter, one that answers a heartbeat need not', (t) => {
  const charter = charterOf(2);
  const driver = new Driver(optionsFor('b'), { grantedTerm: 2, grantedTo: 'a', charter });
  driver.meet(['a', 'c'], 0, charter);
  driver.hear('a', { kind: 'coordinator', term: 3, round: 1 }, BOUND);
  t.is(driver.sent('grant')[0]?.body.charter, charter);
  driver.hear('a', { kind: 'coordinator', term: 3, round: 2 }, BOUND + 1);
  t.is(driver.sent('grant')[0]?.body.charter, charter);
});

test('C2: until its first version is committed a leader assigns nothing', (t) => {
  const driver = lead({ committed: false });
  driver.attach('r', LED_AT + 5);
  driver.report('r', reportOf(1), LED_AT + 10);
  t.is(driver.assigned('r'), undefined);
  driver.hear('b', { kind: 'stored', version: { term: 1, index: 1 } }, LED_AT + 20);
  t.is(driver.assigned('r')?.target, 'standby', 'then it answers the report in hand');
});

test('C3: nothing is taken as stored while the disk fails, and it is tried again', (t) => {
  const driver = new Driver(optionsFor('b'));
  driver.meet(['a', 'c'], 0);
  driver.holdDisk = true;
  driver.hear('a', { kind: 'coordinator', term: 1, round: 1 }, BOUND);
  driver.step({ kind: 'persist-failed', number: 1, reason: 'no space left' }, BOUND + 10);
  t.is(driver.sent('grant').length, 0);
  const tried = driver.until(BOUND + 1_010);
  t.true(tried.some((effect) => effect.kind === 'persist'));
});

test('C4!: an elector without a charter grants nothing, itself included, while it hears one that has one', (t) => {
  const driver = new Driver(optionsFor('b'));
  driver.meet(['a'], 0, charterOf(3, { epoch: 4 }));
  driver.hear('a', { kind: 'coordinator', term: 9, round: 1 }, BOUND);
  t.is(driver.sent('refusal')[0]?.body.reason, 'empty');
  driver.keepHearing(['a'], 2_000);
  driver.until(2_500);
  t.is(driver.core.role, 'follower');
});

test('C4: it gets the charter from the leader, and grants from then on', (t) => {
  const driver = new Driver(optionsFor('b'));
  driver.meet(['a'], 0, charterOf(3, { epoch: 4 }));
  driver.hear('a', { kind: 'store', charter: charterOf(3, { epoch: 4 }) }, BOUND);
  driver.hear('a', { kind: 'heartbeat', leading: true, term: 3, round: 1 }, BOUND + 1);
  t.is(driver.sent('grant').length, 1);
});

test('C4: an elector whose disk was replaced under a leader that goes on gets the charter again', (t) => {
  const driver = lead();
  driver.hear('c', { kind: 'stored', version: { term: 1, index: 1 } }, LED_AT + 20);
  driver.until(LED_AT + TIMES.heartbeat);
  t.deepEqual(driver.sent('store'), []);
  driver.hear('b', { kind: 'hello', digest: 'same', charter: undefined }, LED_AT + 210);
  driver.hear('c', { kind: 'hello', digest: 'same', charter: charterOf(0) }, LED_AT + 210);
  driver.until(LED_AT + 2 * TIMES.heartbeat);
  t.deepEqual(
    driver.sent('store').map(({ to }) => to),
    ['b', 'c'],
  );
});

test('C4!: told by all others, each holding one, it takes the newest and grants only higher terms', (t) => {
  const driver = new Driver(optionsFor('b'));
  driver.meet(['a'], 0, charterOf(3, { epoch: 4 }));
  driver.until(BOUND);
  t.is(driver.disk.charter, undefined, 'c has not told yet');
  driver.meet(['c'], BOUND + 1, charterOf(5, { epoch: 5 }));
  t.is(driver.disk.charter?.epoch, 5);
  t.is(driver.disk.grantedTerm, 5);
  driver.hear('c', { kind: 'coordinator', term: 5, round: 1 }, BOUND + 2);
  t.is(driver.sent('refusal')[0]?.body.reason, 'term');
  driver.hear('c', { kind: 'coordinator', term: 6, round: 1 }, BOUND + 3);
  t.is(driver.sent('grant').length, 1);
});

test('C4!: where one other is empty too, a charter with a past is not taken, one of epoch 0 is', (t) => {
  const past = new Driver(optionsFor('b'));
  past.meet(['a'], 0, charterOf(3, { epoch: 4 }));
  past.meet(['c'], 1, undefined);
  past.until(BOUND);
  t.is(past.disk.charter, undefined);

  const founding = new Driver(optionsFor('b'));
  founding.meet(['a'], 0, charterOf(3, { epoch: 0 }));
  founding.until(BOUND);
  t.is(founding.disk.charter, undefined, 'c has not told yet');
  founding.meet(['c'], BOUND + 1, undefined);
  t.is(founding.disk.charter?.version.term, 3);
});

test('C4: an elector that joins a led cluster waits for the leader, and does not make it resign', (t) => {
  const driver = new Driver(optionsFor('b'));
  driver.meet(['a', 'c'], 0, charterOf(3, { epoch: 0 }));
  t.is(driver.disk.charter, undefined);
  driver.hear('a', { kind: 'store', charter: charterOf(3, { epoch: 0 }) }, 100);
  driver.hear('a', { kind: 'heartbeat', leading: true, term: 3, round: 1 }, BOUND);
  t.is(driver.sent('grant').length, 1);
});

test('C4: a new cluster elects as soon as a majority is up', (t) => {
  const network = new Network(3);
  network.kill('c');
  network.run(1_500);
  t.deepEqual(network.leaders(), ['a']);
});

test('C4: two electors recover when one of them lost its disk', (t) => {
  const network = new Network(2);
  network.run(3_000);
  network.driver('b').disk = EMPTY;
  network.restart('b');
  network.run(3_000);
  t.is(network.leaders().length, 1);
  t.not(network.driver('b').disk.charter, undefined);
});

test('C1, C2: a write that was answered survives the leader', (t) => {
  const network = new Network(3);
  network.run(3_000);
  const leader = network.driver('a');
  leader.order({ kind: 'maintenance', on: true }, network.now);
  leader.storeAll(['b'], network.now);
  t.is(leader.answered()?.kind, 'answer');
  // Only b stored it; c must not lead without it.
  const stored = leader.disk.charter;
  if (stored !== undefined) {
    network
      .driver('b')
      .hear('a', { kind: 'store', charter: stored }, network.now, { term: 1, hasCharter: true });
  }
  network.kill('a');
  network.run(3_000);
  t.true(network.core(network.leaders()[0] ?? '').cluster(network.now).maintenance);
});

test('the decisions are bounded in number', (t) => {
  const driver = lead();
  goOn(driver, LED_AT + 50, LED_AT + 250 * 50, (now) => {
    driver.order({ kind: 'maintenance', on: Math.round(now / 50) % 2 === 0 }, now);
  });
  const decisions = driver.disk.charter?.decisions ?? [];
  t.is(decisions.filter(({ kind }) => kind === 'decision').length, 200);
  t.true(decisions.length <= 400);
});
