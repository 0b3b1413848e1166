// Serves koi.admin.v1. The leader answers itself; any other elector relays orders to it, and shows what
// it knows itself where nobody leads.
import { koiError } from '@koi/lib/grpc/errors';
import { countFromWire, countToWire, optionalName } from '@koi/lib/grpc/wire-value';
import type { CallContext, ServiceImplementation } from 'nice-grpc';
import type { Command } from '../core/input.ts';
import type { ClusterView } from '../core/view.ts';
import type { ChangeSignal } from './change-signal.ts';
import type { OrderBook } from './order-book.ts';
import {
  type AdminClient,
  type adminDefinition,
  RELAYED_KEY,
  RELAYED_LOOK_MAX,
  RELAYED_ORDER_MAX,
  type Relay,
} from './relay.ts';
import type { Identity } from './wire.ts';
import { decisionToWire } from './wire-charter.ts';
import { clusterToWire } from './wire-view.ts';

/** How many watches may be open at a time. */
export const WATCHES_MAX = 64;

export interface AdminServiceOptions {
  readonly self: Identity;
  readonly book: OrderBook;
  readonly relay: Relay;
  readonly changes: ChangeSignal;
  readonly cluster: () => ClusterView;
  /** Who leads as far as this elector knows, itself included. */
  readonly leader: () => string | undefined;
}

type Implementation = ServiceImplementation<typeof adminDefinition>;
type RelayOptions = Parameters<AdminClient['demoteMaster']>[1];

export function createAdminService(options: AdminServiceOptions): Implementation {
  const { self, book, relay } = options;
  let watches = 0;

  /** Does it here where this elector leads, and where the leader does otherwise. */
  async function order(
    context: CallContext,
    command: Command,
    elsewhere: (client: AdminClient, options: RelayOptions) => Promise<{ revision: bigint }>,
  ): Promise<{ revision: bigint }> {
    const leader = options.leader();
    if (leader === undefined) throw nobodyLeads(self, options.cluster());
    if (leader === self.name) {
      return { revision: countToWire(await book.order(command, context.signal)) };
    }
    refuseSecondRelay(context, self, leader);
    const { revision } = await relay.call(leader, context, elsewhere, RELAYED_ORDER_MAX);
    return { revision };
  }

  /** The leader's answer, or this elector's own where there is no leader to be had. */
  async function look<Own, Relayed>(
    context: CallContext,
    here: () => Own,
    elsewhere: (client: AdminClient, options: RelayOptions) => Promise<Relayed>,
  ): Promise<Own | Relayed> {
    const leader = options.leader();
    const relayed = context.metadata.has(RELAYED_KEY);
    if (leader === undefined || leader === self.name || relayed) return here();
    try {
      return await relay.call(leader, context, elsewhere, RELAYED_LOOK_MAX);
    } catch (error) {
      // What this elector knows is better than nothing, and it says whose view it is.
      if (context.signal.aborted) throw error;
      return here();
    }
  }

  function cluster() {
    return { cluster: clusterToWire(self.cluster, options.cluster()), elector: self.name };
  }

  function events(after: number) {
    const { decisions } = options.cluster();
    return { events: decisions.filter(({ number }) => number > after).map(decisionToWire) };
  }

  return {
    getCluster: (request, context) =>
      look(context, cluster, (client, call) => client.getCluster(request, call)),

    async *watchCluster(_request, context) {
      if (watches >= WATCHES_MAX) {
        throw koiError('OVERLOADED', `${WATCHES_MAX} watches are open: that is the most`);
      }
      watches += 1;
      try {
        for await (const _change of options.changes.watch(context.signal)) yield cluster();
      } finally {
        watches -= 1;
      }
    },

    listEvents(request, context) {
      const after = countFromWire(request.afterNumber, 'after_number');
      const here = () => events(after);
      return look(context, here, (client, call) => client.listEvents(request, call));
    },

    async promoteRunner(request, context) {
      const command: Command = { kind: 'promote', runner: named(request.runner) };
      return order(context, command, (client, call) => client.promoteRunner(request, call));
    },

    demoteMaster: (request, context) =>
      order(context, { kind: 'demote' }, (client, call) => client.demoteMaster(request, call)),

    electMaster: (request, context) =>
      order(context, { kind: 'elect' }, (client, call) => client.electMaster(request, call)),

    async setMaintenance(request, context) {
      const command: Command = { kind: 'maintenance', on: request.on };
      return order(context, command, (client, call) => client.setMaintenance(request, call));
    },

    async startRunner(request, context) {
      const command: Command = { kind: 'start', runner: named(request.runner) };
      return order(context, command, (client, call) => client.startRunner(request, call));
    },

    async stopRunner(request, context) {
      const command: Command = { kind: 'stop', runner: named(request.runner) };
      return order(context, command, (client, call) => client.stopRunner(request, call));
    },

    async recoverRunner(request, context) {
      const command: Command = { kind: 'recover', runner: optionalName(request.runner) };
      return order(context, command, (client, call) => client.recoverRunner(request, call));
    },

    async confirmRunnerDown(request, context) {
      const command: Command = { kind: 'confirm-down', runner: named(request.runner) };
      return order(context, command, (client, call) => client.confirmRunnerDown(request, call));
    },
  };
}

function named(runner: string): string {
  if (runner !== '') return runner;
  throw koiError('REQUEST_INVALID', 'the request names no runner');
}

function refuseSecondRelay(context: CallContext, self: Identity, leader: string): void {
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
      'NO_LEADER',
      `nobody leads: ${known}, and ${majority} are needed: start ${silent.join(' or ')}, or mend the network`,
    );
  }
  const problems = view.electors
    .filter((elector) => elector.heard && elector.problem !== '')
    .map(({ name, problem }) => `${name}: ${problem}`);
  const hint = problems.length > 0 ? problems.join('; ') : 'an election is under way, try again';
  return koiError('NO_LEADER', `nobody leads: ${known}; ${hint}`);
}
