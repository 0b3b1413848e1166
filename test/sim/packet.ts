// What travels between the daemons of the simulation: the cores' own messages, or in some runs the very
// bytes that the production codecs make of them.
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  ConverseRequestSchema,
  ConverseResponseSchema,
} from '@koi/gen/koi/election/v1/election_service_pb';
import { AssignmentSchema, ReportSchema } from '@koi/gen/koi/runner/v1/runner_service_pb';
import type { Message } from '../../services/elector/src/core/message.ts';
import type { Assignment, Report } from '../../services/elector/src/core/report.ts';
import {
  type ReplyBody,
  type RequestBody,
  requestFromWire,
  requestToWire,
  responseFromWire,
  responseToWire,
} from '../../services/elector/src/io/wire.ts';
import { assignmentToWire, reportFromWire } from '../../services/elector/src/io/wire-report.ts';
import type { Assignment as RunnerAssignment } from '../../services/runner/src/core/assignment.ts';
import { assignmentFromWire, reportToWire } from '../../services/runner/src/io/wire.ts';

/** The cluster's name, in introductions. */
export const CLUSTER = 'sim';

/** How messages become packets and messages again. */
export interface Codec {
  request(message: Message, body: RequestBody, from: string): Packet<Message>;
  fromRequest(packet: Packet<Message>): Message;
  response(message: Message, body: ReplyBody, from: string): Packet<Message>;
  fromResponse(packet: Packet<Message>): Message;
  report(report: Report, runner: string): Packet<Report>;
  fromReport(packet: Packet<Report>): Report;
  assignment(assignment: Assignment): Packet<Assignment>;
  fromAssignment(packet: Packet<Assignment>): RunnerAssignment | undefined;
}

/** One message on its way. */
export type Packet<Content> = { readonly content: Content } | { readonly bytes: Uint8Array };

/** What it weighs on the wire; nothing where it is no wire's. */
export function bytesOf(packet: Packet<unknown>): number {
  return 'bytes' in packet ? packet.bytes.length : 0;
}

function encode<Schema extends DescMessage>(
  schema: Schema,
  wire: MessageInitShape<Schema>,
): { readonly bytes: Uint8Array } {
  return { bytes: toBinary(schema, create(schema, wire)) };
}

/** The production codecs. */
export const wireCodec: Codec = {
  request: (message, body, name) =>
    encode(ConverseRequestSchema, requestToWire(message, body, { cluster: CLUSTER, name })),
  fromRequest: (packet) =>
    'bytes' in packet
      ? requestFromWire(fromBinary(ConverseRequestSchema, packet.bytes))
      : packet.content,
  response: (message, body, name) =>
    encode(ConverseResponseSchema, responseToWire(message, body, { cluster: CLUSTER, name })),
  fromResponse: (packet) =>
    'bytes' in packet
      ? responseFromWire(fromBinary(ConverseResponseSchema, packet.bytes))
      : packet.content,
  report: (report, runner) => encode(ReportSchema, reportToWire(report, runner)),
  fromReport: (packet) =>
    'bytes' in packet ? reportFromWire(fromBinary(ReportSchema, packet.bytes)) : packet.content,
  assignment: (assignment) => encode(AssignmentSchema, assignmentToWire(assignment, 0)),
  fromAssignment: (packet) =>
    'bytes' in packet
      ? assignmentFromWire(fromBinary(AssignmentSchema, packet.bytes))
      : packet.content,
};

/** Passes the cores' messages on as they are: they are never changed in place. */
export const plainCodec: Codec = {
  ...wireCodec,
  request: (message) => ({ content: message }),
  response: (message) => ({ content: message }),
  report: (report) => ({ content: report }),
  assignment: (assignment) => ({ content: assignment }),
};
