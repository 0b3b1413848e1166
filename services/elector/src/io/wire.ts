// What electors say to each other: protobuf to the core's messages and back. A message whose body this
// release does not know still counts as heard.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ConverseRequest,
  type ConverseRequestSchema,
  type ConverseResponse,
  type ConverseResponseSchema,
  type IntroductionSchema,
  type ProspectSchema,
  type Introduction as WireIntroduction,
  type Prospect as WireProspect,
  RefusalReason as WireRefusalReason,
} from '@koi/gen/koi/election/v1/election_service_pb';
import { unreachable } from '@koi/lib/assert';
import { absenceFromWire, absenceToWire } from '@koi/lib/grpc/wire-absence';
import {
  countFromWire,
  countToWire,
  durationFromWire,
  durationToWire,
  enumCodec,
  namePresent,
  optionalName,
  present,
} from '@koi/lib/grpc/wire-value';
import { PROTOCOL, VERSION } from '@koi/lib/version';
import type { Body, Introduction, Message, Prospect, RefusalReason } from '../core/message.ts';
import { charterFromWire, charterToWire, versionFromWire, versionToWire } from './wire-charter.ts';
import { assignmentFromWire, reportToWire } from './wire-relay.ts';
import { assignmentToWire, reportFromWire } from './wire-report.ts';

/** What this process is called, for introductions. */
export interface Identity {
  readonly cluster: string;
  readonly name: string;
}

export type RequestInit = MessageInitShape<typeof ConverseRequestSchema>;
export type ResponseInit = MessageInitShape<typeof ConverseResponseSchema>;

/** Bodies that go out on one's own stream. */
export type RequestBody = Extract<
  Body,
  {
    kind:
      | 'hello'
      | 'heartbeat'
      | 'election'
      | 'coordinator'
      | 'resign'
      | 'store'
      | 'stored'
      | 'relayed-report'
      | 'handover';
  }
>;

/** Bodies that go out on the other one's stream. */
export type ReplyBody = Extract<
  Body,
  {
    kind:
      | 'welcome'
      | 'answer'
      | 'prospect'
      | 'grant'
      | 'refusal'
      | 'stored'
      | 'heard'
      | 'store'
      | 'relayed-assignment';
  }
>;

const refusalReason = enumCodec<RefusalReason, WireRefusalReason>({
  term: WireRefusalReason.TERM,
  bound: WireRefusalReason.BOUND,
  abstaining: WireRefusalReason.ABSTAINING,
  digest: WireRefusalReason.DIGEST,
  list: WireRefusalReason.LIST,
  empty: WireRefusalReason.EMPTY,
});

/** A message as it goes out on our own stream. */
export function requestToWire(message: Message, body: RequestBody, self: Identity): RequestInit {
  return {
    term: countToWire(message.term),
    hasCharter: message.hasCharter,
    message: requestBodyToWire(body, self),
  };
}

function requestBodyToWire(body: RequestBody, self: Identity): NonNullable<RequestInit['message']> {
  switch (body.kind) {
    case 'hello':
      return { case: 'hello', value: { introduction: introductionToWire(body, self) } };
    case 'heartbeat': {
      const { leading, term, round, absence } = body;
      const counts = { term: countToWire(term), round: countToWire(round) };
      return { case: 'heartbeat', value: { leading, ...counts, ...absenceToWire(absence) } };
    }
    case 'election':
      return { case: 'election', value: { probe: countToWire(body.probe) } };
    case 'coordinator': {
      const value = { term: countToWire(body.term), round: countToWire(body.round) };
      return { case: 'coordinator', value };
    }
    case 'resign':
      return { case: 'resign', value: { term: countToWire(body.term) } };
    case 'store':
      return { case: 'store', value: { charter: charterToWire(body.charter) } };
    case 'stored':
      return { case: 'stored', value: { version: versionToWire(body.version) } };
    case 'relayed-report': {
      const { runner, session, digest } = body;
      const value = { runner, session, digest, report: reportToWire(body.report, runner) };
      return { case: 'relayedReport', value };
    }
    case 'handover':
      return { case: 'handover', value: { term: countToWire(body.term) } };
    default:
      return unreachable(body);
  }
}

