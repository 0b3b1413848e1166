// M4 as numbers: when, counted from the end of a lost lease, each rung of the ladder down is reached at the
// latest. koi-deadman is a script of its own and has these numbers once more; a test compares the two.

import type { ProtocolTimes } from './config.ts';
import type { Duration } from './time.ts';

/** Demotion begins this soon after the end of a lease, whatever else is going on. */
export const DEMOTE_START_MAX: Duration = 50;

/** SIGKILL of what is still promoted goes out after this share of demoteGrace. */
export const KILL_SHARE = 0.7;

/** koi-deadman leaves koi-runner this share of demoteGrace to begin by itself, */
const DEADMAN_MARGIN_SHARE = 0.15;

/** and not more than this. */
const DEADMAN_MARGIN_MAX: Duration = 40;

/** A koi-runner that has begun and then got stuck is killed by koi-deadman after this share of demoteGrace. */
const TAKEOVER_SHARE = 0.88;

/** Moments after the end of a lost lease. */
export interface LadderTimes {
  /** koi-deadman begins, where koi-runner has not. */
  readonly deadman: Duration;
  /** Demotion has begun. */
  readonly demote: Duration;
  /** What is still promoted is killed. */
  readonly kill: Duration;
  /** A koi-runner that is stuck is killed, and koi-deadman goes on in its place. */
  readonly takeover: Duration;
  /** What is left is for the self-fence hook. */
  readonly fence: Duration;
  /** The earliest at which anybody else may be promoted, clocks running alike. */
  readonly promotion: Duration;
  /** The same where the clock of the old master is slow by the whole drift. */
  readonly promotionAtDrift: Duration;
}

/**
 * Works out the ladder. A lease counts from the sending of a report, the leader's count of masterLease +
 * demoteGrace, times 1 + drift, from its receipt: it ends demoteGrace and the drift of both after the lease.
 */
export function ladderTimes(
  times: Pick<ProtocolTimes, 'masterLease' | 'demoteGrace' | 'drift'>,
): LadderTimes {
  const { masterLease, demoteGrace, drift } = times;
  return {
    deadman: Math.min(DEADMAN_MARGIN_MAX, Math.floor(DEADMAN_MARGIN_SHARE * demoteGrace + 1e-9)),
    demote: DEMOTE_START_MAX,
    kill: KILL_SHARE * demoteGrace,
    takeover: TAKEOVER_SHARE * demoteGrace,
    fence: demoteGrace,
    promotion: demoteGrace + drift * (masterLease + demoteGrace),
    promotionAtDrift: demoteGrace,
  };
}
