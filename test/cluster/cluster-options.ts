// What may differ between the clusters of tests and measurements.
import { fileURLToPath } from 'node:url';
import type { ClusterTimes } from './cluster-file.ts';
import type { ServiceFolder } from './service-folder.ts';
import type { Programs } from './test-host.ts';

/** What may differ between test clusters. */
export interface ClusterOptions {
  /** Default: a, b and c. The first has the highest rank. */
  readonly hosts?: readonly string[];
  readonly times?: Partial<ClusterTimes>;
  /** Whether there is the web service with its exclusive port beside the store. Default: yes. */
  readonly web?: boolean;
  /** Bundles to run instead of the built ones. */
  readonly programs?: Partial<Programs>;
  /** Whether runners reach the electors through wires that can be cut. Default: no. */
  readonly wires?: boolean;
  /** Where hosts live. Default: all of them on loopback. */
  readonly network?: HostNetwork;
  /** Puts more services beside the store. */
  readonly addServices?: (host: string, servicesDirectory: string, folder: ServiceFolder) => void;
}

/** Hosts that have addresses of their own. */
export interface HostNetwork {
  addressOf(host: string): string;
  /** The command that enters a host's network. */
  enter(host: string): readonly string[];
}

/** The bundles that `npm run build` makes. */
export const builtPrograms: Programs = {
  elector: fileURLToPath(new URL('../../services/elector/dist/koi-elector.js', import.meta.url)),
  runner: fileURLToPath(new URL('../../services/runner/dist/koi-runner.js', import.meta.url)),
};
