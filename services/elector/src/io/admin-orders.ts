// The writes of koi.admin.v1: each is one order to the leader's core, answered once it is committed.
import { koiError } from '@koi/lib/grpc/errors';
import { optionalName } from '@koi/lib/grpc/wire-value';
import type { ServiceImplementation } from 'nice-grpc';
import type { LeaderCalls } from './leader-call.ts';
import type { adminDefinition } from './relay.ts';

export type AdminOrders = Pick<
  ServiceImplementation<typeof adminDefinition>,
  | 'promoteRunner'
  | 'demoteMaster'
  | 'electMaster'
  | 'setMaintenance'
  | 'startRunner'
  | 'stopRunner'
  | 'recoverRunner'
  | 'confirmRunnerDown'
  | 'reconfigure'
>;

export function createAdminOrders({ order }: LeaderCalls): AdminOrders {
  return {
    async promoteRunner(request, context) {
      const { force } = request;
      const command = { kind: 'promote', runner: named(request.runner), force } as const;
      return order(context, command, (client, call) => client.promoteRunner(request, call));
    },

    demoteMaster: (request, context) =>
      order(context, { kind: 'demote' }, (client, call) => client.demoteMaster(request, call)),

    electMaster: (request, context) =>
      order(context, { kind: 'elect' }, (client, call) => client.electMaster(request, call)),

    async setMaintenance(request, context) {
      const command = { kind: 'maintenance', on: request.on } as const;
      return order(context, command, (client, call) => client.setMaintenance(request, call));
    },

    async startRunner(request, context) {
      const command = { kind: 'start', runner: named(request.runner) } as const;
      return order(context, command, (client, call) => client.startRunner(request, call));
    },

    async stopRunner(request, context) {
      const command = { kind: 'stop', runner: named(request.runner) } as const;
      return order(context, command, (client, call) => client.stopRunner(request, call));
    },

    async recoverRunner(request, context) {
      const command = { kind: 'recover', runner: optionalName(request.runner) } as const;
      return order(context, command, (client, call) => client.recoverRunner(request, call));
    },

    async confirmRunnerDown(request, context) {
      const command = { kind: 'confirm-down', runner: named(request.runner) } as const;
      return order(context, command, (client, call) => client.confirmRunnerDown(request, call));
    },

    async reconfigure(request, context) {
      const command = { kind: 'reconfigure', runner: optionalName(request.runner) } as const;
      return order(context, command, (client, call) => client.reconfigure(request, call));
    },
  };
}

function named(runner: string): string {
  if (runner !== '') return runner;
  throw koiError('REQUEST_INVALID', 'the request names no runner');
}
