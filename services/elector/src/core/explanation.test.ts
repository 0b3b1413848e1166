// Why: the present with every runner as the rules see it, and earlier epochs out of the timeline.
import test from 'ava';
import type { Charter } from './charter.ts';
import { charterOf, type Driver, LED_AT, lead } from './driver.fixture.ts';
import { attachAll, HOLDING, reporting } from './office.fixture.ts';
import type { Report } from './report.ts';
import { type EventContext, eventOf, withEvents } from './timeline.ts';
import type { ExplainView } from './view.ts';

const AT = LED_AT + 1_000;
const WALL = 1_000_000;

const CHOSEN: EventContext = { kind: 'decision', term: 1, epoch: 4, at: WALL };

/** What an earlier leader wrote down: r was chosen under epoch 4, after q had gone. */
const HISTORY: readonly (readonly [string, string, string, Partial<EventContext>])[] = [
  ['q', 'only-one', 'q is promoted (epoch 3): it is the only electable runner', { epoch: 3 }],
  ['q', 'promoted', 'q is master (epoch 3)', { epoch: 3, kind: 'change' }],
  ['q', 'not-heard', 'q has not been heard for 600 ms', { epoch: 3, kind: 'change' }],
  [
    'r',
    'highest-priority',
    'q has not answered for 2.7 s; r is promoted (epoch 4): it has the highest priority (3)',
    {},
  ],
  ['r', 'promoted', 'r is master (epoch 4)', { kind: 'change' }],
];

function explained(
  runners: Readonly<Record<string, Partial<Report>>>,
  part: Partial<Charter> = {},
): Driver {
  const decisions = withEvents(
    charterOf(1),
    HISTORY.map(([subject, rule, text, context]) =>
      eventOf({ subject, rule, text }, { ...CHOSEN, ...context }),
    ),
  );
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['p', 'q', 'r', 's', 't'],
    decisions,
    ...part,
  });
  const driver = lead({ record: { grantedTerm: 1, grantedTo: 'b', charter }, charter });
  driver.step({ kind: 'wall', offset: WALL }, LED_AT + 1);
  attachAll(driver, Object.keys(runners));
  reporting(driver, LED_AT + 50, AT, runners);
  return driver;
}

const RUNNERS = {
  p: { priority: 1 },
  r: { ...HOLDING, priority: 3 },
  s: { priority: 2 },
  t: { priority: 9, sinceFailure: 41_000 },
};

function explain(driver: Driver, runner?: string, epoch = 0, now = AT): ExplainView {
  const found = driver.core.explain(runner, epoch, now);
  if (found.kind === 'refused') throw new Error(found.text);
  return found;
}

test('the present: the master first, then who would follow, then who cannot, each with its reason', (t) => {
  const { candidates, decision, master, epoch } = explain(explained(RUNNERS));
  t.is(master, 'r');
  t.is(epoch, 4);
  t.is(decision?.rule, 'highest-priority');
  t.deepEqual(
    candidates.map(({ runner, rank, rule, reason }) => [runner, rank, rule, reason]),
    [
      ['r', 1, 'highest-priority', 'it holds epoch 4'],
      ['s', 2, 'highest-priority', 'after r: its priority is 2'],
      ['p', 3, 'highest-priority', 'after s: its priority is 1'],
      ['t', 4, 'recently-failed', 'failed 41.0 s ago, held for 60.0 s'],
      ['q', 0, 'not-heard', 'has not reported yet'],
    ],
  );
  t.deepEqual(
    candidates.map(({ electable, master: holds }) => `${electable} ${holds}`),
    ['true true', 'true false', 'true false', 'true false', 'false false'],
  );
});

test('since when: the decision, the failure, or when the leader saw it first', (t) => {
  const driver = explained(RUNNERS);
  const failing = { ...RUNNERS, s: { priority: 2, state: 'live' as const } };
  reporting(driver, AT + 50, AT + 500, failing);
  const since = new Map(
    explain(driver, undefined, 0, AT + 500).candidates.map((each) => [each.runner, each.since]),
  );
  t.is(since.get('r'), WALL);
  t.is(since.get('t'), WALL + AT + 500 - 41_000);
  t.is(since.get('s'), WALL + AT + 50);
  t.is(since.get('p'), undefined);
  // q fell silent under an earlier leader, who has written that down.
  t.is(since.get('q'), WALL);
});

test('the present in one sentence, and one runner in one', (t) => {
  const driver = explained(RUNNERS);
  t.is(explain(driver).text, `r is master (epoch 4) for 2.0 s: it has the highest priority (3)`);
  t.is(explain(driver, 'r').text, explain(driver).text);
  t.is(explain(driver, 'q').text, 'q cannot be master: has not reported yet');
  t.is(explain(driver, 's').text, 's is not the next master: after r: its priority is 2');
  t.deepEqual(
    explain(driver, 'q').candidates.map(({ runner }) => runner),
    ['q'],
  );
});

test('the present without a master says what is waited for, and what blocks a failover', (t) => {
  const { text, waiting, blocked, master } = explain(
    explained({ s: {} }, { master: undefined, masterSession: undefined }),
  );
  t.is(master, undefined);
  t.is(waiting, 'a master unknown to this leader may still hold a lease');
  t.is(text, `nobody is master: ${waiting}`);
  t.deepEqual(blocked, [`nobody is master: ${waiting}`]);
});

test('an earlier epoch: its decision, what happened in it and what ended it', (t) => {
  const { decision, events, master, candidates, text } = explain(explained(RUNNERS), undefined, 3);
  t.is(master, 'q');
  t.is(decision?.number, 1);
  t.deepEqual(
    events.map(({ number }) => number),
    [2, 3, 4],
  );
  t.deepEqual(candidates, []);
  t.regex(text, /^q is promoted \(epoch 3\).*; it ended: q has not answered/);
});

test('an epoch whose decision is forgotten is told by what is left of it', (t) => {
  const driver = explained(RUNNERS);
  const charter = driver.disk.charter;
  const rest = explained(RUNNERS, { decisions: charter?.decisions.slice(1) ?? [] });
  const { decision, events, text } = explain(rest, undefined, 3);
  t.is(decision, undefined);
  t.is(events.length, 3);
  t.regex(text, /^the decision for epoch 3 is not remembered any more; it ended/);
});

test('what nobody remembers, and who is not known, is refused', (t) => {
  const driver = explained(RUNNERS);
  const refusal = (runner: string | undefined, epoch: number) => {
    const found = driver.core.explain(runner, epoch, AT);
    return found.kind === 'refused' ? `${found.reason}: ${found.text}` : 'explained';
  };
  t.is(
    refusal(undefined, 2),
    'EPOCH_UNKNOWN: nothing is remembered of epoch 2: the timeline begins with epoch 3',
  );
  t.is(refusal(undefined, 9), 'EPOCH_UNKNOWN: epoch 9 was not given out yet: the present one is 4');
  t.is(refusal('x', 0), 'RUNNER_UNKNOWN: there is no runner named x; known runners: p, q, r, s, t');
});

test('an elector that does not lead explains what it knows', (t) => {
  const driver = explained(RUNNERS);
  driver.until(AT + 5_000);
  const { text, blocked } = explain(driver, undefined, 0, AT + 5_000);
  t.regex(text, /^nobody leads; r is master \(epoch 4\)/);
  t.deepEqual(blocked, ['nobody leads']);
});
