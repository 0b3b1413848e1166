// Channels to daemons, and the one place where a client's credentials enter. Each channel has
// connections of its own, so that dialling anew really dials: a shared one may sit in a SYN's
// retransmission for seconds.
import { connectivityState } from '@grpc/grpc-js';
import {
  type CallOptions,
  type Channel,
  ChannelCredentials,
  type Client,
  type ClientMiddleware,
  type CompatServiceDefinition,
  createChannel,
  createClientFactory,
  type Metadata,
} from 'nice-grpc';
import { DETAILS_KEY, decodeDetails } from './errors.ts';
import { CONNECT_TIMEOUT, MESSAGE_BYTES_MAX } from './limits.ts';
import './quiet.ts';

/** What may differ between channels. Certificates will enter here. */
export interface ChannelSettings {
  /** How long one attempt to connect may take, in milliseconds. */
  readonly connectTimeout?: number;
}

/** Opens a channel to `host:port` or `unix:/path`. It connects with the first call. */
export function openChannel(address: string, settings: ChannelSettings = {}): Channel {
  const connectTimeout = settings.connectTimeout ?? CONNECT_TIMEOUT;
  return createChannel(target(address), ChannelCredentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': CONNECT_TIMEOUT,
    // nice-grpc bounds one connection attempt by this.
    'grpc.min_reconnect_backoff_ms': connectTimeout,
    // What is sent twice is decided by koi, not by the transport.
    'grpc.enable_retries': 0,
    // A cluster's traffic goes where its configuration says, whatever the environment says.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
  });
}

/** A client whose errors are `KoiError` where the server gave a reason. */
export function openClient<Service extends CompatServiceDefinition>(
  definition: Service,
  channel: Channel,
): Client<Service> {
  return createClientFactory().use(tellReasons).create(definition, channel);
}

/**
 * Resolves once a channel is connected; rejects where its first attempt fails, where it takes longer
 * than `timeout` milliseconds or where the signal says so.
 */
export function connected(channel: Channel, timeout: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(new Error(`no connection within ${timeout} ms`)), timeout);
    const stopped = () => end(new Error('stopped'));
    signal?.addEventListener('abort', stopped);
    let over = false;
    function end(error?: Error): void {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
      if (error === undefined) resolve();
      else reject(error);
    }
    function look(): void {
      if (over) return;
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) end();
      else if (state === connectivityState.TRANSIENT_FAILURE) {
        end(new Error('the connection was refused or broke'));
      } else if (state === connectivityState.SHUTDOWN) end(new Error('the channel is closed'));
      // The timer above is the bound: the deadline that grpc-js wants is by the wall clock.
      else channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    }
    if (signal?.aborted) stopped();
    else look();
  });
}

/** nice-grpc takes an absolute path as `unix:///path` only. */
function target(address: string): string {
  const path = /^unix:(\/[^/].*)$/.exec(address)?.[1];
  return path === undefined ? address : `unix://${path}`;
}

const tellReasons: ClientMiddleware = async function* (call, options) {
  let trailer: Metadata | undefined;
  const watched: CallOptions = {
    ...options,
    onTrailer(metadata) {
      trailer = metadata;
      options.onTrailer?.(metadata);
    },
  };
  try {
    return yield* call.next(call.request, watched);
  } catch (error) {
    const details = trailer?.get(DETAILS_KEY);
    const reason = details instanceof Uint8Array ? decodeDetails(details) : undefined;
    if (reason === undefined) throw error;
    reason.cause = error;
    throw reason;
  }
};
