// Elector b of three, as a follower and as a candidate: what tests of votes start from.
import { BOUND, Driver, EMPTY, optionsFor, TIMES } from './driver.fixture.ts';
import type { Body } from './message.ts';

/** One heartbeat. */
export const HEARTBEAT = TIMES.heartbeat;

/** A claim. */
export function coordinator(term: number, round = 1): Body {
  return { kind: 'coordinator', term, round };
}

/** A leader's heartbeat. */
export function leading(term: number, round = 1): Body {
  return { kind: 'heartbeat', leading: true, term, round };
}

/** Elector b of three, past the abstention of its start. */
export function follower(record = EMPTY): { driver: Driver; now: number } {
  const driver = new Driver(optionsFor('b'), record);
  driver.meet(['a', 'c'], 0, record.charter);
  return { driver, now: BOUND + 1 };
}

/** Elector b of three at the moment in which it starts its first probe. */
export function candidate(): { driver: Driver; now: number } {
  const { driver } = follower();
  driver.keepHearing(['a', 'c'], BOUND - 1);
  const now = BOUND + 0.15 * HEARTBEAT;
  driver.until(now);
  return { driver, now };
}
