// Which of the failures that a runner tells of are new, and what the timeline says of them.
import type { Duration, WallTime } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { Decision } from './charter.ts';
import { recordedCount } from './recorded.ts';
import type { FailureReport } from './report.ts';
import type { EventNote } from './timeline.ts';
import { shorten } from './timeline.ts';

/**
 * What a runner tells a new leader of, and the timeline does not know, is news only if it is no older than this
 * by the clocks on the wall: the rest may have been forgotten again.
 */
export const FAILURE_NEWS: Duration = 60_000;

/** A failure as the timeline says it. */
export function failureNote(runner: string, failure: FailureReport): EventNote {
  const { service, action, text } = failure;
  if (service !== '') {
    return { subject: runner, rule: CHANGE.failed, text: `${service} on ${runner}: ${text}` };
  }
  // What is no failure of a service: a lease that was lost, or anything else a runner has to tell.
  if (action === 'lease') {
    return { subject: runner, rule: CHANGE.leaseLost, text: `${runner} lost its lease: ${text}` };
  }
  return { subject: runner, rule: action, text: `${runner}: ${text}` };
}

/** Those after the last one that was known. */
export function failuresSince(
  known: readonly FailureReport[],
  told: readonly FailureReport[],
): readonly FailureReport[] {
  const newest = known.at(-1);
  if (newest === undefined || told === known) return told === known ? [] : told;
  const at = told.findLastIndex((each) => same(each, newest));
  return told.slice(at + 1);
}

/** Those that a new leader finds, and that are news. */
export function failuresUnrecorded(
  events: readonly Decision[],
  runner: string,
  told: readonly FailureReport[],
  wall: WallTime,
): readonly FailureReport[] {
  const texts = told.map((failure) => shorten(failureNote(runner, failure).text));
  const unknown = told.slice(recordedCount(events, runner, texts));
  return unknown.filter(({ at }) => wall - at <= FAILURE_NEWS);
}

function same(one: FailureReport, other: FailureReport): boolean {
  return (
    one.at === other.at &&
    one.service === other.service &&
    one.action === other.action &&
    one.text === other.text
  );
}
