// One test per clause of M1 to M3 and M5 on the leader's side, titled with its rule; "!" marks what a model
// broke when it was left out.
import test from 'ava';
import {
  BOUND,
  charterOf,
  Driver,
  goOn,
  LED_AT,
  lead,
  optionsFor,
  reportOf,
  TIMES,
} from './driver.fixture.ts';
import {
  attachAll,
  DELTA,
  DRIFT,
  HOLDING,
  led,
  master,
  passedOn,
  reporting,
} from './office.fixture.ts';
import type { Report } from './report.ts';

test('M1: a lease answers a report by number, and is as long as the leader can vouch for', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 100);
  const assignment = driver.assigned('r');
  t.is(assignment?.number, 10);
  t.is(assignment?.target, 'master');
  // The leader's own lease runs since LED_AT.
  t.deepEqual(assignment?.lease, { epoch: 4, duration: TIMES.leaderLease + DELTA - 100 });
});

test('M1: a lease is never longer than masterLease', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 1);
  t.true((driver.assigned('r')?.lease?.duration ?? 0) <= TIMES.masterLease);
});

test('M1: a new leader answers the report in hand once C2 is committed, if that is young enough', (t) => {
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['r'],
  });
  const record = { grantedTerm: 1, grantedTo: 'b', charter };
  const driver = lead({ record, charter, committed: false });
  driver.attach('r', LED_AT + 1);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 100);
  t.is(driver.assigned('r'), undefined);
  driver.hear('b', { kind: 'stored', version: { term: 2, index: 1 } }, LED_AT + 150);
  t.is(driver.assigned('r')?.lease?.epoch, 4);
});

test('M1: no lease is sent in answer to a report older than the lease', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 5);
  goOn(driver, LED_AT + 50, LED_AT + 1_650);
  driver.order({ kind: 'recover', runner: 'r' }, LED_AT + 1_660);
  driver.storeAll(['b', 'c'], LED_AT + 1_661);
  t.is(driver.assigned('r')?.recovery, 1);
  t.is(driver.assigned('r')?.lease, undefined);
});

test('M2!: a holder that is cut off keeps the role until its lease and grace are over', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 4_000, { r: HOLDING, s: {} });
  const lastReport = LED_AT + 4_000;
  const moment = passedOn(driver, lastReport + 50, lastReport + 4_000, { s: {} });
  // The lease that answered the last report was at least masterLease less a heartbeat.
  t.true((moment ?? 0) >= lastReport + (TIMES.masterLease - 250 + TIMES.demoteGrace) * DRIFT);
  t.true((moment ?? 0) <= lastReport + (TIMES.masterLease + TIMES.demoteGrace) * DRIFT + 50);
  t.is(master(driver, lastReport + 4_000), 's');
});

test('charter!: demote, stop and promote set targets: the master stays until it is released', (t) => {
  for (const command of [
    { kind: 'demote' },
    { kind: 'stop', runner: 'r' },
    { kind: 'promote', runner: 's' },
  ] as const) {
    const driver = led();
    attachAll(driver);
    reporting(driver, LED_AT + 50, LED_AT + 3_000, { r: HOLDING, s: {} });
    driver.order(command, LED_AT + 3_010);
    driver.storeAll(['b', 'c'], LED_AT + 3_011);
    t.is(master(driver, LED_AT + 3_011), 'r', command.kind);
    t.is(driver.disk.charter?.master, 'r', command.kind);
    t.is(driver.assigned('r')?.release, 4);
    t.not(driver.assigned('r')?.target, 'master');
    t.not(driver.assigned('r')?.lease, undefined, 'renewed while it demotes');
  }
});

test('M2: released, the role goes on at once', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 3_000, { r: HOLDING, s: {} });
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 3_010);
  driver.storeAll(['b', 'c'], LED_AT + 3_011);
  driver.report('r', reportOf(9_000, { epoch: 4, released: 4 }), LED_AT + 3_020);
  driver.storeAll(['b', 'c'], LED_AT + 3_022);
  t.is(master(driver, LED_AT + 3_022), 's');
  t.deepEqual(driver.assigned('s')?.lease?.epoch, 5);
});

test('M2!: a new leader waits for the largest residue, Δ and demoteGrace from its start', (t) => {
  const residue = 700;
  const driver = led({}, residue);
  attachAll(driver);
  const bound = LED_AT + (residue + DELTA + TIMES.demoteGrace) * DRIFT;
  const moment = passedOn(driver, LED_AT + 50, LED_AT + 5_000, { s: {} });
  t.true((moment ?? 0) >= bound, `${moment} is not before ${bound}`);
  t.true((moment ?? 0) <= bound + 100);
});

