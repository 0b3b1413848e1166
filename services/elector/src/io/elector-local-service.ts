// Serves koi.local.v1 on the elector's own socket: what this daemon is, by itself.
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import type { ConfigReload } from '@koi/lib/config-reload';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { reloadForCaller } from '@koi/lib/grpc/reload-call';
import { linkToWire } from '@koi/lib/grpc/wire-link';
import { countToWire, durationToWire, wallToWire } from '@koi/lib/grpc/wire-value';
import type { Clock, Duration } from '@koi/lib/time';
import { VERSION } from '@koi/lib/version';
import type { ServiceImplementation } from 'nice-grpc';
import type { ClusterView, StandingView } from '../core/view.ts';
import type { PeerLink } from './peer-link.ts';
import { electorRole } from './wire-view.ts';

export const localDefinition = grpcDefinition(LocalService);

export interface ElectorLocalOptions {
  readonly name: string;
  readonly reload: Pick<ConfigReload, 'file' | 'readAt' | 'reload'>;
  readonly clock: Clock;
  readonly links: readonly Pick<PeerLink, 'peer' | 'open' | 'openedAt' | 'lastHeard'>[];
  readonly cluster: () => ClusterView;
  readonly standing: () => StandingView;
  /** How late the loop came to a deadline at the worst within the last minute. */
  readonly lag: () => Duration;
}

export function createElectorLocalService(
  options: ElectorLocalOptions,
): ServiceImplementation<typeof localDefinition> {
  const { clock, reload } = options;
  const start = clock.now();
  return {
    async getLocal() {
      const standing = options.standing();
      return {
        program: 'koi-elector',
        name: options.name,
        version: VERSION,
        processId: process.pid,
        uptime: durationToWire(clock.now() - start),
        configuration: reload.file,
        configurationTime: wallToWire(reload.readAt),
        links: options.links.map((link) => linkToWire(link, clock)),
        state: describe(standing, options.cluster()),
        loopLag: durationToWire(options.lag()),
        elector: standingToWire(standing),
      };
    },
    reload: () => reloadForCaller(reload),
  };
}

function standingToWire(view: StandingView) {
  const { term, boundTo = '', boundFor, charter, leader = '', problem } = view;
  return {
    term: countToWire(term),
    role: electorRole(view.role),
    boundTo,
    ...(boundFor === undefined ? {} : { boundFor: durationToWire(boundFor) }),
    charterTerm: countToWire(charter?.term ?? 0),
    charterIndex: countToWire(charter?.index ?? 0),
    leader,
    problem,
  };
}

function describe({ role, term, problem }: StandingView, view: ClusterView): string {
  const leader = view.leader === undefined ? 'nobody leads' : `${view.leader} leads`;
  const master =
    view.master === undefined ? 'no master' : `${view.master} is master (epoch ${view.epoch})`;
  const trouble = problem === '' ? '' : `; ${problem}`;
  return `${role}, term ${term}: ${leader}, ${master}, revision ${view.revision}${trouble}`;
}
