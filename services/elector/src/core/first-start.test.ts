// A cluster's first start, and how runners are forgotten.
import test from 'ava';
import { goOn, LED_AT, lead, TIMES } from './driver.fixture.ts';
import { attachAll, DELTA, DRIFT, HOLDING, led, master, reporting } from './office.fixture.ts';

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
