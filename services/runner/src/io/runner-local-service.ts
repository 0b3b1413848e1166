// Serves koi.local.v1 on the runner's own socket: what this daemon is, by itself.
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import type { ConfigReload } from '@koi/lib/config-reload';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { reloadForCaller } from '@koi/lib/grpc/reload-call';
import { linkToWire } from '@koi/lib/grpc/wire-link';
import { countToWire, durationToWire, wallToWire } from '@koi/lib/grpc/wire-value';
import type { Clock, Duration } from '@koi/lib/time';
import { VERSION } from '@koi/lib/version';
import type { ServiceImplementation } from 'nice-grpc';
import type { Runner } from '../core/runner.ts';
import type { ElectorLink } from './elector-link.ts';
import { runnerState, serviceToWire } from './wire.ts';

export const localDefinition = grpcDefinition(LocalService);

type Core = Pick<
  Runner,
  'description' | 'services' | 'state' | 'leaseLeft' | 'mandate' | 'maintenance'
>;

export interface RunnerLocalOptions {
  readonly name: string;
  readonly reload: Pick<ConfigReload, 'file' | 'readAt' | 'reload'>;
  readonly clock: Clock;
  readonly links: readonly Pick<ElectorLink, 'peer' | 'open' | 'openedAt' | 'lastHeard'>[];
  readonly core: Core;
  /** How late the loop came to a deadline at the worst within the last minute. */
  readonly lag: () => Duration;
}

export function createRunnerLocalService(
  options: RunnerLocalOptions,
): ServiceImplementation<typeof localDefinition> {
  const { clock, core, reload } = options;
  const start = clock.now();
  return {
    async getLocal() {
      return {
        program: 'koi-runner',
        name: options.name,
        version: VERSION,
        processId: process.pid,
        uptime: durationToWire(clock.now() - start),
        configuration: reload.file,
        configurationTime: wallToWire(reload.readAt),
        links: options.links.map((link) => linkToWire(link, clock)),
        state: describe(core),
        loopLag: durationToWire(options.lag()),
        runner: standingToWire(core),
      };
    },
    reload: () => reloadForCaller(reload),
  };
}

function standingToWire(core: Core) {
  const { leaseLeft, maintenance } = core;
  return {
    state: runnerState.toWire(core.state),
    epoch: countToWire(core.mandate.epoch),
    ...(leaseLeft === undefined ? {} : { leaseLeft: durationToWire(leaseLeft) }),
    released: countToWire(core.mandate.released),
    maintenance,
    services: core.services.map(serviceToWire),
  };
}

function describe(core: Core): string {
  const services = core.services.map(({ name, state, action, processId }) =>
    action === '' ? `${name} ${state}` : `${name} ${state} (${action}, pid ${processId})`,
  );
  return `${core.description}; ${services.length > 0 ? services.join(', ') : 'no services'}`;
}
