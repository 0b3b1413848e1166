// Why it is so: the choice of the master and its reasons, who could follow, and what each single
// failure would lead to.
import type { Candidate, ExplainResponse, Forecast } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Event, Rejection } from '@koi/gen/koi/cluster/v1/event_pb';
import { type Block, line, type Page, type Row, span, tree } from './page.ts';
import { readinessLine } from './readiness.ts';
import { writeSecond } from './words.ts';

/** What was asked. */
export interface Question {
  /** Of this runner alone; empty: of all. */
  readonly runner: string;
  /** Of an epoch that was named, so nothing is said of the present. */
  readonly past: boolean;
}

/** The whole explanation. */
export function whyPage(why: ExplainResponse, { runner, past }: Question, wide: boolean): Page {
  const { text, decision, events, candidates, waiting, blocked } = why;
  const concerned = (name: string) => runner === '' || name === runner;
  const forecasts = why.forecasts.filter(
    ({ subject, master }) => concerned(subject) || concerned(master),
  );
  const page: Block[] = [line(span(text, 'heading'))];
  if (decision !== undefined) {
    const rejected = decision.rejected.filter((one) => concerned(one.runner));
    if (runner === '' || rejected.length > 0)
      page.push(...decisionBlocks(decision, rejected, wide));
  }
  if (past || wide) page.push(...storyBlocks(events));
  if (waiting !== '') page.push(line(span(`waiting: ${waiting}`, 'warning')));
  if (candidates.length > 0) {
    const next = runner === '' ? candidates.find((one) => one.electable && !one.master) : undefined;
    const rows = candidates.map((one) => candidateRow(one, one === next));
    page.push(line(span('runners now', 'heading')), tree(rows));
  }
  if (forecasts.length > 0) {
    page.push(line(span('if one thing fails now', 'heading')));
    page.push(tree(forecasts.map((forecast) => forecastRow(forecast, wide))));
  }
  if (!past) page.push(readinessLine(blocked));
  return page;
}

/** The decision that gave out the epoch, and who could not be chosen then. */
function decisionBlocks(
  { number, eventTime, term, rule }: Event,
  rejected: readonly Rejection[],
  wide: boolean,
): Page {
  const when = eventTime === undefined ? '' : ` at ${writeSecond(eventTime)}`;
  const where = wide ? `, term ${term}` : '';
  const told = line(`decided${when} by the rule ${rule} (event ${number}${where})`);
  if (rejected.length === 0) return [told];
  return [told, line(span('not chosen then', 'heading')), tree(rejected.map(rejectionRow))];
}

/** Who could not be chosen, and why. */
export function rejectionRow({ runner, rule, reason }: Rejection): Row {
  return { cells: [span(runner), span(rule, 'warning'), span(reason)] };
}

function storyBlocks(events: readonly Event[]): Page {
  if (events.length === 0) return [];
  const rows = events.map(({ eventTime, rule, text }) => ({
    cells: [span(eventTime ? writeSecond(eventTime) : '', 'quiet'), span(rule), span(text)],
  }));
  return [line(span('what else happened in that epoch', 'heading')), tree(rows)];
}

function candidateRow(candidate: Candidate, next: boolean): Row {
  const { runner, master, electable, rule, reason, since } = candidate;
  const able = next ? span('next', 'good') : span('electable');
  const unable = span('not electable', 'bad');
  const standing = master ? span('master', 'good') : electable ? able : unable;
  return {
    cells: [
      span(runner),
      standing,
      span(rule, 'quiet'),
      span(since === undefined ? reason : `${reason} (since ${writeSecond(since)})`),
    ],
  };
}

function forecastRow({ text, master, blocked }: Forecast, wide: boolean): Row {
  const tone = master === '' ? 'bad' : blocked.length > 0 ? 'warning' : 'plain';
  return {
    cells: [span(text, tone)],
    below: wide ? blocked.map((reason) => line(span(reason, 'quiet'))) : [],
  };
}
