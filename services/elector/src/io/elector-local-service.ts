// Serves koi.local.v1 on the elector's own socket: what this daemon is, by itself.
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { durationToWire } from '@koi/lib/grpc/wire-value';
import { type Clock, type Duration, describeDuration } from '@koi/lib/time';
import { VERSION } from '@koi/lib/version';
import type { ServiceImplementation } from 'nice-grpc';
import type { ClusterView } from '../core/view.ts';
import type { PeerLink } from './peer-link.ts';

export const localDefinition = grpcDefinition(LocalService);

export interface ElectorLocalOptions {
  readonly name: string;
  /** The configuration file that was read. */
  readonly configuration: string;
  readonly clock: Clock;
  readonly links: readonly Pick<PeerLink, 'peer' | 'open' | 'lastHeard'>[];
  readonly cluster: () => ClusterView;
  /** How late the loop came to a deadline at the worst since it was asked last. */
  readonly takeLag: () => Duration;
}

export function createElectorLocalService(
  options: ElectorLocalOptions,
): ServiceImplementation<typeof localDefinition> {
  const { clock } = options;
  const start = clock.now();
  return {
    async getLocal() {
      const now = clock.now();
      return {
        program: 'koi-elector',
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
        state: describe(options.name, options.cluster(), options.takeLag()),
      };
    },
  };
}

function describe(name: string, view: ClusterView, lag: Duration): string {
  const self = view.electors.find((elector) => elector.name === name);
  const role = self?.role ?? 'not in its own elector list';
  const leader = view.leader === undefined ? 'nobody leads' : `${view.leader} leads`;
  const master =
    view.master === undefined ? 'no master' : `${view.master} is master (epoch ${view.epoch})`;
  const problem = self === undefined || self.problem === '' ? '' : `; ${self.problem}`;
  const late = `its loop was late by ${describeDuration(lag)} at most`;
  return `${role}, term ${view.term}: ${leader}, ${master}, revision ${view.revision}; ${late}${problem}`;
}