test('M2!: its own residue counts too', (t) => {
  const charter = charterOf(1, { master: 'r', masterSession: 'session-r', epoch: 4 });
  const driver = new Driver(optionsFor('a'), { grantedTerm: 1, grantedTo: 'b', charter });
  driver.meet(['b', 'c'], 0, charter);
  driver.until(1_000);
  driver.keepHearing(['b', 'c'], 1_000);
  driver.hear('b', { kind: 'coordinator', term: 2, round: 1 }, 1_001);
  driver.hear('b', { kind: 'resign', term: 2 }, 1_002);
  driver.prospects(['c'], 1_003);
  driver.grantAll(['c'], 1_004, { charter });
  driver.storeAll(['b', 'c'], 1_005);
  t.is(driver.core.role, 'leader');
  // Bound to b until BOUND after 1001, had it not resigned.
  const residue = 1_001 + BOUND - 1_004;
  const bound = 1_004 + (residue + DELTA + TIMES.demoteGrace) * DRIFT;
  driver.attach('s', 1_010);
  const moment = passedOn(driver, 1_050, 6_000, { s: {} });
  t.true((moment ?? 0) >= bound, `${moment} is not before ${bound}`);
  t.true((moment ?? 0) <= bound + 100);
});

test('M2!: a new leader waits also when its charter names no holder', (t) => {
  const driver = led({ master: undefined, masterSession: undefined }, 700);
  attachAll(driver);
  const bound = LED_AT + (700 + DELTA + TIMES.demoteGrace) * DRIFT;
  let moment: number | undefined;
  for (let now = LED_AT + 50; now <= LED_AT + 5_000; now += 50) {
    reporting(driver, now, now, { s: {} });
    if (moment === undefined && master(driver, now) === 's') moment = now;
  }
  t.true((moment ?? 0) >= bound);
  t.true((moment ?? 0) <= bound + 100);
});

test('M2!: a renewal never shortens a bound', (t) => {
  const driver = led({}, BOUND);
  attachAll(driver);
  const bound = LED_AT + (BOUND + DELTA + TIMES.demoteGrace) * DRIFT;
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  t.not(driver.assigned('r')?.lease, undefined);
  const moment = passedOn(driver, LED_AT + 100, LED_AT + 5_000, { s: {} });
  t.true((moment ?? 0) >= bound, `${moment} is not before ${bound}`);
});

test('M2: a holder heard again before it is counted out is renewed, unless its lease ended', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 1_500, { s: {} });
  driver.report('r', reportOf(5_000, HOLDING), LED_AT + 1_510);
  t.not(driver.assigned('r')?.lease, undefined);

  const ended = led();
  attachAll(ended);
  ended.report('r', reportOf(10, { ...HOLDING, leaseEnded: true }), LED_AT + 50);
  t.is(ended.assigned('r')?.lease, undefined);
  t.is(ended.assigned('r')?.release, 4);
});

test('M2: a holder that this leader elected and never leased is counted out at once', (t) => {
  const driver = led({ master: undefined, masterSession: undefined });
  attachAll(driver);
  goOn(driver, LED_AT + 50, LED_AT + 2_500);
  driver.report('s', reportOf(1), LED_AT + 2_510);
  t.is(driver.disk.charter?.master, 's');
  const proposed = driver.effects;
  driver.report('r', reportOf(1), LED_AT + 2_511);
  driver.step({ kind: 'runner-lost', runner: 's', session: 'session-s' }, LED_AT + 2_512);
  driver.effects = proposed;
  driver.storeAll(['b'], LED_AT + 2_513);
  t.is(driver.disk.charter?.master, 'r');
  t.is(driver.disk.charter?.epoch, 6);
});

test('M3!: a fresh epoch is above every one that a runner reports', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 3_000, { r: HOLDING, s: { released: 17, epoch: 16 } });
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 3_010);
  driver.storeAll(['b', 'c'], LED_AT + 3_011);
  driver.report('r', reportOf(9_000, { epoch: 4, released: 4 }), LED_AT + 3_020);
  t.is(driver.disk.charter?.epoch, 18);
});

