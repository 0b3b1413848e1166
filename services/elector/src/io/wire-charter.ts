// The charter and the elector's record: protobuf to the core's types and back.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Event, EventKind, type EventSchema } from '@koi/gen/koi/cluster/v1/event_pb';
import type {
  CharterSchema,
  CharterVersion,
  CharterVersionSchema,
  Counter,
  ElectorRecordSchema,
  Charter as WireCharter,
  ElectorRecord as WireRecord,
} from '@koi/gen/koi/election/v1/charter_pb';
import {
  countFromWire,
  countToWire,
  optionalName,
  present,
  wallFromWire,
  wallToWire,
} from '@koi/lib/grpc/wire-value';
import type { Charter, Decision, Version } from '../core/charter.ts';
import type { ElectorRecord } from '../core/effect.ts';

export function versionToWire(version: Version): MessageInitShape<typeof CharterVersionSchema> {
  return { term: countToWire(version.term), index: countToWire(version.index) };
}

export function versionFromWire(wire: CharterVersion | undefined): Version {
  const { term, index } = present(wire, 'version');
  return {
    term: countFromWire(term, 'version.term'),
    index: countFromWire(index, 'version.index'),
  };
}

/** A decision or a change as an event of the timeline. */
export function decisionToWire(decision: Decision): MessageInitShape<typeof EventSchema> {
  const { subject, rule, text, rejected } = decision;
  return {
    number: countToWire(decision.number),
    eventTime: wallToWire(decision.at),
    term: countToWire(decision.term),
    epoch: countToWire(decision.epoch),
    subject,
    rule,
    text,
    kind: decision.kind === 'change' ? EventKind.CHANGE : EventKind.DECISION,
    rejected: rejected.map((each) => ({ ...each })),
  };
}

function decisionFromWire(wire: Event): Decision {
  const { subject, rule, text } = wire;
  return {
    number: countFromWire(wire.number, 'event.number'),
    at: wallFromWire(wire.eventTime),
    term: countFromWire(wire.term, 'event.term'),
    epoch: countFromWire(wire.epoch, 'event.epoch'),
    // An earlier release knew nothing but decisions, and did not say so.
    kind: wire.kind === EventKind.CHANGE ? 'change' : 'decision',
    subject,
    rule,
    text,
    rejected: wire.rejected.map(({ runner, rule: against, reason }) => ({
      runner,
      rule: against,
      reason,
    })),
  };
}

export function charterToWire(charter: Charter): MessageInitShape<typeof CharterSchema> {
  const { maintenance, manual } = charter;
  return {
    version: versionToWire(charter.version),
    revision: countToWire(charter.revision),
    electors: [...charter.electors],
    maintenance,
    maintenanceChange: countToWire(charter.maintenanceChange),
    maintenanceAcknowledged: countToWire(charter.maintenanceAcknowledged),
    manual,
    target: charter.target ?? '',
    master: charter.master ?? '',
    masterSession: charter.masterSession ?? '',
    epoch: countToWire(charter.epoch),
    stopped: [...charter.stopped],
    recovery: countersToWire(charter.recovery),
    reconfigure: countersToWire(charter.reconfigure),
    runners: [...charter.runners],
    decisions: charter.decisions.map(decisionToWire),
  };
}

export function charterFromWire(wire: WireCharter): Charter {
  const { electors, maintenance, manual, stopped, runners } = wire;
  return {
    version: versionFromWire(wire.version),
    revision: countFromWire(wire.revision, 'charter.revision'),
    electors,
    maintenance,
    maintenanceChange: countFromWire(wire.maintenanceChange, 'charter.maintenance_change'),
    maintenanceAcknowledged: countFromWire(
      wire.maintenanceAcknowledged,
      'charter.maintenance_acknowledged',
    ),
    manual,
    target: optionalName(wire.target),
    master: optionalName(wire.master),
    masterSession: optionalName(wire.masterSession),
    epoch: countFromWire(wire.epoch, 'charter.epoch'),
    stopped,
    recovery: countersFromWire(wire.recovery, 'charter.recovery'),
    reconfigure: countersFromWire(wire.reconfigure, 'charter.reconfigure'),
    runners,
    decisions: wire.decisions.map(decisionFromWire),
  };
}

function countersToWire(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([runner, count]) => ({ runner, count: countToWire(count) }));
}

function countersFromWire(wire: readonly Counter[], field: string): Record<string, number> {
  return Object.fromEntries(
    wire.map(({ runner, count }) => [runner, countFromWire(count, `${field}.count`)]),
  );
}

export function recordToWire(record: ElectorRecord): MessageInitShape<typeof ElectorRecordSchema> {
  const wire = {
    grantedTerm: countToWire(record.grantedTerm),
    grantedTo: record.grantedTo ?? '',
  };
  if (record.charter === undefined) return wire;
  return { ...wire, charter: charterToWire(record.charter) };
}

export function recordFromWire(wire: WireRecord): ElectorRecord {
  return {
    grantedTerm: countFromWire(wire.grantedTerm, 'granted_term'),
    grantedTo: optionalName(wire.grantedTo),
    charter: wire.charter === undefined ? undefined : charterFromWire(wire.charter),
  };
}
