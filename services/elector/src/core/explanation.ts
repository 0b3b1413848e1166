// Why the cluster is as it is, or was in an earlier epoch: the decision behind it out of the timeline, and every
// runner as the rules see it. What would come of a failure is asked of a rehearsal, not here.
import type { WallTime } from '@koi/lib/time';
import { describeDuration, NEVER } from '@koi/lib/time';
import type { Decision, Rejection } from './charter.ts';
import { reasonOfChoice } from './choice-text.ts';
import { type Vista, viewElectors } from './cluster-view.ts';
import { blockedBy } from './failover-readiness.ts';
import {
  CHOICE_RULES,
  holdOf,
  type Place,
  ranking,
  rejection,
  type Situation,
  unheard,
} from './rules.ts';
import type { CandidateView, ExplainRefusal, ExplainView } from './view.ts';

/** Explains the present (epoch 0, or the one in force) or an earlier epoch. */
export function explain(
  vista: Vista,
  runner: string | undefined,
  epoch: number,
  wallOffset: WallTime,
): ExplainView | ExplainRefusal {
  const runners = vista.charter?.runners ?? [];
  if (runner !== undefined && !runners.includes(runner)) {
    const names = runners.length === 0 ? 'none has reported yet' : runners.join(', ');
    const text = `there is no runner named ${runner}; known runners: ${names}`;
    return { kind: 'refused', reason: 'RUNNER_UNKNOWN', text };
  }
  const present = vista.charter?.epoch ?? 0;
  if (epoch === 0 || epoch === present) return explainPresent(vista, runner, wallOffset);
  return explainPast(vista.charter?.decisions ?? [], epoch, present);
}

function explainPresent(
  vista: Vista,
  runner: string | undefined,
  wallOffset: WallTime,
): ExplainView {
  const { charter } = vista;
  const epoch = charter?.epoch ?? 0;
  const events = charter?.decisions ?? [];
  const decision = choiceOf(events, epoch);
  const waiting = vista.office?.waiting?.text ?? '';
  const blocked = blockedBy(vista, viewElectors(vista));
  const candidates = candidatesOf(vista, decision, wallOffset).filter(
    (each) => runner === undefined || each.runner === runner,
  );
  const asked = candidates.find((each) => each.runner === runner && !each.master);
  const text =
    asked === undefined
      ? describePresent(vista, decision, waiting, wallOffset)
      : describeCandidate(asked);
  return {
    kind: 'explained',
    master: charter?.master,
    epoch,
    decision,
    events: epoch === 0 ? [] : ofEpoch(events, epoch, decision),
    candidates,
    waiting,
    blocked,
    text,
  };
}

function explainPast(
  events: readonly Decision[],
  epoch: number,
  present: number,
): ExplainView | ExplainRefusal {
  const decision = choiceOf(events, epoch);
  const others = ofEpoch(events, epoch, decision);
  if (epoch > present || (decision === undefined && others.length === 0)) {
    const text =
      epoch > present
        ? `epoch ${epoch} was not given out yet: the present one is ${present}`
        : `nothing is remembered of epoch ${epoch}: the timeline begins with epoch ${events[0]?.epoch ?? present}`;
    return { kind: 'refused', reason: 'EPOCH_UNKNOWN', text };
  }
  const end = events.find((event) => event.kind === 'decision' && event.epoch > epoch);
  const closing = end === undefined ? [] : [end];
  const began = decision?.text ?? `the decision for epoch ${epoch} is not remembered any more`;
  const ended = [...others, ...closing].findLast((event) => event.kind === 'decision');
  return {
    kind: 'explained',
    master: decision?.subject,
    epoch,
    decision,
    events: [...others, ...closing],
    candidates: [],
    waiting: '',
    blocked: [],
    text: ended === undefined ? began : `${began}; it ended: ${ended.text}`,
  };
}

/** The decision that gave out an epoch. */
function choiceOf(events: readonly Decision[], epoch: number): Decision | undefined {
  if (epoch === 0) return undefined;
  return events.find(
    (event) => event.kind === 'decision' && event.epoch === epoch && CHOICE_RULES.has(event.rule),
  );
}

function ofEpoch(
  events: readonly Decision[],
  epoch: number,
  decision: Decision | undefined,
): readonly Decision[] {
  return events.filter((event) => event.epoch === epoch && event !== decision);
}

/** The master first, then in the order in which they would be chosen, then the others by name. */
function candidatesOf(
  vista: Vista,
  decision: Decision | undefined,
  wallOffset: WallTime,
): readonly CandidateView[] {
  const { charter, roster, options, now } = vista;
  if (charter === undefined) return [];
  const situation: Situation = { charter, roster, options, now };
  const places = ranking(situation);
  const candidates = charter.runners.map((name): CandidateView => {
    const entry = roster.get(name);
    const against = entry === undefined ? unheard(name) : rejection(entry, situation);
    const rank = places.findIndex((place) => place.runner === name) + 1;
    const master = name === charter.master;
    const found = master ? undefined : (against ?? places[rank - 1]);
    return {
      runner: name,
      master,
      electable: against === undefined,
      rule: master ? (decision?.rule ?? '') : (found?.rule ?? ''),
      reason: master ? `it holds epoch ${charter.epoch}` : (found?.reason ?? ''),
      since: master ? decision?.at : sinceOf(vista, found, against, wallOffset),
      rank,
    };
  });
  const order = ({ master, rank }: CandidateView) => (master ? 0 : rank === 0 ? NEVER : rank);
  return candidates.sort((a, b) => compareNumbers(order(a), order(b)));
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function sinceOf(
  { office, roster, options, now }: Vista,
  found: Rejection | Place | undefined,
  against: Rejection | undefined,
  wallOffset: WallTime,
): WallTime | undefined {
  if (against !== undefined) return office?.since(against);
  const entry = roster.get(found?.runner);
  const ago = holdOf(entry, options.promotionHold);
  if (entry === undefined || ago === undefined || found?.rule !== 'recently-failed')
    return undefined;
  return wallOffset + Math.min(now, entry.heardAt) - ago;
}

function describePresent(
  { charter, leader, now }: Vista,
  decision: Decision | undefined,
  waiting: string,
  wallOffset: WallTime,
): string {
  const led = leader === undefined ? 'nobody leads; ' : '';
  if (charter?.master === undefined) {
    const why = waiting === '' ? '' : `: ${waiting}`;
    return `${led}nobody is master${why}`;
  }
  const who = `${led}${charter.master} is master (epoch ${charter.epoch})`;
  if (decision === undefined) return `${who}: the decision is not remembered any more`;
  const age = describeDuration(Math.max(0, wallOffset + now - decision.at));
  return `${who} for ${age}: ${reasonOfChoice(decision)}`;
}

/** One runner in a sentence. */
function describeCandidate({ runner, electable, rule, reason, rank }: CandidateView): string {
  if (!electable) return `${runner} cannot be master: ${reason}`;
  if (rank === 1) return `${runner} would be the next master: ${reason}`;
  return `${runner} is not the next master: ${reason === '' ? rule : reason}`;
}
