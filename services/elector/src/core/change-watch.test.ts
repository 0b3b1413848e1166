// What a leader writes down of what it sees: one case per kind of change, and what a new leader makes of what an
// earlier one has written.
import test from 'ava';
import type { Charter } from './charter.ts';
import { charterOf, type Driver, goOn, LED_AT, lead, optionsFor } from './driver.fixture.ts';
import { attachAll, HOLDING, led, reporting } from './office.fixture.ts';
import type { FailureReport, Report, ServiceReport } from './report.ts';
import { changes, lastOf, timeline } from './timeline.fixture.ts';
import { EVENTS_LATEST } from './timeline-keeper.ts';

const FROM = LED_AT + 50;
/** All that was seen until here is written down a moment later. */
const SOON = FROM + 1_000;

function service(part: Partial<ServiceReport> = {}): ServiceReport {
  const rest = { priority: 10, action: '', processId: 0, failure: '', promotable: true };
  return { name: 'web', state: 'started', ...rest, ...part };
}

/** Goes on as it is until everything that was seen is written down. */
function settle(driver: Driver, from: number, runners: Record<string, Partial<Report>>): void {
  reporting(driver, from, from + EVENTS_LATEST + 100, runners);
}

function seen(runners: Record<string, Partial<Report>>, part: Partial<Charter> = {}): Driver {
  const driver = led(part);
  attachAll(driver);
  reporting(driver, FROM, SOON, { r: HOLDING, s: {} });
  settle(driver, SOON + 50, runners);
  return driver;
}

const FAILURE: FailureReport = {
  at: 5,
  service: 'web',
  action: 'status',
  text: 'status exited with code 1',
};
const MARGIN: FailureReport = {
  at: 5,
  service: '',
  action: 'lease',
  text: 'epoch 4: down 310 ms after the lease ended, 690 ms before anybody else could be promoted',
};
const LIVE = [service({ promotable: false })];

const SEEN: readonly {
  readonly title: string;
  readonly s: Partial<Report> | undefined;
  readonly tells: readonly string[];
}[] = [
  {
    title: 'a state with its cause',
    s: { state: 'live', services: LIVE },
    tells: ['live: s is live: web is not promotable'],
  },
  { title: 'a stopped runner', s: { state: 'stopped' }, tells: ['stopped: s is stopped'] },
  {
    title: 'a runner that is silent',
    s: undefined,
    tells: ['not-heard: s has not been heard for 600 ms'],
  },
  {
    title: 'a failure, once and not again as a state',
    s: { state: 'failed', failures: [FAILURE], services: [service({ failure: 'status' })] },
    tells: ['failed: web on s: status exited with code 1'],
  },
  {
    title: 'a failed runner whose failure is not told',
    s: { state: 'failed', services: [service({ failure: 'exit 3' })] },
    tells: ['failed: s is failed: web: exit 3'],
  },
  {
    title: 'a lost lease with its margin',
    s: { failures: [MARGIN] },
    tells: [`lease-lost: s lost its lease: ${MARGIN.text}`],
  },
  { title: 'nothing, where a runner hears no leader yet', s: { state: 'disconnected' }, tells: [] },
];

for (const { title, s, tells } of SEEN) {
  test(`written down: ${title}`, (t) => {
    const driver = seen(s === undefined ? { r: HOLDING } : { r: HOLDING, s });
    t.deepEqual(changes(driver).slice(2), tells);
  });
}

test('written down: a release, and the end of a promotion with how long it took', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, FROM, SOON, { r: HOLDING, s: {} });
  driver.order({ kind: 'promote', runner: 's' }, SOON + 10);
  driver.storeAll(['b', 'c'], SOON + 11);
  const released = { epoch: 4, released: 4 };
  const promoting = { state: 'master', epoch: 5, promoted: true } as const;
  reporting(driver, SOON + 50, SOON + 50, { r: released, s: {} });
  const half = [service({ state: 'promoting' })];
  reporting(driver, SOON + 100, SOON + 500, {
    r: released,
    s: { ...promoting, services: half },
  });
  const done = [service({ state: 'promoted' })];
  settle(driver, SOON + 550, { r: released, s: { ...promoting, services: done } });
  t.deepEqual(
    timeline(driver)
      .map(({ rule }) => rule)
      .slice(4),
    ['demoted', 'standby', 'target', 'promoted'],
  );
  t.like(lastOf(driver, 'demoted'), { subject: 'r', epoch: 4 });
  t.like(lastOf(driver, 'promoted'), {
    subject: 's',
    epoch: 5,
    text: 's is master (epoch 5): everything is promoted 500 ms after the decision',
  });
  t.like(lastOf(driver, 'target'), { rejected: [] });
});

