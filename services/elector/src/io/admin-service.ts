// Serves koi.admin.v1, put together from its reads, its watches and its orders.
import type { ServiceImplementation } from 'nice-grpc';
import { createAdminOrders } from './admin-orders.ts';
import { type AdminReadsOptions, createAdminReads } from './admin-reads.ts';
import { type AdminWatchesOptions, createAdminWatches } from './admin-watches.ts';
import { createLeaderCalls, type LeaderCallOptions } from './leader-call.ts';
import type { adminDefinition } from './relay.ts';

export type AdminServiceOptions = LeaderCallOptions &
  AdminWatchesOptions &
  Omit<AdminReadsOptions, 'calls'>;

export function createAdminService(
  options: AdminServiceOptions,
): ServiceImplementation<typeof adminDefinition> {
  const calls = createLeaderCalls(options);
  return {
    ...createAdminReads({ ...options, calls }),
    ...createAdminWatches(options),
    ...createAdminOrders(calls),
  };
}