/** A message that came in on the other one's stream. */
export function requestFromWire(wire: ConverseRequest): Message {
  const term = countFromWire(wire.term, 'term');
  return { term, hasCharter: wire.hasCharter, body: requestBodyFromWire(wire.message) };
}

function requestBodyFromWire(wire: ConverseRequest['message']): Body {
  switch (wire.case) {
    case 'hello':
      return { kind: 'hello', ...introductionFromWire(wire.value.introduction) };
    case 'heartbeat':
      return {
        kind: 'heartbeat',
        leading: wire.value.leading,
        term: countFromWire(wire.value.term, 'heartbeat.term'),
        round: countFromWire(wire.value.round, 'heartbeat.round'),
        absence: absenceFromWire(wire.value, 'heartbeat'),
      };
    case 'election':
      return { kind: 'election', probe: countFromWire(wire.value.probe, 'election.probe') };
    case 'coordinator':
      return {
        kind: 'coordinator',
        term: countFromWire(wire.value.term, 'coordinator.term'),
        round: countFromWire(wire.value.round, 'coordinator.round'),
      };
    case 'resign':
      return { kind: 'resign', term: countFromWire(wire.value.term, 'resign.term') };
    case 'store': {
      const charter = charterFromWire(present(wire.value.charter, 'store.charter'));
      return { kind: 'store', charter };
    }
    case 'stored':
      return { kind: 'stored', version: versionFromWire(wire.value.version) };
    case 'relayedReport':
      return {
        kind: 'relayed-report',
        runner: namePresent(wire.value.runner, 'relayed_report.runner'),
        session: namePresent(wire.value.session, 'relayed_report.session'),
        digest: wire.value.digest,
        report: reportFromWire(present(wire.value.report, 'relayed_report.report')),
      };
    case 'handover':
      return { kind: 'handover', term: countFromWire(wire.value.term, 'handover.term') };
    default:
      return { kind: 'heartbeat', leading: false, term: 0, round: 0 };
  }
}

/** A message as it goes out on the other one's stream. */
export function responseToWire(message: Message, body: ReplyBody, self: Identity): ResponseInit {
  return {
    term: countToWire(message.term),
    hasCharter: message.hasCharter,
    message: replyBodyToWire(body, self),
  };
}

function replyBodyToWire(body: ReplyBody, self: Identity): NonNullable<ResponseInit['message']> {
  switch (body.kind) {
    case 'welcome':
      return { case: 'welcome', value: { introduction: introductionToWire(body, self) } };
    case 'answer':
      return { case: 'answer', value: { prospect: prospectToWire(body) } };
    case 'prospect':
      return { case: 'prospect', value: prospectToWire(body) };
    case 'grant': {
      const value = {
        term: countToWire(body.term),
        round: countToWire(body.round),
        residue: durationToWire(body.residue),
        carriesCharter: body.carriesCharter,
      };
      if (body.charter === undefined) return { case: 'grant', value };
      return { case: 'grant', value: { ...value, charter: charterToWire(body.charter) } };
    }
    case 'refusal':
      return {
        case: 'refusal',
        value: {
          term: countToWire(body.term),
          round: countToWire(body.round),
          reason: refusalReason.toWire(body.reason),
          boundTo: body.boundTo ?? '',
          boundFor: durationToWire(body.boundFor),
        },
      };
    case 'store':
      return { case: 'store', value: { charter: charterToWire(body.charter) } };
    case 'stored':
      return { case: 'stored', value: { version: versionToWire(body.version) } };
    case 'heard':
      return { case: 'heard', value: { round: countToWire(body.round) } };
    case 'relayed-assignment': {
      const { runner } = body;
      return {
        case: 'relayedAssignment',
        value: { runner, assignment: assignmentToWire(body.assignment) },
      };
    }
    default:
      return unreachable(body);
  }
}

/** A message that came in on our own stream. */
export function responseFromWire(wire: ConverseResponse): Message {
  const term = countFromWire(wire.term, 'term');
  return { term, hasCharter: wire.hasCharter, body: replyBodyFromWire(wire.message) };
}

