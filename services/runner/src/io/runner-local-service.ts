// Serves koi.local.v1 on the runner's own socket: what this daemon is, by itself.
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { durationToWire } from '@koi/lib/grpc/wire-value';
import { type Clock, type Duration, describeDuration } from '@koi/lib/time';
import { VERSION } from '@koi/lib/version';
import type { ServiceImplementation } from 'nice-grpc';
import type { Runner } from '../core/runner.ts';
import type { ElectorLink } from './elector-link.ts';

export const localDefinition = grpcDefinition(LocalService);

export interface RunnerLocalOptions {
  readonly name: string;
  /** The configuration file that was read. */
  readonly configuration: string;
  readonly clock: Clock;
  readonly links: readonly Pick<ElectorLink, 'peer' | 'open' | 'lastHeard'>[];
  readonly core: Pick<Runner, 'description' | 'services'>;
  /** How late the loop came to a deadline at the worst since it was asked last. */
  readonly takeLag: () => Duration;
}

export function createRunnerLocalService(
  options: RunnerLocalOptions,
): ServiceImplementation<typeof localDefinition> {
  const { clock, core } = options;
  const start = clock.now();
  return {
    async getLocal() {
      const now = clock.now();
      return {
        program: 'koi-runner',
        name: options.name,
        version: VERSION,
        processId: process.pid,
        uptime: durationToWire(now - start),
        configuration: options.configuration,
        links: options.links.map(({ peer, open, lastHeard }) =>
          lastHeard === undefined
            ? { peer, open }
            : { peer, open, lastHeard: durationToWire(now - lastHeard) },
        ),
        state: describe(core, options.takeLag()),
      };
    },
  };
}

function describe(core: RunnerLocalOptions['core'], lag: Duration): string {
  const services = core.services.map(({ name, state, action, processId }) =>
    action === '' ? `${name} ${state}` : `${name} ${state} (${action}, pid ${processId})`,
  );
  const list = services.length > 0 ? services.join(', ') : 'no services';
  return `${core.description}; ${list}; its loop was late by ${describeDuration(lag)} at most`;
}
