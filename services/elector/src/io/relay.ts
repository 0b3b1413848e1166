// Passes an administrator's call on to the leader, once: a call that was relayed already and arrives
// where nobody leads is refused instead of wandering.
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { KoiError, koiError } from '@koi/lib/grpc/errors';
import type { Duration } from '@koi/lib/time';
import type { CallContext, Channel, Client } from 'nice-grpc';
import { Metadata } from 'nice-grpc';

export const adminDefinition = grpcDefinition(AdminService);

/** Marks a relayed call; its value is the name of the elector that relayed it. */
export const RELAYED_KEY = 'koi-relayed-by';

/** How long a leader may take for a relayed order. A caller's own deadline ends it earlier. */
export const RELAYED_ORDER_MAX: Duration = 5_000;

/** How long a leader may take to tell what it knows, before the asked elector tells what it knows itself. */
export const RELAYED_LOOK_MAX: Duration = 1_000;

export type AdminClient = Client<typeof adminDefinition>;

export interface RelayOptions {
  readonly name: string;
  readonly addressOf: (elector: string) => string | undefined;
}

/** What a relayed call is made with. */
export interface RelayedOptions {
  readonly metadata: Metadata;
  readonly signal: AbortSignal;
}

export interface Relay {
  /** Calls the leader. A failure that says nothing of the outcome is OUTCOME_UNKNOWN for an order. */
  call<Response>(
    leader: string,
    context: CallContext,
    call: (client: AdminClient, options: RelayedOptions) => Promise<Response>,
    timeout: Duration,
  ): Promise<Response>;
  close(): void;
}

/** Keeps one channel, to the last leader. */
export function createRelay(options: RelayOptions): Relay {
  let kept: { leader: string; channel: Channel; client: AdminClient } | undefined;

  function clientOf(leader: string): AdminClient {
    if (kept?.leader === leader) return kept.client;
    kept?.channel.close();
    kept = undefined;
    const address = options.addressOf(leader);
    if (address === undefined) {
      throw koiError('NO_LEADER', `${leader} leads, but is not in this elector's list`);
    }
    const channel = openChannel(address);
    const client = openClient(adminDefinition, channel);
    kept = { leader, channel, client };
    return client;
  }

  return {
    async call(leader, context, call, timeout) {
      const client = clientOf(leader);
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeout)]);
      try {
        return await call(client, { metadata: Metadata([[RELAYED_KEY, options.name]]), signal });
      } catch (error) {
        if (error instanceof KoiError) throw error;
        throw koiError(
          'OUTCOME_UNKNOWN',
          `the leader ${leader} did not answer: look with "koi-admin get-cluster" before you repeat the order`,
          error,
        );
      }
    },
    close() {
      kept?.channel.close();
      kept = undefined;
    },
  };
}
