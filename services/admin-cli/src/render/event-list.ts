// The decisions of the cluster's leaders, one line each.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Event } from '@koi/gen/koi/cluster/v1/event_pb';
import { alignColumns, cell } from './columns.ts';
import type { Paint } from './paint.ts';

/**
 * Oldest first, with a final newline. Times are UTC: the hosts of a cluster need not share a zone.
 */
export function renderEventList(events: readonly Event[], paint: Paint): string {
  if (events.length === 0) return 'no decisions yet\n';
  const rows = events.map((event) => [
    cell(String(event.number).padStart(3), 'quiet'),
    cell(event.eventTime ? writeTime(timestampDate(event.eventTime)) : '', 'quiet'),
    cell(`term ${event.term}`, 'quiet'),
    cell(`epoch ${event.epoch}`, 'quiet'),
    cell(event.rule, 'heading'),
    cell(event.text),
  ]);
  return `${alignColumns(rows, paint).join('\n')}\n`;
}

/** A moment as every list shows it. */
export function writeTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', ' UTC');
}
