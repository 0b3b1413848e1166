// A cluster's first start, and how runners are forgotten.
import test from 'ava';
import {
  charterOf,
  Driver,
  goOn,
  LED_AT,
  lead,
  optionsFor,
  reportOf,
  TIMES,
} from './driver.fixture.ts';
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

test('a runner that an earlier leader forgot stays forgotten', (t) => {
  const charter = charterOf(1, { epoch: 4, runners: ['s'] });
  const record = { grantedTerm: 1, grantedTo: 'b', charter };
  const driver = new Driver({ ...optionsFor('a'), forgetAfter: 500 }, record);
  driver.attach('old', 1);
  driver.report('old', reportOf(1), 2);
  driver.step({ kind: 'runner-lost', runner: 'old', session: 'session-old' }, 3);
  driver.meet(['b', 'c'], 3, charter);
  driver.until(LED_AT - 1);
  driver.keepHearing(['b', 'c'], LED_AT);
  driver.prospects(['b', 'c'], LED_AT);
  driver.grantAll(['b', 'c'], LED_AT, { charter });
  driver.storeAll(['b', 'c'], LED_AT);
  goOn(driver, LED_AT + 50, LED_AT + 100);
  t.false(driver.disk.charter?.runners.includes('old'));
});
