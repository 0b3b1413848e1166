// M8 on the leader's side, clause by clause. "!" marks what a model broke when it was left out.
import test from 'ava';
import { type Driver, goOn, LED_AT, reportOf, TIMES } from './driver.fixture.ts';
import { attachAll, DRIFT, HOLDING, led, passedOn, reporting } from './office.fixture.ts';

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

test('M8!: a new session under the name of the holder acknowledges nothing for the one before it', (t) => {
  const driver = maintained(LED_AT + 1_100);
  // By name it is the holder: it was started anew, or somebody else has taken its name.
  driver.attach('r', LED_AT + 2_040, 'another session');
  goOn(driver, LED_AT + 2_050, LED_AT + 12_000, (now) => {
    driver.report('r', reportOf(now, OVER), now, 'another session');
    driver.report('s', reportOf(now, OVER), now);
  });
  const view = driver.core.cluster(LED_AT + 12_000);
  t.is(view.master, 'r');
  t.regex(view.waiting, /started anew .* "koi-admin confirm-down r"/);
  driver.order({ kind: 'confirm-down', runner: 'r' }, LED_AT + 12_001);
  t.is(driver.answered()?.kind, undefined, 'it is not refused, and waits for its commit');
  driver.storeAll(['b', 'c'], LED_AT + 12_002);
  t.is(driver.answered()?.kind, 'answer');
});

test('M8: a runner that a lost majority left in maintenance hears that it is over', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 2_000, {
    r: HOLDING,
    s: { maintenance: true, maintenanceChange: 5 },
  });
  driver.report('s', reportOf(90_000, { maintenance: true, maintenanceChange: 5 }), LED_AT + 2_010);
  t.deepEqual(driver.assigned('s')?.maintenance, { on: false, change: 6 });
});
