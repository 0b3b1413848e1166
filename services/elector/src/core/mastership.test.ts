// One test per clause of M1 to M5, M7 and M8 on the leader's side, titled with its rule; "!" marks what a
// model broke when it was left out.
import test from 'ava';
import type { Charter } from './charter.ts';
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
import type { Report } from './report.ts';

const DELTA = TIMES.masterLease - TIMES.leaderLease;
const DRIFT = 1 + TIMES.drift;

/** A led cluster whose charter names r as master under epoch 4, and knows s. */
function led(part: Partial<Charter> = {}, residue = 0): Driver {
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['r', 's'],
    ...part,
  });
  return lead({ record: { grantedTerm: 1, grantedTo: 'b', charter }, charter, residue });
}

const HOLDING: Partial<Report> = { state: 'master', epoch: 4, released: 3, promoted: true };

/** Runners r (the holder) and s report each 50 ms while the electors go on. */
function reporting(
  driver: Driver,
  from: number,
  to: number,
  runners: Readonly<Record<string, Partial<Report>>>,
): void {
  goOn(driver, from, to, (now) => {
    for (const [name, part] of Object.entries(runners)) {
      driver.report(name, reportOf(now, part), now);
      if (driver.sent('store').length > 0) driver.storeAll(['b', 'c'], now);
    }
  });
}

function attachAll(driver: Driver, names: readonly string[] = ['r', 's']): void {
  for (const name of names) driver.attach(name, LED_AT + 1);
}

function master(driver: Driver, now: number): string | undefined {
  return driver.core.cluster(now).master;
}

/** The first moment at which somebody else than r is master, or undefined. */
function passedOn(
  driver: Driver,
  from: number,
  to: number,
  runners: Readonly<Record<string, Partial<Report>>>,
): number | undefined {
  let moment: number | undefined;
  for (let now = from; now <= to; now += 50) {
    reporting(driver, now, now, runners);
    if (moment === undefined && master(driver, now) !== 'r') moment = now;
  }
  return moment;
}

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

test('M2!: demote, stop and promote set targets: the master stays until it is released', (t) => {
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

test('M7: reports of another session and older numbers are dropped', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  driver.report('r', reportOf(9, HOLDING), LED_AT + 60);
  t.is(driver.assigned('r'), undefined);
  driver.report('r', reportOf(11, HOLDING), LED_AT + 70, 'another');
  t.is(driver.assigned('r'), undefined);
});

test('M7: a second session is refused while the earlier one is open and heard', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  driver.attach('r', LED_AT + 60, 'another');
  t.true(
    driver.effects.some(
      (effect) => effect.kind === 'refuse-runner' && effect.session === 'another',
    ),
  );
  goOn(driver, LED_AT + 100, LED_AT + 800);
  driver.attach('r', LED_AT + 810, 'another');
  t.false(
    driver.effects.some((effect) => effect.kind === 'refuse-runner'),
    'the first is silent',
  );
});

test('M7!: an epoch is leased only to its session, or to one that reports holding it', (t) => {
  const stranger = led();
  stranger.attach('r', LED_AT + 1, 'new');
  stranger.report('r', reportOf(1, { released: 3 }), LED_AT + 50, 'new');
  t.is(stranger.assigned('r')?.lease, undefined);
  t.is(stranger.assigned('r')?.target, 'standby');

  const adopter = led();
  adopter.attach('r', LED_AT + 1, 'new');
  adopter.report('r', reportOf(1, HOLDING), LED_AT + 50, 'new');
  t.is(adopter.assigned('r')?.lease?.epoch, 4);
});

test('M7: a runner that lost its record is counted out and promoted under a new epoch', (t) => {
  const driver = led();
  driver.attach('r', LED_AT + 1, 'new');
  goOn(driver, LED_AT + 50, LED_AT + 4_000, (now) => {
    driver.report('r', reportOf(now, { released: 3 }), now, 'new');
  });
  t.is(driver.core.cluster(LED_AT + 4_000).epoch, 5);
  t.is(driver.core.cluster(LED_AT + 4_000).master, 'r');
});

