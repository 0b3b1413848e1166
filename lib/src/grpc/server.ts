// Listening daemons, and the one place where a server's credentials enter. A server listens on one
// address, TCP or a Unix socket; a daemon with both has two servers and may serve different things.
import { ServerCredentials } from '@grpc/grpc-js';
import {
  createServer as createNiceServer,
  type Server,
  ServerError,
  type ServerMiddleware,
} from 'nice-grpc';
import { DETAILS_KEY, encodeDetails, KoiError } from './errors.ts';
import { MESSAGE_BYTES_MAX, STREAMS_PER_CONNECTION_MAX } from './limits.ts';
import './quiet.ts';
import { claimSocket } from './unix-socket.ts';

/** A server that listens. */
export interface Listener {
  /** Where: host:port with the port in force, or unix:/path. */
  readonly address: string;
  /** The TCP port in force; 0 on a Unix socket. */
  readonly port: number;
  /** Takes no new calls, lets those under way end for at most `grace` milliseconds, then ends them. */
  stop(grace: number): Promise<void>;
}

/** Makes a server. Services are added to it before it listens; a `KoiError` of theirs keeps its reason. */
export function createServer(): Server {
  return createNiceServer({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION_MAX,
    // Two daemons on one port would answer by turns: the second one is to fail instead.
    'grpc.so_reuseport': 0,
  }).use(sendReasons);
}

/**
 * Listens on `host:port` (port 0: a free one) or on `unix:/path`. A socket file can be opened by its
 * owner alone; one that a dead daemon left is replaced, one that is served is refused.
 */
export async function listen(server: Server, address: string): Promise<Listener> {
  const credentials = ServerCredentials.createInsecure();
  const path = /^unix:(\/.*)$/.exec(address)?.[1];
  if (path === undefined) {
    const port = await server.listen(address, credentials).catch((error: unknown) => {
      throw new Error(`cannot listen on ${address}: ${whyNot(error)}`, { cause: error });
    });
    const host = address.slice(0, address.lastIndexOf(':'));
    return { address: `${host}:${port}`, port, stop: (grace) => stop(server, grace) };
  }
  const claim = await claimSocket(path);
  await server.listen(`unix:${claim.temporaryPath}`, credentials);
  await claim.publish();
  return {
    address,
    port: 0,
    async stop(grace) {
      await claim.release();
      await stop(server, grace);
    },
  };
}

/** What to do about the errors that configurations cause. */
function whyNot(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('EADDRINUSE')) return 'another process does: stop it, or choose another port';
  if (text.includes('EADDRNOTAVAIL')) return 'it is not an address of this host';
  return text;
}

async function stop(server: Server, grace: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, grace);
  });
  await Promise.race([server.shutdown(), over]);
  clearTimeout(timer);
  server.forceShutdown();
}

const sendReasons: ServerMiddleware = async function* (call, context) {
  try {
    return yield* call.next(call.request, context);
  } catch (error) {
    if (!(error instanceof KoiError)) throw error;
    context.trailer.set(DETAILS_KEY, encodeDetails(error));
    throw new ServerError(error.status, error.message);
  }
};
