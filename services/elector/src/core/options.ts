// What an elector core is made with. A changed list or changed times need a restart (P1); a few others may be
// changed while it runs.
import type { Duration } from '@koi/lib/time';

/** The protocol's times (PROTOCOL.md). */
export interface Times {
  readonly heartbeat: Duration;
  readonly leaderLease: Duration;
  readonly masterLease: Duration;
  readonly demoteGrace: Duration;
  /** Relative: 0.03 is 3 %. */
  readonly drift: number;
}

/** One elector of the configured list. */
export interface ListedElector {
  readonly name: string;
  readonly address: string;
  readonly priority: number;
}

export interface ElectorOptions {
  readonly cluster: string;
  readonly name: string;
  /** The whole list, this elector included. */
  readonly electors: readonly ListedElector[];
  readonly times: Times;
  /** Of the list and the times (P1). */
  readonly digest: string;
  /** Of the times alone, for runners (P1). */
  readonly timesDigest: string;
  /** P9: a returning higher elector takes over from a leader that holds a majority. */
  readonly preempt: boolean;
  /** How long a cluster's first leader waits for runners. */
  readonly initialPromotion: Duration;
  /** A runner that failed this recently is chosen only where nobody else is electable. */
  readonly promotionHold: Duration;
  /** A runner not heard for so long is forgotten. */
  readonly forgetAfter: Duration;
}

/** What a reload of the configuration may change. */
export type ChangeableOptions = Pick<
  ElectorOptions,
  'initialPromotion' | 'promotionHold' | 'forgetAfter'
>;
