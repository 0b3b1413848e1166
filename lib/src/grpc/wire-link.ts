// How a daemon tells of its streams to other daemons on its local socket.
import type { Clock, Instant } from '../time.ts';
import { durationToWire } from './wire-value.ts';

/** What is told of a stream. */
export interface LinkStanding {
  readonly peer: string;
  readonly open: boolean;
  readonly openedAt: Instant | undefined;
  readonly lastHeard: Instant | undefined;
}

/** A stream as koi.local.v1 tells it. */
export function linkToWire({ peer, open, openedAt, lastHeard }: LinkStanding, clock: Clock) {
  const now = clock.now();
  return {
    peer,
    open,
    ...(lastHeard === undefined ? {} : { lastHeard: durationToWire(now - lastHeard) }),
    ...(openedAt === undefined ? {} : { openFor: durationToWire(now - openedAt) }),
  };
}
