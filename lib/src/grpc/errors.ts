// koi's reasons as gRPC errors and back: a status code, a sentence for people, and a
// google.rpc.ErrorInfo with domain "koi" in grpc-status-details-bin, so that programs need not read
// the sentence. Encoded by hand: two small messages are not worth a dependency.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { Status } from './status.ts';

/** Under which status each reason travels. A reason that is not here cannot be given. */
const STATUS_OF_REASON = {
  /** Nobody leads, as far as the asked elector knows. */
  NO_LEADER: Status.UNAVAILABLE,
  /** The leader cannot reach a majority. */
  NO_QUORUM: Status.UNAVAILABLE,
  /** Somebody leads, but the asked elector cannot reach it: nothing was changed. */
  LEADER_UNREACHABLE: Status.UNAVAILABLE,
  RUNNER_UNKNOWN: Status.NOT_FOUND,
  /** Neither an elector nor a runner has that name. */
  NODE_UNKNOWN: Status.NOT_FOUND,
  /** That epoch was never given out, or is not remembered any more. */
  EPOCH_UNKNOWN: Status.NOT_FOUND,
  RUNNER_NOT_ELECTABLE: Status.FAILED_PRECONDITION,
  /** It has failed within the promotion hold. */
  RUNNER_HELD: Status.FAILED_PRECONDITION,
  MAINTENANCE: Status.FAILED_PRECONDITION,
  /** The order may take effect once, later, or never. */
  OUTCOME_UNKNOWN: Status.ABORTED,
  CLUSTER_MISMATCH: Status.FAILED_PRECONDITION,
  PROTOCOL_MISMATCH: Status.FAILED_PRECONDITION,
  /** Caller and callee go by the same name. */
  NAME_MISMATCH: Status.FAILED_PRECONDITION,
  /** An elector of that name is connected already. */
  NAME_TAKEN: Status.FAILED_PRECONDITION,
  /** Another session of that runner is connected already (M7). */
  SESSION_TAKEN: Status.ALREADY_EXISTS,
  /** The request lacks something or makes no sense. */
  REQUEST_INVALID: Status.INVALID_ARGUMENT,
  /** The configuration file is wrong: its problems are in the text, one a line. */
  CONFIGURATION_INVALID: Status.INVALID_ARGUMENT,
  /** A bound on calls or streams is reached. */
  OVERLOADED: Status.RESOURCE_EXHAUSTED,
  /** The daemon is shutting down, or the stream was replaced by a newer one. */
  STREAM_ENDED: Status.UNAVAILABLE,
} as const;

/** Why something was refused, for programs. */
export type KoiReason = keyof typeof STATUS_OF_REASON;

/** The domain of every ErrorInfo of ours. */
export const ERROR_DOMAIN = 'koi';

/** The trailer in which the details of an error travel. */
export const DETAILS_KEY = 'grpc-status-details-bin';

const ERROR_INFO_TYPE = 'type.googleapis.com/google.rpc.ErrorInfo';

/** An error that may leave the process: `message` is for people and names what to do. */
export class KoiError extends Error {
  readonly reason: KoiReason;

  constructor(reason: KoiReason, text: string, options?: ErrorOptions) {
    super(text, options);
    this.name = 'KoiError';
    this.reason = reason;
  }

  /** The gRPC status code under which the reason travels. */
  get status(): Status {
    return STATUS_OF_REASON[this.reason];
  }
}

/** Makes an error to be thrown in a service; our servers send it with its reason. */
export function koiError(reason: KoiReason, text: string, cause?: unknown): KoiError {
  return new KoiError(reason, text, cause === undefined ? undefined : { cause });
}

/** The reason and the sentence of an error that a client of ours caught; undefined where it has none. */
export function koiReason(error: unknown): { reason: KoiReason; text: string } | undefined {
  if (!(error instanceof KoiError)) return undefined;
  return { reason: error.reason, text: error.message };
}

/** The google.rpc.Status of an error, as bytes for the trailer. */
export function encodeDetails(error: KoiError): Uint8Array {
  const info = new BinaryWriter();
  info.tag(1, WireType.LengthDelimited).string(error.reason);
  info.tag(2, WireType.LengthDelimited).string(ERROR_DOMAIN);
  const any = new BinaryWriter();
  any.tag(1, WireType.LengthDelimited).string(ERROR_INFO_TYPE);
  any.tag(2, WireType.LengthDelimited).bytes(info.finish());
  const status = new BinaryWriter();
  status.tag(1, WireType.Varint).int32(error.status);
  status.tag(2, WireType.LengthDelimited).string(error.message);
  status.tag(3, WireType.LengthDelimited).bytes(any.finish());
  return status.finish();
}

/** The error in the bytes of the trailer; undefined where they hold no reason that we know. */
export function decodeDetails(bytes: Uint8Array): KoiError | undefined {
  try {
    const status = fieldsOf(bytes);
    const text = stringOf(status.find((field) => field.number === 2));
    for (const detail of status.filter((field) => field.number === 3)) {
      const any = fieldsOf(detail.bytes);
      if (stringOf(any.find((field) => field.number === 1)) !== ERROR_INFO_TYPE) continue;
      const info = fieldsOf(any.find((field) => field.number === 2)?.bytes ?? new Uint8Array());
      const reason = stringOf(info.find((field) => field.number === 1));
      if (stringOf(info.find((field) => field.number === 2)) !== ERROR_DOMAIN) continue;
      if (known(reason)) return new KoiError(reason, text);
    }
  } catch {
    // Details that cannot be read are as good as none: the status itself is still told.
  }
  return undefined;
}

function known(reason: string): reason is KoiReason {
  return Object.hasOwn(STATUS_OF_REASON, reason);
}

interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** The length-delimited fields of a message; others are skipped. */
function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const reader = new BinaryReader(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) fields.push({ number, bytes: reader.bytes() });
    else reader.skip(type, number);
  }
  return fields;
}

function stringOf(field: Field | undefined): string {
  return field === undefined ? '' : new TextDecoder().decode(field.bytes);
}
