// Whether an automatic failover would happen if the master's host died now: READY, or each thing in its way.
import test from 'ava';
import type { Charter } from './charter.ts';
import { charterOf, type Driver, LED_AT, lead, optionsFor, reportOf } from './driver.fixture.ts';
import { attachAll, HOLDING, reporting } from './office.fixture.ts';
import type { Report } from './report.ts';

const AT = LED_AT + 1_000;

/** Elector a leads; the holder goes by the name that is given. */
function ready(
  part: Partial<Charter> = {},
  runners: Readonly<Record<string, Partial<Report>>> = { r: HOLDING, s: {} },
): Driver {
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['r', 's'],
    ...part,
  });
  const driver = lead({ record: { grantedTerm: 1, grantedTo: 'b', charter }, charter });
  attachAll(driver, Object.keys(runners));
  reporting(driver, LED_AT + 50, AT, runners);
  return driver;
}

function blocked(driver: Driver, now = AT): readonly string[] {
  return driver.core.cluster(now).blocked;
}

test('READY: somebody else can be master, and a majority of the electors is left', (t) => {
  t.deepEqual(blocked(ready()), []);
  const onHosts = { master: 'b', masterSession: 'session-b', runners: ['b', 'c'] };
  t.deepEqual(blocked(ready(onHosts, { b: HOLDING, c: {} })), []);
});

const BLOCKED: readonly {
  readonly title: string;
  readonly charter?: Partial<Charter>;
  readonly runners?: Readonly<Record<string, Partial<Report>>>;
  readonly says: RegExp;
}[] = [
  {
    title: 'maintenance',
    charter: { maintenance: true, maintenanceChange: 1 },
    says: /^maintenance is on: nobody is elected$/,
  },
  { title: 'manual mode', charter: { manual: true }, says: /^an administrator demoted/ },
  {
    title: 'no master',
    charter: { master: undefined, masterSession: undefined, runners: ['s'] },
    runners: { s: {} },
    says: /^nobody is master: a master unknown to this leader/,
  },
  {
    title: 'each other runner has its reason',
    charter: { runners: ['r', 's', 'u'], stopped: ['s'] },
    says: /^no other runner can be master: s: stopped by an administrator; u: has not reported yet$/,
  },
  {
    title: 'nobody else',
    charter: { runners: ['r'] },
    runners: { r: HOLDING },
    says: /^there is no other runner$/,
  },
  {
    title: 'a wish that is waited for',
    charter: { target: 'u', runners: ['r', 's', 'u'] },
    says: /^u, which is wanted as master, is not heard yet$/,
  },
  {
    title: 'somebody else still has something promoted',
    runners: { r: HOLDING, s: {}, u: { promoted: true, state: 'failed' } },
    says: /^u still has a promoted service$/,
  },
  {
    title: 'the holder has not confirmed the end of maintenance',
    charter: { maintenanceChange: 2, maintenanceAcknowledged: 0 },
    says: /^r has not confirmed the end of maintenance/,
  },
];

for (const { title, charter, runners, says } of BLOCKED) {
  test(`BLOCKED: ${title}`, (t) => {
    const found = blocked(ready(charter, runners));
    t.is(found.length, 1, found.join('\n'));
    t.regex(found[0] ?? '', says);
  });
}

test("BLOCKED: with the elector on the master's host too few would be left", (t) => {
  const onHosts = { master: 'b', masterSession: 'session-b', runners: ['b', 's'] };
  const driver = ready(onHosts, { b: HOLDING, s: {} });
  // Elector c falls silent; b, which is left, would die with the master.
  for (let now = AT + 50; now <= AT + 1_000; now += 50) {
    driver.until(now);
    if (driver.sent('heartbeat').length > 0) driver.grantAll(['b'], now);
    driver.report('b', reportOf(now, HOLDING), now);
    driver.report('s', reportOf(now), now);
  }
  t.deepEqual(blocked(driver, AT + 1_000), [
    "1 of 3 electors would be left and 2 are needed: b is on the master's host; c is not heard",
  ]);
});

test('BLOCKED: nobody leads', (t) => {
  const driver = ready();
  driver.until(AT + 5_000);
  t.deepEqual(blocked(driver, AT + 5_000), ['nobody leads']);
});

test('BLOCKED: of two electors none survives the other', (t) => {
  const charter = charterOf(1, {
    master: 'b',
    masterSession: 'session-b',
    epoch: 4,
    runners: ['b', 's'],
    electors: ['a', 'b'],
  });
  const options = optionsFor('a', 2);
  const record = { grantedTerm: 1, grantedTo: 'b', charter };
  const driver = lead({ record, charter, options, others: ['b'] });
  attachAll(driver, ['b', 's']);
  driver.report('b', reportOf(1, HOLDING), LED_AT + 50);
  driver.report('s', reportOf(1), LED_AT + 50);
  t.deepEqual(blocked(driver, LED_AT + 60), [
    "1 of 2 electors would be left and 2 are needed: b is on the master's host",
  ]);
});
