// The configuration files of a test host. JSON is YAML, so nothing has to be quoted by hand.
import { join } from 'node:path';

/** An elector of the list. */
export interface ListedAddress {
  readonly name: string;
  /** Default: loopback. */
  readonly address?: string;
  readonly port: number;
  readonly priority: number;
}

const loopback = '127.0.0.1';

/** What may differ between test clusters. */
export interface ClusterTimes {
  /** The five protocol times. */
  readonly preset: 'default' | 'fast';
  /** Longer than the preset's, where a late process must not decide a test. Milliseconds. */
  readonly masterLease?: number;
  /** Longer than the preset's, for scripts that take their time. Milliseconds. */
  readonly demoteGrace?: number;
  /** How often status scripts run. Milliseconds. */
  readonly status: number;
  /** How long a first leader waits for runners. Milliseconds. */
  readonly initialPromotion: number;
}

/** What one host's file says. */
export interface HostFile {
  readonly cluster: string;
  readonly name: string;
  readonly directory: string;
  readonly servicesDirectory: string;
  readonly electors: readonly ListedAddress[];
  readonly times: ClusterTimes;
}

/** The text of a configuration file. */
export function clusterFile(file: HostFile): string {
  const { directory, electors, name, times } = file;
  const own = electors.find((elector) => elector.name === name);
  const content = {
    cluster: file.cluster,
    name,
    electors: electors.map(({ name, address = loopback, port, priority }) => {
      return { name, address: `${address}:${port}`, priority };
    }),
    // Addresses of other networks are those of namespaces that the test has made.
    ...(electors.some(({ address }) => address !== undefined) ? { tls: 'insecure' } : {}),
    elector: {
      ...(own === undefined ? {} : { listen: `${own.address ?? loopback}:${own.port}` }),
      stateDirectory: join(directory, 'elector'),
      socket: join(directory, 'elector.sock'),
    },
    runner: {
      servicesDirectory: file.servicesDirectory,
      workingDirectory: file.servicesDirectory,
      stateDirectory: join(directory, 'run'),
      socket: join(directory, 'runner.sock'),
    },
    timing: {
      preset: times.preset,
      ...(times.masterLease === undefined ? {} : { masterLease: `${times.masterLease}ms` }),
      ...(times.demoteGrace === undefined ? {} : { demoteGrace: `${times.demoteGrace}ms` }),
      status: `${times.status}ms`,
      initialPromotion: `${times.initialPromotion}ms`,
    },
    services: {
      startTimeout: '20s',
      stopTimeout: '20s',
      statusTimeout: '10s',
      promoteTimeout: '20s',
      demoteTimeout: '20s',
      failedTimeout: '10s',
    },
    recovery: { delay: '1s', promotionHold: '1s' },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
