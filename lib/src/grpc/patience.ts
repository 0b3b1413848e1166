// How long one daemon waits for another one: all in heartbeats, because a lease is a few of them. A
// stream that takes longer to come back than a lease lasts costs a failover that nobody needed.
import type { Duration } from '../time.ts';

/** A stream that was silent for so many heartbeats is closed and dialled anew. */
const SILENT_HEARTBEATS = 3;

/** One attempt to connect may take so many: at default times less than a lost SYN's first retry. */
const ATTEMPT_HEARTBEATS = 2.5;

/** The shortest and the longest wait before dialling anew; doubled from one to the other. */
const WAIT_MIN_HEARTBEATS = 0.25;
const WAIT_MAX_HEARTBEATS = 2.5;

/** Durations in milliseconds. */
export interface Patience {
  readonly silenceMax: Duration;
  readonly attemptMax: Duration;
  readonly waitMin: Duration;
  readonly waitMax: Duration;
}

/** The patience that goes with a cluster's heartbeat. */
export function patienceOf(heartbeat: Duration): Patience {
  return {
    silenceMax: SILENT_HEARTBEATS * heartbeat,
    attemptMax: ATTEMPT_HEARTBEATS * heartbeat,
    waitMin: WAIT_MIN_HEARTBEATS * heartbeat,
    waitMax: WAIT_MAX_HEARTBEATS * heartbeat,
  };
}
