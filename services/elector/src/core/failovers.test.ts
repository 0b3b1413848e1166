// How events are grouped into failovers: lists as leaders write them, whole and with parts forgotten.
import test from 'ava';
import type { Decision } from './charter.ts';
import { failovers } from './failovers.ts';
import type { FailoverView } from './view.ts';

/** When, the rule, whom it is about, the epoch then in force, and the text where that matters. */
type Line = readonly [at: number, rule: string, subject: string, epoch: number, text?: string];

const DECISIONS: readonly string[] = [
  'leader',
  'promote',
  'demote',
  'elect',
  'stop',
  'start',
  'maintenance',
  'target-lost',
  'released',
  'counted-out',
  'confirmed-down',
  'target',
  'only-one',
  'highest-priority',
];

function listed(lines: readonly Line[]): readonly Decision[] {
  return lines.map(([at, rule, subject, epoch, text = rule], index) => ({
    number: index + 1,
    kind: DECISIONS.includes(rule) ? 'decision' : 'change',
    at,
    term: 1,
    epoch,
    subject,
    rule,
    text,
    rejected: [],
  }));
}

/** b becomes master of a new cluster under epoch 1. */
const BEGUN: readonly Line[] = [
  [0, 'leader', 'e', 0],
  [10, 'live', 'b', 0],
  [20, 'standby', 'b', 0],
  [1_000, 'waiting', '', 0],
  [3_000, 'waited', '', 0],
  [3_000, 'highest-priority', 'b', 1],
  [3_400, 'promoted', 'b', 1],
];

const FIRST: Partial<FailoverView> = {
  epoch: 1,
  fromEpoch: 0,
  from: undefined,
  to: 'b',
  planned: false,
  detectedAt: 1_000,
  demotedAt: undefined,
  decidedAt: 3_000,
  promotedAt: 3_400,
  gap: 2_400,
  margin: '',
  events: [4, 5, 6, 7],
};

const MARGIN =
  'b lost its lease: epoch 1: down 310 ms after the lease ended, 690 ms before anybody else could be promoted';

