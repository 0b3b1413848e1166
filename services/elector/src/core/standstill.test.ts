// P10: electors and runners whose loop stood still, as the cluster shows it.
import test from 'ava';
import { goOn, LED_AT, lead, reportOf } from './driver.fixture.ts';
import { attachAll, led, master, reporting } from './office.fixture.ts';
import type { Report } from './report.ts';

function absenceOf(driver: ReturnType<typeof lead>, name: string, now: number) {
  return driver.core.cluster(now).electors.find((elector) => elector.name === name)?.absence;
}

test('an elector that stood still says so with each heartbeat, and shows it of itself', (t) => {
  const driver = lead();
  const now = LED_AT + 500;
  const effects = driver.step({ kind: 'late', away: 700 }, now);
  t.true(effects.some(({ kind }) => kind === 'changed'));
  t.deepEqual(absenceOf(driver, 'a', now), { longest: 700, since: 0 });
  driver.until(now + 5_000);
  const [said] = driver.sent('heartbeat').slice(-1);
  const since = said?.body.absence?.since ?? 0;
  t.is(said?.body.absence?.longest, 700);
  t.true(since > 4_700 && since <= 5_000);
});

test('late by less than a heartbeat is nobody’s business', (t) => {
  const driver = lead();
  driver.step({ kind: 'late', away: driver.options.times.heartbeat - 1 }, LED_AT + 500);
  t.is(absenceOf(driver, 'a', LED_AT + 500), undefined);
  t.false(driver.effects.some(({ kind }) => kind === 'log' || kind === 'changed'));
});

test('what another elector says of its standstill is shown, and is news once', (t) => {
  const driver = lead();
  const at = LED_AT + 10;
  const heard = (longest: number, since: number, now: number) =>
    driver.hear(
      'b',
      { kind: 'heartbeat', leading: false, term: 0, round: 2, absence: { longest, since } },
      now,
    );
  const isNews = () => driver.effects.some(({ kind }) => kind === 'changed');
  heard(3_200, 12_000, at);
  t.true(isNews());
  t.deepEqual(absenceOf(driver, 'b', at + 100), { longest: 3_200, since: 12_100 });
  heard(3_200, 12_150, at + 150);
  t.false(isNews());
  t.deepEqual(absenceOf(driver, 'b', at + 150), { longest: 3_200, since: 12_150 });
  driver.keepHearing(['b'], at + 200);
  t.is(absenceOf(driver, 'b', at + 200), undefined);
});

test('a runner’s standstill is news once, though it gets older with each report', (t) => {
  const driver = led();
  attachAll(driver);
  const changes = (number: number, part: Partial<Report>) => {
    driver.report('s', reportOf(number, part), LED_AT + number);
    return driver.effects.some(({ kind }) => kind === 'changed');
  };
  changes(2, {});
  t.true(changes(3, { absence: { longest: 2_000, since: 0 } }));
  t.false(changes(4, { absence: { longest: 2_000, since: 200 } }));
  const seen = driver.core.cluster(LED_AT + 4).runners.find(({ name }) => name === 's');
  t.deepEqual(seen?.report?.absence, { longest: 2_000, since: 200 });
});

test('M4: a lost lease among its failures does not hold a runner back', (t) => {
  const text =
    'epoch 4: down 310 ms after the lease ended, 690 ms before anybody else could be promoted';
  const lost = { failures: [{ at: 1, service: '', action: 'lease', text }] };
  const driver = lead();
  attachAll(driver, ['s']);
  goOn(driver, LED_AT + 2, LED_AT + 100);
  reporting(driver, LED_AT + 100, LED_AT + 20_000, { s: lost });
  t.is(master(driver, LED_AT + 20_000), 's');
  const seen = driver.core.cluster(LED_AT + 20_000).runners.find(({ name }) => name === 's');
  t.deepEqual(seen?.report?.failures, lost.failures);
});
