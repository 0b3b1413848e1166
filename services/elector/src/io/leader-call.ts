// Who answers a call of the admin API: this elector where it leads, the leader where another one does, and
// this elector with what it knows itself where no leader is to be had.
import { KoiError, koiError } from '@koi/lib/grpc/errors';
import { countToWire } from '@koi/lib/grpc/wire-value';
import { type CallContext, Status } from 'nice-grpc';
import type { Command } from '../core/input.ts';
import type { ClusterView } from '../core/view.ts';
import type { OrderBook } from './order-book.ts';
import { type AdminClient, RELAYED_KEY, type Relay, type RelayedOptions } from './relay.ts';
import type { Identity } from './wire.ts';

export interface LeaderCallOptions {
  readonly self: Identity;
  readonly book: Pick<OrderBook, 'order'>;
  readonly relay: Relay;
  readonly cluster: () => ClusterView;
  /** Who leads as far as this elector knows, itself included. */
  readonly leader: () => string | undefined;
}

/** An order's answer as responses have it. */
export interface WireAnswer {
  readonly revision: bigint;
  readonly held?: boolean;
}

/** Asks the leader over its admin API. */
export type Elsewhere<Response> = (
  client: AdminClient,
  options: RelayedOptions,
) => Promise<Response>;

export interface LeaderCalls {
  /** Carries out an order here where this elector leads, and where the leader does otherwise. */
  order(
    context: CallContext,
    command: Command,
    elsewhere: Elsewhere<WireAnswer>,
  ): Promise<WireAnswer>;
  /** The leader's answer, or this elector's own where there is no leader to be had. */
  look<Own, Relayed>(
    context: CallContext,
    here: () => Own,
    elsewhere: Elsewhere<Relayed>,
    kind?: 'look' | 'explain',
  ): Promise<Own | Relayed>;
}

export function createLeaderCalls(options: LeaderCallOptions): LeaderCalls {
  const { self, book, relay } = options;
  return {
    async order(context, command, elsewhere) {
      const leader = options.leader();
      if (leader === undefined) throw nobodyLeads(self, options.cluster());
      if (leader === self.name) {
        const { revision, held } = await book.order(command, context.signal);
        return { revision: countToWire(revision), held };
      }
      refuseSecondRelay(context, self, leader);
      return relay.call(leader, context, elsewhere, 'order');
    },
    async look(context, here, elsewhere, kind = 'look') {
      const leader = options.leader();
      const relayed = context.metadata.has(RELAYED_KEY);
      if (leader === undefined || leader === self.name || relayed) return here();
      try {
        return await relay.call(leader, context, elsewhere, kind);
      } catch (error) {
        if (context.signal.aborted || says(error)) throw error;
        // What this elector knows is better than nothing, and it says whose view it is.
        return here();
      }
    },
  };
}

/** Whether an error is the leader's answer to the question: there is no such thing. */
function says(error: unknown): boolean {
  if (!(error instanceof KoiError)) return false;
  return error.status === Status.NOT_FOUND || error.status === Status.INVALID_ARGUMENT;
}

/** A call that was relayed and has not come to a leader is not relayed again. */
export function refuseSecondRelay(context: CallContext, self: Identity, leader: string): void {
  const by = context.metadata.get(RELAYED_KEY);
  if (by === undefined) return;
  throw koiError(
    'NO_LEADER',
    `${by} takes ${self.name} for the leader, ${self.name} takes ${leader} for it: ` +
      'the leader is changing, try again',
  );
}

/** Says who is heard, since a majority is what is missing most of the time. */
function nobodyLeads(self: Identity, view: ClusterView): Error {
  const heard = view.electors.filter((elector) => elector.heard).map(({ name }) => name);
  const silent = view.electors.filter((elector) => !elector.heard).map(({ name }) => name);
  const majority = Math.floor(view.electors.length / 2) + 1;
  const known = `${self.name} hears ${heard.join(', ')} of ${view.electors.length} electors`;
  if (heard.length < majority) {
    return koiError(
      'NO_QUORUM',
      `nobody leads: ${known}, and ${majority} are needed: start ${silent.join(' or ')}, or mend the network`,
    );
  }
  const problems = view.electors
    .filter((elector) => elector.heard && elector.problem !== '')
    .map(({ name, problem }) => `${name}: ${problem}`);
  const hint = problems.length > 0 ? problems.join('; ') : 'an election is under way, try again';
  return koiError('NO_LEADER', `nobody leads: ${known}; ${hint}`);
}
