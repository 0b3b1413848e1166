// P9: a returning higher elector takes over where the configuration says so, and only by asking.
import test from 'ava';
import { charterOf, Driver, LED_AT, lead, optionsFor } from './driver.fixture.ts';
import type { Body } from './message.ts';
import { Network } from './network.fixture.ts';
import { PREEMPT_INTERVAL } from './preemption.ts';

function cutAndHealed(preempt: boolean): Network {
  const network = new Network(3, { preempt });
  network.run(3_000);
  network.isolate('a');
  network.run(3_000);
  network.heal();
  return network;
}

test('P9: off, a returning higher elector does not unseat a leader', (t) => {
  const network = cutAndHealed(false);
  network.run(5 * PREEMPT_INTERVAL);
  t.deepEqual(network.leaders(), ['b']);
});

test('P9: on, it takes over once it has heard a majority for a minute, and nobody ever leads beside it', (t) => {
  const network = cutAndHealed(true);
  network.run(PREEMPT_INTERVAL - 5_000);
  t.deepEqual(network.leaders(), ['b']);
  network.run(10_000);
  t.deepEqual(network.leaders(), ['a']);
  t.deepEqual(network.doubleLeaders, []);
  network.run(2 * PREEMPT_INTERVAL);
  t.deepEqual(network.leaders(), ['a'], 'and stays');
});

/** Elector a of three, which hears leader b of term 5 for a minute and then probes. */
function returning(): { driver: Driver; now: number; probe: number } {
  const charter = charterOf(5);
  const record = { grantedTerm: 5, grantedTo: 'b', charter };
  const driver = new Driver({ ...optionsFor('a'), preempt: true }, record);
  driver.meet(['b', 'c'], 0, charter);
  let probe = 0;
  let now = 0;
  for (let round = 1; probe === 0 && now < 2 * PREEMPT_INTERVAL; round += 1) {
    now = round * 200;
    driver.hear('c', { kind: 'heartbeat', leading: false, term: 0, round }, now);
    probe = driver.sent('election')[0]?.body.probe ?? 0;
    driver.hear('b', { kind: 'heartbeat', leading: true, term: 5, round }, now);
    probe ||= driver.sent('election')[0]?.body.probe ?? 0;
  }
  return { driver, now, probe };
}

function bound(probe: number, boundTo: string): Body {
  return {
    kind: 'prospect',
    probe,
    wouldGrant: false,
    boundTo,
    boundFor: 500,
    highestTerm: 5,
    reason: 'bound',
  };
}

test('P9: it asks after a probe in which a majority is bound to nobody but the leader', (t) => {
  const { driver, now, probe } = returning();
  t.true(now >= PREEMPT_INTERVAL);
  driver.hear('b', bound(probe, 'b'), now + 1);
  t.is(driver.sent('handover').length, 0, 'c has not replied');
  driver.hear('c', bound(probe, 'b'), now + 2);
  t.deepEqual(driver.sent('handover'), [{ to: 'b', body: { kind: 'handover', term: 5 } }]);
});

test('P9: where no majority would grant it, it does not ask', (t) => {
  const { driver, now, probe } = returning();
  const no = { ...bound(probe, 'b'), reason: 'list' } as Body;
  driver.hear('b', no, now + 1);
  driver.hear('c', no, now + 2);
  t.is(driver.sent('handover').length, 0);
});

/** Elector b leads term 1, and may hand over. */
function leader(preempt: boolean): Driver {
  return lead({ options: { ...optionsFor('b'), preempt }, others: ['a', 'c'] });
}

test('P9: a leader hands over to a higher-ranked elector that names its term, by resigning', (t) => {
  const driver = leader(true);
  const term = driver.core.cluster(LED_AT).term;
  driver.hear('c', { kind: 'handover', term }, LED_AT + 50);
  t.is(driver.core.role, 'leader', 'c ranks lower');
  driver.hear('a', { kind: 'handover', term: term + 1 }, LED_AT + 51);
  t.is(driver.core.role, 'leader', 'another term');
  driver.hear('a', { kind: 'handover', term }, LED_AT + 52);
  t.is(driver.core.role, 'follower');
  t.is(driver.sent('resign').length, 2);
});

test('P9: a leader whose own configuration does not want it goes on', (t) => {
  const driver = leader(false);
  driver.hear('a', { kind: 'handover', term: driver.core.cluster(LED_AT).term }, LED_AT + 50);
  t.is(driver.core.role, 'leader');
});

test('P9: a handover is over at once also where the vote of the resigner is needed', (t) => {
  const network = cutAndHealed(true);
  network.kill('c');
  let leaderless = 0;
  for (let now = 0; now < PREEMPT_INTERVAL + 10_000; now += 5) {
    network.run(5);
    if (network.leaders().length === 0) leaderless += 5;
  }
  t.deepEqual(network.leaders(), ['a']);
  t.true(leaderless < 200, `leaderless for ${leaderless} ms`);
});