test('M3!: the epoch is committed before its first lease is sent', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 3_000, { r: HOLDING, s: {} });
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 3_010);
  driver.storeAll(['b', 'c'], LED_AT + 3_011);
  driver.report('r', reportOf(9_000, { epoch: 4, released: 4 }), LED_AT + 3_020);
  const stores = driver.effects;
  driver.report('s', reportOf(9_001), LED_AT + 3_021);
  t.is(driver.assigned('s')?.lease, undefined);
  t.is(driver.assigned('s')?.target, 'standby');
  driver.effects = stores;
  driver.storeAll(['b'], LED_AT + 3_022);
  t.is(driver.assigned('s')?.lease?.epoch, 5);
});

test('M3: the same holder gets a fresh epoch after its lease ended', (t) => {
  const driver = led();
  attachAll(driver, ['r']);
  reporting(driver, LED_AT + 50, LED_AT + 1_000, { r: { ...HOLDING, leaseEnded: true } });
  reporting(driver, LED_AT + 1_050, LED_AT + 1_500, {
    r: { epoch: 4, leaseEnded: true, released: 4 },
  });
  t.is(driver.core.cluster(LED_AT + 1_500).master, 'r');
  t.is(driver.core.cluster(LED_AT + 1_500).epoch, 5);
});

test('M5: a switchover waits for no timer', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 3_000, { r: HOLDING, s: {} });
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 3_010);
  t.is(driver.assigned('r'), undefined, 'the target is committed first');
  driver.storeAll(['b', 'c'], LED_AT + 3_010);
  t.is(driver.assigned('r')?.target, 'standby');
  driver.report('r', reportOf(9_000, { epoch: 4, released: 4 }), LED_AT + 3_010);
  driver.storeAll(['b', 'c'], LED_AT + 3_010);
  t.is(driver.assigned('s')?.target, 'master');
  t.is(driver.assigned('s')?.lease?.epoch, 5);
});

test('M5: a switchover whose target is lost is called off, and the master stays', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 3_000, { r: HOLDING, s: {} });
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 3_010);
  driver.storeAll(['b', 'c'], LED_AT + 3_011);
  reporting(driver, LED_AT + 3_050, LED_AT + 4_000, { r: HOLDING });
  t.is(driver.core.cluster(LED_AT + 4_000).target, undefined);
  t.is(driver.assigned('r')?.target, 'master');
});

test('C1: an answered promote survives a leader that has not heard the target yet', (t) => {
  const driver = led({ target: 's' });
  driver.attach('r', LED_AT + 1);
  reporting(driver, LED_AT + 50, LED_AT + 300, { r: HOLDING });
  driver.attach('s', LED_AT + 310);
  reporting(driver, LED_AT + 350, LED_AT + 600, { r: HOLDING, s: {} });
  t.is(driver.core.cluster(LED_AT + 600).target, 's');
});

test('C1: a wish whose target stays silent is called off in time', (t) => {
  const driver = led({ target: 's' });
  driver.attach('r', LED_AT + 1);
  reporting(driver, LED_AT + 50, LED_AT + 2 * TIMES.masterLease + 100, { r: HOLDING });
  t.is(driver.core.cluster(LED_AT + 2 * TIMES.masterLease + 100).target, undefined);
});

test('C1: an answered promote survives a stream of the target that breaks for a moment', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 500, { r: HOLDING, s: {} });
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 510);
  driver.storeAll(['b', 'c'], LED_AT + 511);
  driver.step({ kind: 'runner-lost', runner: 's', session: 'session-s' }, LED_AT + 521);
  reporting(driver, LED_AT + 550, LED_AT + 550, { r: HOLDING });
  driver.attach('s', LED_AT + 575);
  reporting(driver, LED_AT + 600, LED_AT + 900, { r: HOLDING, s: {} });
  t.is(driver.core.cluster(LED_AT + 900).target, 's');
});

test('M2: a holder that was counted out blocks nobody by what it still says of itself', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 500, { r: HOLDING, s: { state: 'live' } });
  const stuck: Partial<Report> = { ...HOLDING, state: 'failed', leaseEnded: true };
  reporting(driver, LED_AT + 550, LED_AT + 5_000, { r: stuck, s: { state: 'live' } });
  t.is(master(driver, LED_AT + 5_000), undefined);
  reporting(driver, LED_AT + 5_050, LED_AT + 6_000, { r: stuck, s: {} });
  t.is(master(driver, LED_AT + 6_000), 's');
});

test('M3: a holder beyond the epoch of an old charter does not keep the role for ever', (t) => {
  const driver = led();
  attachAll(driver);
  const beyond = { epoch: 9, leaseEnded: true };
  reporting(driver, LED_AT + 50, LED_AT + 6_000, { r: beyond, s: {} });
  t.true(driver.core.cluster(LED_AT + 6_000).epoch > 9);
});
