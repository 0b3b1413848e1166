// What an elector says of itself alone, and which of its events nobody can take back.
import test from 'ava';
import { BOUND, charterOf, Driver, EMPTY, LED_AT, lead, optionsFor } from './driver.fixture.ts';
import { Elector } from './elector.ts';

test('an elector that has just started is bound to nobody and holds nothing', (t) => {
  const elector = new Elector(optionsFor('b'), EMPTY, 0);
  t.deepEqual(elector.standing(0), {
    term: 0,
    role: 'follower',
    boundTo: undefined,
    boundFor: undefined,
    charter: undefined,
    leader: undefined,
    problem: '',
  });
  t.is(elector.events, undefined);
});

test('a leader is bound to itself, and its events are the committed ones', (t) => {
  const driver = lead();
  const { boundFor = 0, ...standing } = driver.core.standing(LED_AT + 1);
  t.like(standing, { role: 'leader', boundTo: 'a', leader: 'a', problem: '' });
  t.true(boundFor > 0 && boundFor <= BOUND);
  t.truthy(standing.charter);
  const events = driver.core.events ?? [];
  t.is(events.at(-1)?.rule, 'leader');
  // An order that no majority has on disk is in no event yet.
  driver.order({ kind: 'demote' }, LED_AT + 10);
  t.deepEqual(driver.core.events, events);
  driver.storeAll(['b', 'c'], LED_AT + 20);
  t.is(driver.core.events?.at(-1)?.rule, 'demote');
});

test('an elector tells the version of the charter that it holds', (t) => {
  const charter = charterOf(3);
  const driver = new Driver(optionsFor('b'), { grantedTerm: 3, grantedTo: 'a', charter });
  t.like(driver.core.standing(1), { term: 3, charter: { term: 3, index: 1 } });
});

test('that the leader has fallen silent is a change', (t) => {
  const driver = lead();
  const effects: string[] = [];
  for (let now = LED_AT + 50; driver.core.leader !== undefined; now += 50) {
    effects.length = 0;
    effects.push(...driver.step({ kind: 'time' }, now).map(({ kind }) => kind));
    if (now > LED_AT + 10_000) break;
  }
  t.is(driver.core.leader, undefined);
  t.true(effects.includes('changed'));
  t.is(driver.core.events, undefined);
});
