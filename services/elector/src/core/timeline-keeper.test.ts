// When changes are written down: with the next commit, or after a while in one of their own; never so that a
// decision waits for them.
import test from 'ava';
import { LED_AT, reportOf } from './driver.fixture.ts';
import { attachAll, HOLDING, led, master, reporting } from './office.fixture.ts';
import { changes, lastOf, timeline } from './timeline.fixture.ts';
import { CHANGES_WAITING_MAX, EVENTS_LATEST } from './timeline-keeper.ts';

const RUNNERS = { r: HOLDING, s: {} };

test('a change rides with the next commit, before the decision that it carries', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 1_000, RUNNERS);
  t.deepEqual(changes(driver), [], 'for it alone nothing is written');
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 1_010);
  driver.storeAll(['b', 'c'], LED_AT + 1_011);
  const events = timeline(driver);
  t.deepEqual(
    events.map(({ kind, rule }) => `${kind} ${rule}`),
    ['decision leader', 'change master', 'change standby', 'decision promote'],
  );
  t.deepEqual(
    events.map(({ number }) => number),
    [1, 2, 3, 4],
  );
});

test('it comes with the time at which it was seen, the epoch then in force and the term', (t) => {
  const driver = led();
  driver.step({ kind: 'wall', offset: 1_000_000 }, LED_AT + 1);
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 1_000, RUNNERS);
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 1_010);
  driver.storeAll(['b', 'c'], LED_AT + 1_011);
  t.like(lastOf(driver, 'standby'), {
    at: 1_000_000 + LED_AT + 50,
    epoch: 4,
    term: 2,
    subject: 's',
    kind: 'change',
  });
});

test('where nothing is decided, changes get a commit of their own after a while, and not sooner', (t) => {
  const driver = led();
  attachAll(driver);
  const seenAt = LED_AT + 50;
  reporting(driver, seenAt, seenAt + EVENTS_LATEST - 50, RUNNERS);
  t.deepEqual(changes(driver), []);
  t.true(driver.core.deadline <= seenAt + EVENTS_LATEST);
  reporting(driver, seenAt + EVENTS_LATEST, seenAt + EVENTS_LATEST + 50, RUNNERS);
  t.is(changes(driver).length, 2);
  const { revision } = driver.disk.charter ?? {};

  // The next one not before as long again, and without a change none at all.
  const failing = { ...RUNNERS, s: { state: 'live' } as const };
  const second = seenAt + EVENTS_LATEST + 100;
  reporting(driver, second, second + EVENTS_LATEST - 50, failing);
  t.is(driver.disk.charter?.revision, revision);
  reporting(driver, second + EVENTS_LATEST, second + EVENTS_LATEST + 50, failing);
  t.is(driver.disk.charter?.revision, (revision ?? 0) + 1);
  reporting(driver, second + EVENTS_LATEST + 100, second + 3 * EVENTS_LATEST, failing);
  t.is(driver.disk.charter?.revision, (revision ?? 0) + 1);
});

test('that everything is promoted is written down at once', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 500, RUNNERS);
  driver.order({ kind: 'promote', runner: 's' }, LED_AT + 510);
  driver.storeAll(['b', 'c'], LED_AT + 511);
  driver.report('r', reportOf(LED_AT + 512, { epoch: 4, released: 4 }), LED_AT + 512);
  driver.storeAll(['b', 'c'], LED_AT + 513);
  const done = { state: 'master', epoch: 5, promoted: true } as const;
  driver.report('s', reportOf(LED_AT + 600, done), LED_AT + 600);
  driver.storeAll(['b', 'c'], LED_AT + 601);
  t.is(lastOf(driver, 'promoted')?.subject, 's');
});

test('just before time alone brings a decision, changes wait for that one', (t) => {
  const driver = led();
  attachAll(driver);
  // Seen at LED_AT + 50, so due at LED_AT + 5050: the master falls silent so that it is counted out soon after.
  const silentAt = LED_AT + 2_750;
  reporting(driver, LED_AT + 50, silentAt, RUNNERS);
  reporting(driver, silentAt + 50, LED_AT + 5_200, { s: {} });
  t.deepEqual(changes(driver), []);
  t.is(master(driver, LED_AT + 5_200), 'r');
  reporting(driver, LED_AT + 5_250, LED_AT + 6_000, { s: {} });
  t.is(master(driver, LED_AT + 6_000), 's');
  const rules = timeline(driver).map(({ rule }) => rule);
  t.true(rules.indexOf('not-heard') < rules.indexOf('only-one'), rules.join());
});

test('more changes than can wait are counted, and the count is written down', (t) => {
  const driver = led();
  attachAll(driver);
  const failures = (now: number) =>
    Array.from({ length: 5 }, (_, index) => ({
      at: now + index,
      service: 'web',
      action: 'status',
      text: `failure ${now} ${index}`,
    }));
  for (let now = LED_AT + 50; now <= LED_AT + 1_000; now += 50) {
    reporting(driver, now, now, { r: HOLDING, s: { failures: failures(now) } });
  }
  driver.order({ kind: 'maintenance', on: true }, LED_AT + 1_010);
  driver.storeAll(['b', 'c'], LED_AT + 1_011);
  t.is(changes(driver).length, CHANGES_WAITING_MAX + 1);
  t.regex(lastOf(driver, 'left-out')?.text ?? '', /^\d+ changes are left out/);
});

test('no decision waits for a version that carries changes alone', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, LED_AT + 50, LED_AT + 5_000, RUNNERS);
  // The one with the changes is sent, and nobody has stored it yet.
  const dueAt = LED_AT + 50 + EVENTS_LATEST;
  driver.report('r', reportOf(dueAt, HOLDING), dueAt);
  t.true(driver.sent('store').length > 0);
  driver.order({ kind: 'promote', runner: 's' }, dueAt + 1);
  driver.storeAll(['b', 'c'], dueAt + 2);
  driver.report('r', reportOf(dueAt + 3, { epoch: 4, released: 4 }), dueAt + 3);
  driver.storeAll(['b', 'c'], dueAt + 4);
  t.is(master(driver, dueAt + 4), 's');
});
