// The configuration as the daemons and koi-admin use it, after every default and every check.
// `config-file.ts` makes one out of a YAML file or refuses it with file, line, column and key.
import type { Duration } from './time.ts';

/** One configured elector. */
export interface ElectorEntry {
  readonly name: string;
  /** host:port; an IPv6 host in brackets. */
  readonly address: string;
  readonly priority: number;
}

/** The five protocol times and the drift they are safe for (PROTOCOL.md, times). */
export interface ProtocolTimes {
  readonly heartbeat: Duration;
  readonly leaderLease: Duration;
  readonly masterLease: Duration;
  readonly demoteGrace: Duration;
  /** By how much two clocks may differ in rate, relative: 0.03 is 3 %. */
  readonly drift: number;
}

/** How long each script may run before it is ended and has failed. */
export interface ScriptTimeouts {
  readonly start: Duration;
  readonly stop: Duration;
  readonly status: Duration;
  readonly promote: Duration;
  readonly demote: Duration;
  readonly failed: Duration;
}

/** When a failure is forgotten by itself. */
export interface Recovery {
  /** How many times in a row; 0: never. */
  readonly attempts: number;
  readonly delay: Duration;
  /** The delay grows by this factor with each failure, 1 to 8. */
  readonly factor: number;
  /** After this long without failure the count starts anew. */
  readonly reset: Duration;
  /** A runner that failed this recently is chosen only where nobody else is electable. */
  readonly promotionHold: Duration;
}

/** Where certificates enter; until they do, daemons listen on loopback only. */
export type TlsConfig =
  | { readonly kind: 'absent' }
  | { readonly kind: 'insecure' }
  | {
      readonly kind: 'files';
      readonly ca: string;
      readonly certificate: string;
      readonly key: string;
    };

/** A whole, checked configuration. */
export interface Config {
  /** The file it was read from. */
  readonly file: string;
  readonly cluster: string;
  readonly name: string;
  /** Highest rank first: by priority, then by name. */
  readonly electors: readonly ElectorEntry[];
  readonly preempt: boolean;
  readonly elector: {
    /** Where this host's elector listens; undefined on a host without one. */
    readonly listen: string | undefined;
    readonly stateDirectory: string;
    readonly socket: string;
  };
  readonly runner: {
    readonly mode: 'active' | 'passive';
    readonly priority: number;
    readonly servicesDirectory: string;
    readonly workingDirectory: string;
    readonly stateDirectory: string;
    readonly socket: string;
    /** An executable that fences this host; undefined: none. */
    readonly fence: string | undefined;
  };
  readonly times: ProtocolTimes;
  readonly statusInterval: Duration;
  readonly initialPromotion: Duration;
  readonly forgetAfter: Duration;
  readonly timeouts: ScriptTimeouts;
  readonly recovery: Recovery;
  readonly tls: TlsConfig;
}