test('M7: release is the epoch for a holder that is to go, the one before for everyone else', (t) => {
  const driver = led();
  attachAll(driver);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  t.is(driver.assigned('r')?.release, 3);
  driver.report('s', reportOf(10), LED_AT + 50);
  t.is(driver.assigned('s')?.release, 3);
  driver.report('r', reportOf(11, { ...HOLDING, state: 'failed' }), LED_AT + 60);
  t.is(driver.assigned('r')?.release, 4);
});

test('P1: a runner with other protocol times gets no lease', (t) => {
  const driver = led();
  const connected = { kind: 'runner-connected', runner: 'r', session: 'session-r' } as const;
  driver.step({ ...connected, digest: 'other' }, LED_AT + 1);
  driver.report('r', reportOf(10, HOLDING), LED_AT + 50);
  t.is(driver.assigned('r')?.lease, undefined);
});

/** Maintenance is turned on at LED_AT + 1000 and off at LED_AT + 2000, and r is silent from `silentAt` on. */
function maintained(silentAt: number): Driver {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 1_000, { r: HOLDING, s: {} });
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 1_000);
  driver.storeAll(['b', 'c'], LED_AT + 1_001);
  const on = { maintenance: true, maintenanceChange: 1 };
  for (let now = LED_AT + 1_050; now <= LED_AT + 2_000; now += 50) {
    const r = now < silentAt ? { r: { ...HOLDING, ...on } } : {};
    reporting(driver, now, now, { ...r, s: on });
  }
  driver.order({ kind: 'maintenance', on: false }, LED_AT + 2_001);
  driver.storeAll(['b', 'c'], LED_AT + 2_002);
  return driver;
}

const OVER = { maintenance: false, maintenanceChange: 2 };

test('M8!: in maintenance nobody is demoted or counted out, and renewals go on', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 1_000, { r: HOLDING, s: {} });
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 1_010);
  driver.storeAll(['b', 'c'], LED_AT + 1_011);
  t.true(driver.assigned('r')?.maintenance?.on);
  driver.report(
    'r',
    reportOf(5_000, { ...HOLDING, state: 'failed', maintenance: true }),
    LED_AT + 1_020,
  );
  t.is(driver.assigned('r')?.target, 'master');
  t.not(driver.assigned('r')?.lease, undefined);
  reporting(driver, LED_AT + 1_050, LED_AT + 9_000, { s: { maintenance: true } });
  t.is(driver.core.cluster(LED_AT + 9_000).master, 'r');
});

test('M8!: nobody is elected in maintenance', (t) => {
  const driver = led({
    master: undefined,
    masterSession: undefined,
    maintenance: true,
    maintenanceChange: 1,
  });
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 6_000, { s: {} });
  t.is(driver.core.cluster(LED_AT + 6_000).master, undefined);
});

test('M8!: after its end a holder that has not acknowledged it is not counted out by time', (t) => {
  const driver = maintained(LED_AT + 1_500);
  reporting(driver, LED_AT + 2_050, LED_AT + 12_000, { s: OVER });
  t.is(driver.core.cluster(LED_AT + 12_000).master, 'r');
  t.regex(driver.core.cluster(LED_AT + 12_000).waiting, /confirm-down r/);
});

test('M8: the holder hears of the end only with a lease or a release', (t) => {
  const driver = maintained(LED_AT + 1_500);
  // An answer to a report that is too old for a lease says nothing of the end.
  goOn(driver, LED_AT + 2_050, LED_AT + 3_500);
  driver.order({ kind: 'recover', runner: 'r' }, LED_AT + 3_510);
  driver.storeAll(['b', 'c'], LED_AT + 3_511);
  t.is(driver.assigned('r')?.lease, undefined);
  t.is(driver.assigned('r')?.maintenance, undefined);
  driver.report(
    'r',
    reportOf(90_000, { ...HOLDING, maintenance: true, maintenanceChange: 1 }),
    LED_AT + 3_600,
  );
  t.not(driver.assigned('r')?.lease, undefined);
  t.deepEqual(driver.assigned('r')?.maintenance, { on: false, change: 2 });
});

