// The table that chooses a master: one case per row of the original's rules and of each preference.
import test from 'ava';
import type { Charter } from './charter.ts';
import { charterOf, optionsFor, reportOf } from './driver.fixture.ts';
import type { Report } from './report.ts';
import { Roster } from './roster.ts';
import { choose, rejection, type Situation, stillPromoted } from './rules.ts';

const NOW = 10_000;

function situation(
  runners: Readonly<Record<string, Partial<Report> | undefined>>,
  charter: Partial<Charter> = {},
  age = 0,
): Situation {
  const options = optionsFor('a');
  const roster = new Roster(options.times);
  for (const [name, part] of Object.entries(runners)) {
    roster.connect(name, name, 'times', NOW - age);
    if (part !== undefined) roster.report(name, name, reportOf(1, part), NOW - age);
  }
  return { charter: charterOf(1, charter), roster, options, now: NOW };
}

const REJECTED: readonly {
  readonly title: string;
  readonly rule: string;
  readonly reason: RegExp;
  readonly report?: Partial<Report>;
  readonly charter?: Partial<Charter>;
  readonly age?: number;
}[] = [
  {
    title: 'older than three heartbeats + 50 ms',
    rule: 'not-heard',
    reason: /not heard for 650 ms/,
    age: 650,
  },
  {
    title: 'still in maintenance',
    rule: 'in-maintenance',
    reason: /maintenance/,
    report: { maintenance: true },
  },
  { title: 'passive', rule: 'passive', reason: /passive/, report: { mode: 'passive' } },
  {
    title: 'stopped by an administrator',
    rule: 'stopped',
    reason: /administrator/,
    charter: { stopped: ['r'] },
  },
  { title: 'live', rule: 'not-standby', reason: /live/, report: { state: 'live' } },
  { title: 'stopped', rule: 'not-standby', reason: /stopped/, report: { state: 'stopped' } },
  { title: 'failed', rule: 'not-standby', reason: /failed/, report: { state: 'failed' } },
];

for (const { title, rule, reason, report = {}, charter = {}, age = 0 } of REJECTED) {
  test(`rejected: ${title}`, (t) => {
    const given = situation({ r: report }, charter, age);
    const choice = choose(given);
    t.is(choice.chosen, undefined);
    t.is(choice.rejections[0]?.rule, rule);
    t.regex(choice.rejections[0]?.reason ?? '', reason);
  });
}

test('electable: just within three heartbeats + 50 ms', (t) => {
  t.is(choose(situation({ r: {} }, {}, 649)).chosen?.name, 'r');
});

test('rejected: no report, a broken stream, other protocol times', (t) => {
  const given = situation({ r: undefined, s: {} });
  const silent = given.roster.get('r');
  t.is(silent === undefined ? '' : rejection(silent, given)?.rule, 'not-heard');
  given.roster.disconnect('s', 's');
  const broken = given.roster.get('s');
  t.is(broken === undefined ? '' : rejection(broken, given)?.rule, 'not-connected');
  given.roster.connect('u', 'u', 'other', NOW);
  given.roster.report('u', 'u', reportOf(1), NOW);
  const other = given.roster.get('u');
  t.is(other === undefined ? '' : rejection(other, given)?.rule, 'other-times');
});

test('a live runner is rejected with the service that is not promotable', (t) => {
  const service = {
    name: 'web',
    priority: 20,
    state: 'started',
    promotable: false,
    action: '',
    processId: 0,
    failure: '',
  } as const;
  const given = situation({ r: { state: 'live', services: [service] } });
  t.is(choose(given).rejections[0]?.reason, 'live: web is not promotable');
});

test("the administrator's target is chosen before anything else", (t) => {
  const choice = choose(situation({ r: { priority: 9 }, s: {} }, { target: 's' }));
  t.is(choice.chosen?.name, 's');
  t.is(choice.rule, 'target');
});

test('higher priority first, before uptime', (t) => {
  const choice = choose(situation({ r: { priority: 1, uptime: 5 }, s: { uptime: 500 } }));
  t.is(choice.chosen?.name, 'r');
  t.is(choice.rule, 'highest-priority');
});

test('an uptime is as old as its report', (t) => {
  const options = optionsFor('a');
  const roster = new Roster(options.times);
  // r is up longer; s has reported later.
  for (const [name, uptime, age] of [
    ['r', 1_000, 190],
    ['s', 1_100, 10],
  ] as const) {
    roster.connect(name, name, 'times', NOW - age);
    roster.report(name, name, reportOf(1, { uptime }), NOW - age);
  }
  t.is(choose({ charter: charterOf(1), roster, options, now: NOW }).chosen?.name, 'r');
});

test('then the longest uptime, then the greatest name', (t) => {
  const longest = choose(situation({ r: { uptime: 500 }, s: { uptime: 5 } }));
  t.is(longest.chosen?.name, 'r');
  t.is(longest.rule, 'longest-uptime');
  const equal = choose(situation({ r: { uptime: 5 }, s: { uptime: 5 } }));
  t.is(equal.chosen?.name, 's');
  t.is(equal.rule, 'greatest-name');
});

test('who failed within the last minute is held back, unless nobody else is electable', (t) => {
  const failed = { sinceFailure: 41_000, uptime: 500_000 };
  const choice = choose(situation({ r: failed, s: {} }));
  t.is(choice.chosen?.name, 's');
  t.is(choice.rejections[0]?.rule, 'recently-failed');
  t.regex(choice.rejections[0]?.reason ?? '', /failed 41.0 s ago, held for 60.0 s/);
  t.is(choose(situation({ r: failed })).chosen?.name, 'r');
  t.is(choose(situation({ r: { ...failed, sinceFailure: 60_000 }, s: {} })).chosen?.name, 'r');
});

test('somebody still promoted blocks, while heard, and not the one that was released or counted out', (t) => {
  const promoted = { promoted: true };
  t.is(stillPromoted(situation({ r: promoted, s: {} }), new Set()), 'r');
  t.is(stillPromoted(situation({ r: promoted, s: {} }), new Set(['r'])), undefined);
  t.is(stillPromoted(situation({ r: promoted, s: {} }, {}, 600), new Set()), undefined);
});
