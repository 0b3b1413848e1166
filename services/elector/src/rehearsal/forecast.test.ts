// Forecasts: a copy of the present is given each single fault. What is forecast is compared with real hosts in
// test/e2e/forecast.test.ts.
import test from 'ava';
import type { Charter } from '../core/charter.ts';
import { charterOf, optionsFor, reportOf } from '../core/driver.fixture.ts';
import type { Present } from '../core/present.ts';
import type { Report } from '../core/report.ts';
import { type Forecast, forecast, singleFaults } from './forecast.ts';

function runner(name: string, part: Partial<Report> = {}) {
  return { name, session: `${name}-1`, digest: 'times', report: reportOf(1, part) };
}

const HOLDS = { state: 'master', promoted: true, epoch: 3 } as const;

/** Three hosts: `leader` leads, b is master, a and c could be. */
function present(leader = 'a', part: Partial<Charter> = {}, c: Partial<Report> = {}): Present {
  return {
    options: optionsFor(leader),
    term: 7,
    charter: charterOf(7, {
      master: 'b',
      masterSession: 'b-1',
      epoch: 3,
      runners: ['a', 'b', 'c'],
      ...part,
    }),
    electors: ['a', 'b', 'c'],
    runners: [runner('a'), runner('b', HOLDS), runner('c', { priority: 1, ...c })],
  };
}

function run(of: Present, kind: Forecast['fault']['kind'], subject: string): Forecast {
  const steps = forecast(of, { kind, subject });
  for (let count = 0; count < 100_000; count += 1) {
    const step = steps.next();
    if (step.done !== true) continue;
    if (step.value === undefined) throw new Error('the present could not be rehearsed');
    return step.value;
  }
  throw new Error('a forecast without an end');
}

test('an elector and a runner of one name are one host', (t) => {
  const three = present();
  const mixed = { ...three, electors: ['a', 'b', 'd'] };
  t.deepEqual(
    singleFaults(mixed).map(({ kind, subject }) => `${kind} ${subject}`),
    ['host-dies a', 'host-dies b', 'runner-dies c', 'elector-dies d', 'service-fails b'],
  );
});

for (const leader of ['a', 'b', 'c']) {
  test(`${leader} leads and the master's host dies: the best of the rest follows`, (t) => {
    const { master, failover = 0, leader: next } = run(present(leader), 'host-dies', 'b');
    t.is(master, 'c');
    t.true(failover > 2_400 && failover < 2_950, `${failover}`);
    t.is(next, leader === 'b' ? 'a' : leader);
  });
}

test('another host dies: the master stays', (t) => {
  const found = run(present('c'), 'host-dies', 'a');
  // Two of three electors are left, and the master's host has one of them.
  t.is(found.text, 'host a dies: b stays master, no failover left');
  t.is(found.failover, undefined);
  t.is(found.leader, 'c');
});

test('the leader dies: the highest in rank leads', (t) => {
  t.is(run(present('b', { master: 'c', masterSession: 'c-1' }), 'elector-dies', 'b').leader, 'a');
});

test('a service of the master fails: the next one follows at once', (t) => {
  const { master, failover = 1_000 } = run(present(), 'service-fails', 'b');
  t.is(master, 'c');
  t.true(failover < 100, `${failover}`);
});

test('nobody else is electable: nobody follows', (t) => {
  const lone = present('a', {}, { state: 'live' });
  const { text, master } = run({ ...lone, runners: lone.runners.slice(1) }, 'runner-dies', 'b');
  t.is(master, undefined);
  t.regex(text, /^runner b dies: nobody can be master/);
});

test('two of three electors are left, and one dies: nobody can lead', (t) => {
  const two = { ...present('a'), electors: ['a', 'b'] };
  const found = run(two, 'elector-dies', 'b');
  t.is(found.leader, undefined);
  t.is(found.master, undefined);
});

test('in maintenance nobody follows', (t) => {
  const { failover } = run(
    present('a', { maintenance: true, maintenanceChange: 1 }),
    'runner-dies',
    'b',
  );
  t.is(failover, undefined);
});
