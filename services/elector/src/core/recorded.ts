// What the timeline last said of each runner and elector: from there a new leader goes on, so that no change is
// written down twice and none is missed that happened between two leaders.
import { CHANGE } from './change-rule.ts';
import type { Decision } from './charter.ts';

/** The state in which a runner was last seen, by the rule that says so. */
const STAGE_OF_RULE: ReadonlyMap<string, string> = new Map([
  [CHANGE.notHeard, CHANGE.notHeard],
  [CHANGE.failed, CHANGE.failed],
  [CHANGE.stopped, CHANGE.stopped],
  [CHANGE.live, CHANGE.live],
  [CHANGE.standby, CHANGE.standby],
  [CHANGE.master, CHANGE.master],
  [CHANGE.promoted, CHANGE.master],
]);

function last(
  events: readonly Decision[],
  subject: string,
  rules: (rule: string) => boolean,
): Decision | undefined {
  return events.findLast(
    (event) => event.kind === 'change' && event.subject === subject && rules(event.rule),
  );
}

/** The last event that tells of a runner's state, and that state; undefined: none is remembered. */
export function recordedStage(
  events: readonly Decision[],
  runner: string,
): { readonly stage: string; readonly event: Decision } | undefined {
  const event = last(events, runner, (rule) => STAGE_OF_RULE.has(rule));
  const stage = STAGE_OF_RULE.get(event?.rule ?? '');
  return event === undefined || stage === undefined ? undefined : { stage, event };
}

/** The epoch of the last event of some rules; 0: none is remembered. */
export function recordedEpoch(
  events: readonly Decision[],
  runner: string,
  rules: readonly string[],
): number {
  return last(events, runner, (each) => rules.includes(each))?.epoch ?? 0;
}

/** Whether an elector was last said to be heard, and its problem; where nothing was said all was well. */
export function recordedElector(events: readonly Decision[], elector: string) {
  const heard = last(
    events,
    elector,
    (rule) => rule === CHANGE.electorHeard || rule === CHANGE.electorNotHeard,
  );
  const problem = last(
    events,
    elector,
    (rule) => rule === CHANGE.electorProblem || rule === CHANGE.electorWell,
  );
  return {
    heard: heard?.rule !== CHANGE.electorNotHeard,
    problem: problem?.rule === CHANGE.electorProblem ? problem.text : '',
  };
}

/**
 * Of what a runner tells of its failures, oldest first, how many are written down already: the longest beginning
 * that the timeline ends with.
 */
export function recordedCount(
  events: readonly Decision[],
  runner: string,
  texts: readonly string[],
): number {
  const said = events
    .filter(({ kind, subject }) => kind === 'change' && subject === runner)
    .map(({ text }) => text)
    .filter((text) => texts.includes(text));
  for (let count = Math.min(texts.length, said.length); count > 0; count -= 1) {
    const tail = said.slice(said.length - count);
    if (tail.every((text, index) => text === texts[index])) return count;
  }
  return 0;
}
