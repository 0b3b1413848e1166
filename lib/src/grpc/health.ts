// Serves grpc.health.v1, by which probes and monitors ask any gRPC server whether it can be used.
import {
  Health,
  type HealthCheckResponse_ServingStatus as Status,
  HealthCheckResponse_ServingStatus as statuses,
} from '@koi/gen/grpc/health/v1/health_pb';
import type { CallContext, ServiceImplementation } from 'nice-grpc';
import { Status as GrpcStatus, ServerError } from 'nice-grpc';
import type { ChangeSignal } from '../change-signal.ts';
import { grpcDefinition } from './definition.ts';
import { koiError } from './errors.ts';

export const healthDefinition = grpcDefinition(Health);

/** How many health watches a listener keeps open at a time. */
export const HEALTH_WATCHES_MAX = 64;

/** Who knows whether services can be used. */
export interface HealthSource {
  /** Whether a service can be used now; the empty name is the daemon as a whole. */
  serves(service: string): boolean;
  /** Raised whenever that may have changed. */
  readonly changes: Pick<ChangeSignal, 'watch'>;
}

/** Tells the health of the daemon and of these services, by full name. */
export function createHealthService(
  services: readonly string[],
  source: HealthSource,
): ServiceImplementation<typeof healthDefinition> {
  const known = new Set(['', ...services]);
  let watches = 0;

  function statusOf(service: string): Status {
    if (!known.has(service)) return statuses.SERVICE_UNKNOWN;
    return source.serves(service) ? statuses.SERVING : statuses.NOT_SERVING;
  }

  async function* watch(service: string, signal: CallContext['signal']) {
    let told: Status | undefined;
    for await (const _occasion of source.changes.watch(signal)) {
      const status = statusOf(service);
      if (status !== told) yield { status };
      told = status;
    }
  }

  return {
    async check({ service }) {
      if (known.has(service)) return { status: statusOf(service) };
      const names = services.join(', ');
      throw new ServerError(
        GrpcStatus.NOT_FOUND,
        `there is no service ${service} here: there are ${names}`,
      );
    },
    async list() {
      const told = [...known].map((service) => [service, { status: statusOf(service) }] as const);
      return { statuses: Object.fromEntries(told) };
    },
    async *watch({ service }, context) {
      if (watches >= HEALTH_WATCHES_MAX) {
        throw koiError('OVERLOADED', `${HEALTH_WATCHES_MAX} watches are open: that is the most`);
      }
      watches += 1;
      try {
        yield* watch(service, context.signal);
      } finally {
        watches -= 1;
      }
    },
  };
}
