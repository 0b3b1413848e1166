// A gRPC client over Node's own HTTP/2 for programs that start often: the library that the daemons use
// takes twice as long to load as a call takes. One connection to one address, unary calls and server
// streams, uncompressed; no name service, no balancing, nothing is dialled or sent twice.
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { readAddress } from '../config-address.ts';
import type { Duration } from '../time.ts';
import { type Answer, answerOf, framed, messagesIn } from './light-frame.ts';
import { Status } from './status.ts';

/** A call that failed without a reason of ours. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RpcError';
    this.code = code;
  }
}

/** How a call may be ended early. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

type Call<Method extends DescMethod> = Method extends {
  readonly methodKind: 'unary';
  readonly input: infer Input extends DescMessage;
  readonly output: infer Output extends DescMessage;
}
  ? (request: MessageInitShape<Input>, options: CallOptions) => Promise<MessageShape<Output>>
  : Method extends {
        readonly methodKind: 'server_streaming';
        readonly input: infer Input extends DescMessage;
        readonly output: infer Output extends DescMessage;
      }
    ? (
        request: MessageInitShape<Input>,
        options: CallOptions,
      ) => AsyncGenerator<MessageShape<Output>, void, undefined>
    : never;

/** A service's calls by their names. */
export type LightClient<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Call<Service['method'][Name]>;
};

/** How an address is dialled. */
export interface DialOptions {
  /** How long it may take until the other side speaks HTTP/2. */
  readonly within: Duration;
  readonly signal: AbortSignal;
  /** How often it is asked for a sign of life, and how long that may take; absent: it is not asked. */
  readonly keepalive?: Duration;
}

/** What a message is made of, whichever it is. */
type Request = Record<string, unknown>;

/** A connection that somebody has answered on. */
export class LightConnection {
  readonly #session: ClientHttp2Session;
  #keepalive: NodeJS.Timeout | undefined;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  /** Connects to `host:port` or `unix:/path`; rejects with why it does not come to that. */
  static dial(address: string, options: DialOptions): Promise<LightConnection> {
    const { within, signal, keepalive } = options;
    return new Promise((resolve, reject) => {
      const session = connect('http://localhost', { createConnection: () => socketTo(address) });
      const timer = setTimeout(() => end(`no connection within ${within} ms`), within);
      const stopped = () => end('stopped');
      const broken = () => end('the connection was refused or broke');
      function end(problem?: string): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', stopped);
        session.off('close', broken);
        if (problem === undefined) return;
        session.destroy();
        reject(new Error(problem));
      }
      signal.addEventListener('abort', stopped);
      // Every error closes the session, and calls are told by their streams.
      session.on('error', () => {}).on('close', broken);
      session.once('remoteSettings', () => {
        end();
        const connection = new LightConnection(session);
        if (keepalive !== undefined) connection.#keepAlive(keepalive);
        resolve(connection);
      });
      if (signal.aborted) stopped();
    });
  }

  /** The calls of a service. */
  client<Service extends DescService>(service: Service): LightClient<Service> {
    const calls = Object.entries<DescMethod>(service.method).map(([name, method]) => [
      name,
      method.methodKind === 'server_streaming'
        ? (request: Request, options: CallOptions) => this.#stream(method, request, options)
        : (request: Request, options: CallOptions) => this.#unary(method, request, options),
    ]);
    // The entries of an object lose the tie between a key and its value's type; `Call` keeps it.
    return Object.fromEntries(calls) as LightClient<Service>;
  }

  close(): void {
    clearInterval(this.#keepalive);
    this.#session.destroy();
  }

  #keepAlive(every: Duration): void {
    let answered = true;
    this.#keepalive = setInterval(() => {
      if (this.#session.destroyed) return;
      if (!answered) {
        this.#session.destroy();
        return;
      }
      answered = false;
      this.#session.ping(() => {
        answered = true;
      });
    }, every);
  }

  async #unary(method: DescMethod, request: Request, options: CallOptions): Promise<object> {
    let found: object | undefined;
    for await (const message of this.#stream(method, request, options)) found ??= message;
    if (found !== undefined) return found;
    throw new RpcError(Status.INTERNAL, 'the call ended well without an answer');
  }

  async *#stream(
    { parent, name, input, output }: DescMethod,
    request: Request,
    { signal }: CallOptions,
  ): AsyncGenerator<MessageShape<DescMessage>, void, undefined> {
    signal.throwIfAborted();
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': `/${parent.typeName}/${name}`,
      'content-type': 'application/grpc+proto',
      te: 'trailers',
    });
    const cancel = () => stream.destroy();
    signal.addEventListener('abort', cancel);
    try {
      const answer = answerOf(stream);
      stream.end(framed(toBinary(input, create(input, request))));
      for await (const bytes of messagesIn(stream)) yield fromBinary(output, bytes);
      await conclude(stream, answer);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RpcError || !(error instanceof Error) || !('code' in error)) throw error;
      throw new RpcError(Status.UNAVAILABLE, 'the connection broke', { cause: error });
    } finally {
      signal.removeEventListener('abort', cancel);
      stream.destroy();
    }
  }
}

/** Throws what the answer's status amounts to, where it is not OK. */
async function conclude(stream: ClientHttp2Stream, answer: Answer): Promise<void> {
  if (!answer.complete && !stream.closed) {
    await new Promise((resolve) => stream.once('close', resolve).once('trailers', resolve));
  }
  if (!answer.complete) throw new RpcError(Status.UNAVAILABLE, 'the connection broke');
  if (answer.reason !== undefined) throw answer.reason;
  if (answer.status !== Status.OK) throw new RpcError(answer.status, answer.text);
}

function socketTo(address: string): Socket {
  const path = /^unix:(\/.*)$/.exec(address)?.[1];
  if (path !== undefined) return connectSocket(path);
  const found = readAddress(address);
  if (typeof found === 'string') throw new Error(found);
  return connectSocket(found.port, found.host);
}
