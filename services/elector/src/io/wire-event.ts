// What an elector tells of failovers and failures, as protobuf. One way only: nobody decides by it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FailoverSchema, FailureSchema } from '@koi/gen/koi/cluster/v1/event_pb';
import { countToWire, durationToWire, wallToWire } from '@koi/lib/grpc/wire-value';
import type { FailoverView, FailureView } from '../core/view.ts';

export function failoverToWire(view: FailoverView): MessageInitShape<typeof FailoverSchema> {
  const { detectedAt, demotedAt, decidedAt, promotedAt, gap } = view;
  const wire: MessageInitShape<typeof FailoverSchema> = {
    epoch: countToWire(view.epoch),
    fromEpoch: countToWire(view.fromEpoch),
    from: view.from ?? '',
    to: view.to ?? '',
    planned: view.planned,
    detectedTime: wallToWire(detectedAt),
    margin: view.margin,
    events: view.events.map(countToWire),
  };
  if (demotedAt !== undefined) wire.demotedTime = wallToWire(demotedAt);
  if (decidedAt !== undefined) wire.decidedTime = wallToWire(decidedAt);
  if (promotedAt !== undefined) wire.promotedTime = wallToWire(promotedAt);
  if (gap !== undefined) wire.gap = durationToWire(gap);
  return wire;
}

export function failureToWire(view: FailureView): MessageInitShape<typeof FailureSchema> {
  const { runner, service, action, text } = view;
  return { failureTime: wallToWire(view.at), runner, service, action, text };
}
