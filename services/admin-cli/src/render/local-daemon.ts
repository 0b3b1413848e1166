// What a daemon of this host says of itself.
import { durationMs } from '@bufbuild/protobuf/wkt';
import type { GetLocalResponse } from '@koi/gen/koi/local/v1/local_service_pb';
import { describeDuration } from '@koi/lib/time';
import { alignColumns, cell, drawBranches } from './columns.ts';
import type { Paint } from './paint.ts';

/** The daemon and its streams, with a final newline. */
export function renderLocalDaemon(local: GetLocalResponse, paint: Paint): string {
  const uptime = local.uptime ? `, up ${describeDuration(durationMs(local.uptime))}` : '';
  const who = paint('heading', `${local.program} ${local.name}`);
  const lines = [
    `${who}, release ${local.version}, process ${local.processId}${uptime}`,
    `configuration: ${local.configuration}`,
    `state: ${local.state}`,
  ];
  if (local.links.length > 0) {
    const rows = local.links.map(({ peer, open, lastHeard }) => [
      cell(peer),
      open ? cell('open', 'good') : cell('closed', 'bad'),
      cell(
        lastHeard ? `heard ${describeDuration(durationMs(lastHeard))} ago` : 'never heard',
        'quiet',
      ),
    ]);
    lines.push(paint('heading', 'streams'));
    lines.push(...drawBranches(alignColumns(rows, paint).map((line) => ({ line, below: [] }))));
  }
  return `${lines.join('\n')}\n`;
}
