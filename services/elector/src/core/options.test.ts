// What a reload of the configuration changes in an elector that runs.
import test from 'ava';
import { EMPTY, LED_AT, lead, optionsFor } from './driver.fixture.ts';
import { Elector } from './elector.ts';
import { master, reporting } from './office.fixture.ts';

test('a shorter wait at the first start counts from where it began', (t) => {
  const driver = lead();
  driver.attach('s', LED_AT + 1);
  reporting(driver, LED_AT + 50, LED_AT + 1_000, { s: {} });
  const options = { promotionHold: 60_000, initialPromotion: 2_000, forgetAfter: 1_800_000 };
  driver.step({ kind: 'options', options }, LED_AT + 1_001);
  reporting(driver, LED_AT + 1_050, LED_AT + 1_950, { s: {} });
  t.is(master(driver, LED_AT + 1_950), undefined);
  reporting(driver, LED_AT + 2_000, LED_AT + 2_100, { s: {} });
  t.is(master(driver, LED_AT + 2_100), 's');
});

test('the options that it was given stay as they are', (t) => {
  const given = optionsFor('a');
  const elector = new Elector(given, EMPTY, 0);
  const options = { promotionHold: 5, initialPromotion: 7, forgetAfter: 9 };
  elector.step({ kind: 'options', options }, 1);
  t.is(given.promotionHold, 60_000);
});