const CASES: readonly {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly master?: string;
  readonly groups: readonly Partial<FailoverView>[];
}[] = [
  { title: 'the first master of a cluster', lines: BEGUN, groups: [FIRST] },
  {
    title: "the master's host dies",
    lines: [
      ...BEGUN,
      [60_000, 'not-heard', 'b', 1],
      [60_600, 'waiting', '', 1],
      [62_000, 'waited', '', 1],
      [62_000, 'only-one', 'c', 2],
      [62_300, 'promoted', 'c', 2],
    ],
    groups: [
      FIRST,
      {
        epoch: 2,
        fromEpoch: 1,
        from: 'b',
        to: 'c',
        planned: false,
        detectedAt: 60_000,
        demotedAt: 62_000,
        decidedAt: 62_000,
        promotedAt: 62_300,
        gap: 2_300,
        margin: '',
        events: [8, 9, 10, 11, 12],
      },
    ],
  },
  {
    title: 'the leader dies with it, and another one goes on',
    lines: [
      ...BEGUN,
      [60_000, 'leader', 'f', 1],
      [60_010, 'not-heard', 'b', 1],
      [60_020, 'leader', 'g', 1],
      [60_700, 'waiting', '', 1],
      [62_500, 'waited', '', 1],
      [62_500, 'only-one', 'c', 2],
      [62_510, 'leader', 'h', 2],
      [62_900, 'promoted', 'c', 2],
    ],
    groups: [
      FIRST,
      {
        from: 'b',
        to: 'c',
        detectedAt: 60_010,
        decidedAt: 62_500,
        promotedAt: 62_900,
        gap: 2_890,
        events: [9, 10, 11, 12, 13, 15],
      },
    ],
  },
  {
    title: 'the master is cut off, and tells its margin when it is heard again, long after',
    lines: [
      ...BEGUN,
      [60_000, 'not-heard', 'b', 1],
      [62_000, 'only-one', 'c', 2],
      [62_300, 'promoted', 'c', 2],
      [90_000, 'highest-priority', 'a', 3],
      [99_000, 'lease-lost', 'b', 3, MARGIN],
      [99_000, 'standby', 'b', 3],
    ],
    groups: [
      FIRST,
      {
        to: 'c',
        margin: 'down 310 ms after the lease ended, 690 ms before anybody else could be promoted',
        events: [8, 9, 10, 12],
      },
      { from: 'c', to: 'a', margin: '' },
    ],
  },
  {
    title: 'the margin is told before anybody else is chosen',
    lines: [
      ...BEGUN,
      [60_000, 'not-heard', 'b', 1],
      [61_900, 'lease-lost', 'b', 1, MARGIN],
      [61_910, 'demoted', 'b', 1],
      [61_910, 'highest-priority', 'b', 2],
      [62_000, 'promoted', 'b', 2],
    ],
    groups: [
      FIRST,
      {
        from: 'b',
        to: 'b',
        fromEpoch: 1,
        epoch: 2,
        demotedAt: 61_910,
        gap: 2_000,
        margin: 'down 310 ms after the lease ended, 690 ms before anybody else could be promoted',
      },
    ],
  },
  {
    title: 'a service of the master fails',
    lines: [
      ...BEGUN,
      [60_000, 'failed', 'b', 1],
      [60_300, 'demoted', 'b', 1],
      [60_300, 'only-one', 'c', 2],
      [60_600, 'promoted', 'c', 2],
    ],
    groups: [
      FIRST,
      { planned: false, detectedAt: 60_000, demotedAt: 60_300, gap: 600, events: [8, 9, 10, 11] },
    ],
  },
  {
    title: 'a switchover',
    lines: [
      ...BEGUN,
      [60_000, 'promote', 'c', 1],
      [60_040, 'demoted', 'b', 1],
      [60_040, 'standby', 'b', 1],
      [60_040, 'target', 'c', 2],
      [60_070, 'promoted', 'c', 2],
    ],
    groups: [
      FIRST,
      {
        planned: true,
        from: 'b',
        to: 'c',
        detectedAt: 60_000,
        demotedAt: 60_040,
        decidedAt: 60_040,
        gap: 70,
        events: [8, 9, 11, 12],
      },
    ],
  },
  {
    title: 'a switchover that is called off is none',
    lines: [
      ...BEGUN,
      [60_000, 'promote', 'c', 1],
      [60_400, 'not-heard', 'c', 1],
      [60_400, 'target-lost', 'c', 1],
    ],
    groups: [FIRST],
  },
  {
    title: 'a master that is heard again in time was not failed over',
    lines: [...BEGUN, [60_000, 'not-heard', 'b', 1], [60_900, 'master', 'b', 1]],
    groups: [FIRST],
  },
  {
    title: 'demoted by an administrator, elected again later',
    lines: [
      ...BEGUN,
      [60_000, 'demote', 'b', 1],
      [60_200, 'demoted', 'b', 1],
      [60_200, 'released', 'b', 1],
      [80_000, 'elect', '', 1],
      [80_010, 'highest-priority', 'b', 2],
      [80_100, 'promoted', 'b', 2],
    ],
    groups: [
      FIRST,
      { planned: true, from: 'b', to: 'b', demotedAt: 60_200, decidedAt: 80_010, gap: 20_100 },
    ],
  },
  {
    title: 'demoted and elected before anything was touched',
    lines: [...BEGUN, [60_000, 'demote', 'b', 1], [60_001, 'elect', '', 1]],
    groups: [FIRST],
  },
  {
    title: 'one under way: nobody can follow',
    lines: [
      ...BEGUN,
      [60_000, 'not-heard', 'b', 1],
      [62_000, 'counted-out', 'b', 1],
      [62_700, 'waiting', '', 1],
    ],
    groups: [
      FIRST,
      {
        epoch: 0,
        to: undefined,
        from: 'b',
        fromEpoch: 1,
        detectedAt: 60_000,
        demotedAt: 62_000,
        decidedAt: undefined,
        promotedAt: undefined,
        gap: undefined,
        events: [8, 9, 10],
      },
    ],
  },
  {
    title: 'others come and go, and it concerns nobody',
    lines: [
      ...BEGUN,
      [60_000, 'not-heard', 'c', 1],
      [61_000, 'standby', 'c', 1],
      [62_000, 'stop', 'c', 1],
      [63_000, 'elector-not-heard', 'b', 1],
      [64_000, 'waiting', '', 1],
    ],
    groups: [FIRST],
  },
  {
    title: 'the beginning is forgotten: its end tells who held the role',
    lines: [
      [62_000, 'demoted', 'b', 7],
      [62_000, 'only-one', 'c', 8],
      [62_300, 'promoted', 'c', 8],
    ],
    groups: [{ from: 'b', fromEpoch: 7, to: 'c', epoch: 8, demotedAt: 62_000, gap: 300 }],
  },
  {
    title: 'every choice is forgotten: they are about the present master',
    lines: [[62_000, 'not-heard', 'c', 8]],
    master: 'c',
    groups: [{ from: 'c', fromEpoch: 8, epoch: 0, detectedAt: 62_000 }],
  },
  {
    title: 'the changes are forgotten: decisions are left',
    lines: [
      [3_000, 'highest-priority', 'b', 1],
      [62_000, 'only-one', 'c', 2],
    ],
    groups: [
      { from: undefined, to: 'b', promotedAt: undefined, gap: undefined },
      { from: 'b', to: 'c', demotedAt: 62_000, promotedAt: undefined, gap: undefined },
    ],
  },
  { title: 'nothing at all', lines: [], groups: [] },
];

for (const { title, lines, groups, master = 'c' } of CASES) {
  test(`grouped: ${title}`, (t) => {
    const found = failovers(listed(lines), master);
    t.is(found.length, groups.length, JSON.stringify(found));
    for (const [index, group] of groups.entries()) t.like(found[index], group);
  });
}
