// The timeline: one line for each event, and after the last event of a failover what it amounted
// to.
import { durationMs, type Timestamp } from '@bufbuild/protobuf/wkt';
import { type Event, EventKind, type Failover } from '@koi/gen/koi/cluster/v1/event_pb';
import { describeDuration } from '@koi/lib/time';
import { type Block, line, type Page, type Row, type Span, span, table, tree } from './page.ts';
import { rejectionRow } from './why-page.ts';
import { between, writeClock, writeTime } from './words.ts';

/** Oldest first. */
export function timelinePage(
  events: readonly Event[],
  failovers: readonly Failover[],
  wide: boolean,
): Page {
  if (events.length === 0) return [line('nothing is remembered of that time')];
  const endings = new Map(failovers.map((failover) => [failover.events.at(-1), failover]));
  return [
    table(
      events.map((event) => {
        const ended = endings.get(event.number);
        const rejected = wide && event.rejected.length > 0 ? [rejectedTree(event)] : [];
        return {
          cells: eventCells(event, wide),
          below: [...rejected, ...(ended === undefined ? [] : failoverBlocks(ended))],
        };
      }),
    ),
  ];
}

/** The failovers alone. */
export function failoversPage(failovers: readonly Failover[]): Page {
  if (failovers.length === 0) return [line('no failover is remembered of that time')];
  return failovers.flatMap(failoverBlocks);
}

function rejectedTree({ rejected }: Event): Block {
  return tree(rejected.map(rejectionRow));
}

/** So wide are most names of rules: what is printed one by one is to be aligned too. */
const RULE_WIDTH = 17;

function eventCells(event: Event, wide: boolean): readonly Span[] {
  const { number, eventTime, term, epoch, subject, rule, text, kind } = event;
  return [
    span(String(number).padStart(3), 'quiet'),
    span(eventTime ? writeTime(eventTime) : '', 'quiet'),
    span(wide ? `term ${term}` : '', 'quiet'),
    span(wide ? `epoch ${epoch}` : '', 'quiet'),
    span(wide ? (kind === EventKind.CHANGE ? 'change' : 'decision') : '', 'quiet'),
    span(wide ? subject : ''),
    span(rule.padEnd(RULE_WIDTH), kind === EventKind.CHANGE ? 'plain' : 'heading'),
    span(text),
  ];
}

/** What a failover or a switchover amounted to, as one group. */
export function failoverBlocks(failover: Failover): Page {
  const { from, to, epoch, planned, gap, margin } = failover;
  const kind = planned ? 'switchover' : from === '' ? 'promotion' : 'failover';
  const whence = from === '' ? '' : ` from ${from}`;
  const whither = to === '' ? '' : ` to ${to} (epoch ${epoch})`;
  const lasted =
    gap === undefined
      ? span(to === '' ? 'nobody is master' : 'not over yet', 'warning')
      : span(`no master for ${describeDuration(durationMs(gap))}`, planned ? 'plain' : 'warning');
  const rows = phases(failover);
  if (margin !== '') rows.push({ cells: [span('margin'), span(''), span(''), span(margin)] });
  return [
    line(span(`${kind}${whence}${whither}`, 'heading'), ': ', lasted),
    ...(rows.length === 0 ? [] : [tree(rows)]),
  ];
}

interface Phase {
  readonly name: string;
  readonly time: Timestamp | undefined;
  readonly text: string;
}

/** Each phase with its time of day and how long it took since the one before it. */
function phases(failover: Failover): Row[] {
  const { from, to, planned, detectedTime, demotedTime, decidedTime, promotedTime } = failover;
  const all: readonly Phase[] = [
    planned
      ? { name: 'asked', time: detectedTime, text: 'an administrator wants it' }
      : {
          name: 'detected',
          time: detectedTime,
          text: from === '' ? 'nobody is master' : `${from} is in trouble`,
        },
    { name: 'demoted', time: demotedTime, text: `nothing of ${from} is promoted any more` },
    { name: 'decided', time: decidedTime, text: `${to} is chosen` },
    { name: 'promoted', time: promotedTime, text: `everything of ${to} is promoted` },
  ];
  let before: Timestamp | undefined;
  return all.flatMap(({ name, time, text }) => {
    if (time === undefined || (name === 'demoted' && from === '')) return [];
    const took = before === undefined ? '' : `+${describeDuration(between(before, time))}`;
    before = time;
    return [{ cells: [span(name), span(writeClock(time), 'quiet'), span(took), span(text)] }];
  });
}