test('written down: a wait that began and what it came to, once though its words change', (t) => {
  const driver = led();
  attachAll(driver);
  reporting(driver, FROM, SOON, { r: HOLDING, s: { state: 'live' } });
  reporting(driver, SOON + 50, SOON + 6_000, { s: { state: 'live' } });
  settle(driver, SOON + 6_050, { s: {} });
  const rules = timeline(driver).map(({ rule }) => rule);
  t.deepEqual(rules.slice(3), [
    'not-heard',
    'waiting',
    'waited',
    'counted-out',
    'waiting',
    'standby',
    'waited',
    'only-one',
  ]);
  t.regex(changes(driver)[3] ?? '', /^waiting: r is not heard: its lease and grace/);
  t.regex(changes(driver)[4] ?? '', /^waited: waited 2\.\d s: r is not heard/);
  t.like(lastOf(driver, 'counted-out'), {
    rejected: [
      { runner: 'r', rule: 'not-heard' },
      { runner: 's', rule: 'not-standby', reason: 'live, not standby' },
    ],
  });
});

test('written down: an elector that is not heard any more, and one that has a problem for long', (t) => {
  const driver = led();
  goOn(driver, FROM, SOON);
  for (let now = SOON; now <= SOON + 7_000; now += 50) {
    driver.until(now);
    const asked = driver.sent('heartbeat').length > 0;
    const stores = driver.sent('store').length > 0;
    if (asked) driver.grantAll(['b'], now);
    if (stores) driver.hear('b', { kind: 'stored', version: { term: 2, index: 99 } }, now);
  }
  t.deepEqual(
    changes(driver).filter((change) => change.startsWith('elector')),
    ['elector-not-heard: elector c is not heard any more'],
  );
});

test('written down: what keeps an elector from taking part, once it lasts, and that it is over', (t) => {
  const driver = led();
  const introduce = (digest: string, now: number) =>
    driver.hear('c', { kind: 'hello', digest, charter: undefined }, now);
  const told = () => changes(driver).filter((change) => change.startsWith('elector'));
  goOn(driver, FROM, SOON);
  introduce('other', SOON + 10);
  goOn(driver, SOON + 50, SOON + 300);
  introduce('same', SOON + 310);
  goOn(driver, SOON + 350, SOON + 7_000);
  t.deepEqual(told(), [], 'it was for a moment only');
  introduce('other', SOON + 7_010);
  goOn(driver, SOON + 7_050, SOON + 9_000);
  introduce('same', SOON + 9_010);
  goOn(driver, SOON + 9_050, SOON + 15_000);
  t.deepEqual(told(), [
    'elector-problem: elector c: its elector list or protocol times differ',
    'elector-well: elector c takes part again',
  ]);
});

test('written down: a runner that is forgotten', (t) => {
  const options = { ...optionsFor('a'), forgetAfter: 2_000 };
  const driver = lead({ options });
  driver.attach('s', LED_AT + 1);
  reporting(driver, FROM, SOON, { s: {} });
  driver.step({ kind: 'runner-lost', runner: 's', session: 'session-s' }, SOON);
  reporting(driver, SOON + 50, SOON + 8_000, {});
  t.is(lastOf(driver, 'forgotten')?.text, 's is forgotten: it has not been heard for 2.0 s');
});

test('written down: the holder has confirmed the end of maintenance', (t) => {
  const driver = led({ maintenanceChange: 2, maintenanceAcknowledged: 0 });
  attachAll(driver);
  reporting(driver, FROM, SOON, { r: { ...HOLDING, maintenanceChange: 2 }, s: {} });
  t.is(lastOf(driver, 'maintenance-acknowledged')?.text, 'r has confirmed the end of maintenance');
});

/** A leader that inherits what another one has written down, and its runners' reports. */
function succeed(events: Charter['decisions'], runners: Record<string, Partial<Report>>): Driver {
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['r', 's'],
    decisions: events,
  });
  const driver = lead({ record: { grantedTerm: 1, grantedTo: 'b', charter }, charter });
  attachAll(driver);
  settle(driver, FROM, runners);
  return driver;
}

test('a new leader writes down again nothing that stands there, and misses nothing that happened meanwhile', (t) => {
  const twice = [FAILURE, { ...FAILURE, at: 9 }];
  const first = seen({
    r: HOLDING,
    s: { state: 'failed', failures: [FAILURE], services: [service({ failure: 'status' })] },
  });
  const inherited = timeline(first);
  const same = succeed(inherited, {
    r: HOLDING,
    s: { state: 'failed', failures: [FAILURE], services: [service({ failure: 'status' })] },
  });
  t.deepEqual(
    timeline(same)
      .slice(inherited.length)
      .map(({ rule }) => rule),
    ['leader'],
  );
  const other = succeed(inherited, { r: HOLDING, s: { failures: twice } });
  t.deepEqual(
    timeline(other)
      .slice(inherited.length)
      .map(({ rule }) => rule),
    ['leader', 'failed', 'standby'],
  );
});

test('what a runner remembers of long ago is no news to a new leader', (t) => {
  const driver = lead();
  driver.step({ kind: 'wall', offset: 1_000_000 }, LED_AT + 1);
  driver.attach('s', LED_AT + 1);
  settle(driver, FROM, { s: { failures: [FAILURE, { ...FAILURE, at: 1_000_000 }] } });
  t.is(changes(driver).filter((change) => change.startsWith('failed')).length, 1);
});