test('M8: confirm-down ends the wait for a holder that a human has fenced', (t) => {
  const driver = maintained(LED_AT + 1_500);
  reporting(driver, LED_AT + 2_050, LED_AT + 4_000, { s: OVER });
  driver.order({ kind: 'confirm-down', runner: 'r' }, LED_AT + 4_010);
  driver.storeAll(['b', 'c'], LED_AT + 4_011);
  reporting(driver, LED_AT + 4_050, LED_AT + 4_200, { s: OVER });
  t.is(driver.core.cluster(LED_AT + 4_200).master, 's');
});

test('M8: confirm-down of a heard or another runner is refused', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 500, { r: HOLDING, s: {} });
  for (const runner of ['r', 's']) {
    driver.order({ kind: 'confirm-down', runner }, LED_AT + 510);
    t.is(driver.answered()?.kind, 'refuse', runner);
  }
});

test('M8!: after the acknowledgement demoteGrace × (1 + drift) counts from its receipt', (t) => {
  const driver = maintained(LED_AT + 1_100);
  // The old lease and its bound are long over when r comes back, acknowledges, and falls silent.
  reporting(driver, LED_AT + 2_050, LED_AT + 6_000, { s: OVER });
  const acknowledgedAt = LED_AT + 6_010;
  driver.report('r', reportOf(90_000, { ...HOLDING, ...OVER, leaseEnded: true }), acknowledgedAt);
  driver.storeAll(['b', 'c'], acknowledgedAt);
  const moment = passedOn(driver, LED_AT + 6_050, LED_AT + 9_000, { s: OVER });
  t.true((moment ?? 0) >= acknowledgedAt + TIMES.demoteGrace * DRIFT, `${moment}`);
  t.true((moment ?? 0) <= acknowledgedAt + TIMES.demoteGrace * DRIFT + 100);
});

test('first start: a charter that knows no runners waits the full initialPromotion', (t) => {
  const driver = lead();
  driver.attach('s', LED_AT + 1);
  reporting(driver, LED_AT + 50, LED_AT + 2_950, { s: {} });
  t.is(driver.core.cluster(LED_AT + 2_950).master, undefined);
  t.regex(driver.core.cluster(LED_AT + 2_950).waiting, /first start/);
  reporting(driver, LED_AT + 3_000, LED_AT + 3_100, { s: {} });
  t.is(driver.core.cluster(LED_AT + 3_100).master, 's');
  t.is(driver.core.cluster(LED_AT + 3_100).epoch, 1);
});

test('first start: promote ends the wait, but not that of M2', (t) => {
  const driver = lead();
  driver.attach('s', LED_AT + 1);
  reporting(driver, LED_AT + 50, LED_AT + 500, { s: {} });
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 510);
  driver.storeAll(['b', 'c'], LED_AT + 511);
  const bound = LED_AT + (DELTA + TIMES.demoteGrace) * DRIFT;
  reporting(driver, LED_AT + 550, Math.floor(bound) - 50, { s: {} });
  t.is(master(driver, bound - 50), undefined);
  reporting(driver, Math.ceil(bound), bound + 100, { s: {} });
  t.is(master(driver, bound + 100), 's');
});

test('first start: a charter that knows runners waits until all have reported', (t) => {
  const driver = led({ master: undefined, masterSession: undefined, epoch: 0 });
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 2_500, { s: {} });
  t.is(master(driver, LED_AT + 2_500), undefined);
  reporting(driver, LED_AT + 2_550, LED_AT + 2_700, { s: {}, r: {} });
  t.not(master(driver, LED_AT + 2_700), undefined);
});

test('a runner that is not heard for forgetAfter is forgotten, the holder never', (t) => {
  const driver = led();
  attachAll(driver);
  driver.step({ kind: 'runner-lost', runner: 's', session: 'session-s' }, LED_AT + 2);
  const half = 900_000;
  for (let now = LED_AT + 50; now <= LED_AT + 2 * half + 1_000; now += 600) {
    reporting(driver, now, now, { r: HOLDING });
    for (let step = 100; step < 600; step += 100) goOn(driver, now + step, now + step);
  }
  t.deepEqual(
    driver.core.cluster(LED_AT + 2 * half).runners.map(({ name }) => name),
    ['r'],
  );
});
