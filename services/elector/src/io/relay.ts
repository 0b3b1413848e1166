// Passes an administrator's call on to the leader, once: a call that was relayed already and arrives
// where nobody leads is refused instead of wandering. Keeps one channel, to the last leader.
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { connected, openChannel, openClient } from '@koi/lib/grpc/client';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { KoiError, koiError } from '@koi/lib/grpc/errors';
import type { Duration } from '@koi/lib/time';
import type { CallContext, Channel, Client } from 'nice-grpc';
import { Metadata } from 'nice-grpc';

export const adminDefinition = grpcDefinition(AdminService);

/** Marks a relayed call; its value is the name of the elector that relayed it. */
export const RELAYED_KEY = 'koi-relayed-by';

/** How long a leader may take, by what is asked of it. A caller's own deadline ends it earlier. */
export interface RelayTimes {
  /** To be reached. */
  readonly connect: Duration;
  /** For an order. */
  readonly order: Duration;
  /** To tell what it knows, before the asked elector tells what it knows itself. */
  readonly look: Duration;
  /** To explain: it rehearses every single failure first. */
  readonly explain: Duration;
}

export const RELAY_TIMES: RelayTimes = { connect: 500, order: 5_000, look: 1_000, explain: 6_000 };

export type AdminClient = Client<typeof adminDefinition>;

export interface RelayOptions {
  readonly name: string;
  readonly addressOf: (elector: string) => string | undefined;
  /** `RELAY_TIMES` by default. */
  readonly times?: RelayTimes;
}

/** What a relayed call is made with. */
export interface RelayedOptions {
  readonly metadata: Metadata;
  readonly signal: AbortSignal;
}

export interface Relay {
  /**
   * Calls the leader. LEADER_UNREACHABLE: it was told nothing. A failure that says nothing of the outcome is
   * OUTCOME_UNKNOWN.
   */
  call<Response>(
    leader: string,
    context: CallContext,
    call: (client: AdminClient, options: RelayedOptions) => Promise<Response>,
    kind: Exclude<keyof RelayTimes, 'connect'>,
  ): Promise<Response>;
  /** Opens a stream of the leader's. */
  watch<Response>(
    leader: string,
    signal: AbortSignal,
    open: (client: AdminClient, options: RelayedOptions) => AsyncIterable<Response>,
  ): AsyncGenerator<Response, void, undefined>;
  close(): void;
}

interface Kept {
  readonly leader: string;
  readonly channel: Channel;
  readonly client: AdminClient;
}

export function createRelay(options: RelayOptions): Relay {
  const metadata = () => Metadata([[RELAYED_KEY, options.name]]);
  const { times = RELAY_TIMES } = options;
  let kept: Kept | undefined;

  function drop(): void {
    kept?.channel.close();
    kept = undefined;
  }

  function open(leader: string): Kept {
    if (kept?.leader === leader) return kept;
    drop();
    const address = options.addressOf(leader);
    if (address === undefined) {
      throw koiError(
        'NO_LEADER',
        `${leader} leads, but is not in the elector list of ${options.name}: bring the lists together`,
      );
    }
    const channel = openChannel(address);
    kept = { leader, channel, client: openClient(adminDefinition, channel) };
    return kept;
  }

  /** A client that is connected: what fails before that was never told to the leader. */
  async function reach(leader: string, signal: AbortSignal): Promise<AdminClient> {
    const reached = open(leader);
    try {
      await connected(reached.channel, times.connect, signal);
      return reached.client;
    } catch (error) {
      // Whoever asks next dials anew instead of waiting for this one's next attempt.
      if (kept === reached) drop();
      throw koiError(
        'LEADER_UNREACHABLE',
        `${options.name} cannot reach the leader ${leader} and nothing was changed: ` +
          `mend the network between them, or ask ${leader} itself`,
        error,
      );
    }
  }

  return {
    async call(leader, context, call, kind) {
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(times[kind])]);
      const client = await reach(leader, signal);
      try {
        return await call(client, { metadata: metadata(), signal });
      } catch (error) {
        if (error instanceof KoiError) throw error;
        throw koiError(
          'OUTCOME_UNKNOWN',
          `the leader ${leader} did not answer: look with "koi-admin get-cluster" before you repeat the order`,
          error,
        );
      }
    },
    async *watch(leader, signal, call) {
      yield* call(await reach(leader, signal), { metadata: metadata(), signal });
    },
    close: drop,
  };
}
