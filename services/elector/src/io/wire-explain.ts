// What an elector says of why, as protobuf. One way only: nobody decides by it.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type CandidateSchema,
  type ExplainResponseSchema,
  Fault,
  type ForecastSchema,
} from '@koi/gen/koi/admin/v1/admin_service_pb';
import { countToWire, durationToWire, wallToWire } from '@koi/lib/grpc/wire-value';
import type { CandidateView, ExplainView } from '../core/view.ts';
import type { Forecast, SingleFault } from '../rehearsal/forecast.ts';
import { decisionToWire } from './wire-charter.ts';

const FAULTS: Readonly<Record<SingleFault['kind'], Fault>> = {
  'host-dies': Fault.HOST_DIES,
  'elector-dies': Fault.ELECTOR_DIES,
  'runner-dies': Fault.RUNNER_DIES,
  'service-fails': Fault.SERVICE_FAILS,
};

/** `elector` is the one that answers. */
export function explainToWire(
  view: ExplainView,
  forecasts: readonly Forecast[],
  elector: string,
): MessageInitShape<typeof ExplainResponseSchema> {
  const { decision, waiting, text } = view;
  const wire: MessageInitShape<typeof ExplainResponseSchema> = {
    master: view.master ?? '',
    epoch: countToWire(view.epoch),
    events: view.events.map(decisionToWire),
    candidates: view.candidates.map(candidateToWire),
    forecasts: forecasts.map(forecastToWire),
    waiting,
    blocked: [...view.blocked],
    elector,
    text,
  };
  if (decision !== undefined) wire.decision = decisionToWire(decision);
  return wire;
}

function candidateToWire(view: CandidateView): MessageInitShape<typeof CandidateSchema> {
  const { runner, master, electable, rule, reason, since, rank } = view;
  const wire = { runner, master, electable, rule, reason, rank };
  return since === undefined ? wire : { ...wire, since: wallToWire(since) };
}

function forecastToWire(forecast: Forecast): MessageInitShape<typeof ForecastSchema> {
  const { fault, failover, blocked, text } = forecast;
  const wire = {
    fault: FAULTS[fault.kind],
    subject: fault.subject,
    leader: forecast.leader ?? '',
    master: forecast.master ?? '',
    blocked: [...blocked],
    text,
  };
  return failover === undefined ? wire : { ...wire, failover: durationToWire(failover) };
}