function replyBodyFromWire(wire: ConverseResponse['message']): Body {
  switch (wire.case) {
    case 'welcome':
      return { kind: 'welcome', ...introductionFromWire(wire.value.introduction) };
    case 'answer': {
      const prospect = present(wire.value.prospect, 'answer.prospect');
      return { kind: 'answer', ...prospectFromWire(prospect) };
    }
    case 'prospect':
      return { kind: 'prospect', ...prospectFromWire(wire.value) };
    case 'grant': {
      const { charter, carriesCharter } = wire.value;
      return {
        kind: 'grant',
        term: countFromWire(wire.value.term, 'grant.term'),
        round: countFromWire(wire.value.round, 'grant.round'),
        // Absent is not zero here: a master might be counted out too early (M2).
        residue: durationFromWire(present(wire.value.residue, 'grant.residue'), 'grant.residue'),
        carriesCharter,
        charter: charter === undefined ? undefined : charterFromWire(charter),
      };
    }
    case 'refusal': {
      const { reason, boundTo, boundFor } = wire.value;
      return {
        kind: 'refusal',
        term: countFromWire(wire.value.term, 'refusal.term'),
        round: countFromWire(wire.value.round, 'refusal.round'),
        // A reason that is not said, or that only a newer release knows, is a refusal for now.
        reason: refusalReason.find(reason) ?? 'bound',
        boundTo: optionalName(boundTo),
        boundFor: durationFromWire(boundFor, 'refusal.bound_for'),
      };
    }
    case 'store': {
      const charter = charterFromWire(present(wire.value.charter, 'store.charter'));
      return { kind: 'store', charter };
    }
    case 'stored':
      return { kind: 'stored', version: versionFromWire(wire.value.version) };
    case 'heard':
      return { kind: 'heard', round: countFromWire(wire.value.round, 'heard.round') };
    case 'relayedAssignment': {
      const { runner, assignment: sent } = wire.value;
      const assignment = assignmentFromWire(present(sent, 'relayed_assignment.assignment'));
      if (assignment === undefined) return { kind: 'heard', round: 0 };
      return {
        kind: 'relayed-assignment',
        runner: namePresent(runner, 'relayed_assignment.runner'),
        assignment,
      };
    }
    default:
      return { kind: 'heard', round: 0 };
  }
}

function introductionToWire(
  introduction: Introduction,
  self: Identity,
): MessageInitShape<typeof IntroductionSchema> {
  const { cluster, name } = self;
  const { digest, charter } = introduction;
  const wire = { cluster, name, protocol: PROTOCOL, version: VERSION, digest };
  return charter === undefined ? wire : { ...wire, charter: charterToWire(charter) };
}

function introductionFromWire(wire: WireIntroduction | undefined): Introduction {
  const { digest, charter } = present(wire, 'introduction');
  return { digest, charter: charter === undefined ? undefined : charterFromWire(charter) };
}

function prospectToWire(prospect: Prospect): MessageInitShape<typeof ProspectSchema> {
  return {
    probe: countToWire(prospect.probe),
    wouldGrant: prospect.wouldGrant,
    boundTo: prospect.boundTo ?? '',
    boundFor: durationToWire(prospect.boundFor),
    highestTerm: countToWire(prospect.highestTerm),
    reason:
      prospect.reason === undefined
        ? WireRefusalReason.UNSPECIFIED
        : refusalReason.toWire(prospect.reason),
  };
}

function prospectFromWire(wire: WireProspect): Prospect {
  return {
    probe: countFromWire(wire.probe, 'prospect.probe'),
    wouldGrant: wire.wouldGrant,
    boundTo: optionalName(wire.boundTo),
    boundFor: durationFromWire(wire.boundFor, 'prospect.bound_for'),
    highestTerm: countFromWire(wire.highestTerm, 'prospect.highest_term'),
    reason: wire.wouldGrant ? undefined : (refusalReason.find(wire.reason) ?? 'bound'),
  };
}
