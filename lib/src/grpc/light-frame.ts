// What gRPC puts into an HTTP/2 stream: messages, each after its length, and a status in the trailers.
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { DETAILS_KEY, decodeDetails, type KoiError } from './errors.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';
import { Status } from './status.ts';

/** A byte that says whether it is compressed, and four of its length. */
const PREFIX = 5;

/** How a call ended, once it has. */
export interface Answer {
  complete: boolean;
  status: number;
  /** For people. */
  text: string;
  /** The reason that our servers give. */
  reason: KoiError | undefined;
}

/** A message as it is sent. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(PREFIX + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX);
  return frame;
}

/** Each message that arrives, until the other side has said all. */
export async function* messagesIn(
  stream: AsyncIterable<Buffer>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= PREFIX) {
      const length = rest.readUInt32BE(1);
      if (rest[0] !== 0) throw new Error('a compressed message came that nobody asked for');
      if (length > MESSAGE_BYTES_MAX) throw new Error(`a message of ${length} bytes is too long`);
      if (rest.length < PREFIX + length) break;
      yield rest.subarray(PREFIX, PREFIX + length);
      rest = rest.subarray(PREFIX + length);
    }
  }
}

/** What the headers and trailers of a stream will tell. */
export function answerOf(stream: ClientHttp2Stream): Answer {
  const answer: Answer = { complete: false, status: Status.UNKNOWN, text: '', reason: undefined };
  const read = (headers: IncomingHttpHeaders): void => {
    const status = headers['grpc-status'];
    if (typeof status !== 'string') return;
    answer.complete = true;
    answer.status = Number(status);
    answer.text = decodeText(headers['grpc-message']);
    const details = headers[DETAILS_KEY];
    if (typeof details === 'string') answer.reason = decodeDetails(Buffer.from(details, 'base64'));
  };
  stream.once('response', (headers) => {
    // A refusal without any message has its status here. What is no gRPC server says so by HTTP alone.
    read(headers);
    if (answer.complete || headers[':status'] === 200) return;
    answer.complete = true;
    answer.text = `HTTP status ${headers[':status']}: is it a gRPC server?`;
  });
  stream.once('trailers', read);
  return answer;
}

/** Percent-encoded; one that is not is better than none. */
function decodeText(text: string | readonly string[] | undefined): string {
  if (typeof text !== 'string') return '';
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
