// Why a leader cannot choose a master yet, and what ends that: an administrator, time, or a runner.
import type { Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import type { ElectorOptions } from './options.ts';
import { type Situation, stillPromoted } from './rules.ts';

/** What the leader waits for before it can choose. */
export interface Waiting {
  /** What kind of wait it is: its words may change while it lasts, this does not. */
  readonly rule: string;
  readonly text: string;
  /** When time alone ends it; never, where something else must happen. */
  readonly until: Instant;
}

/** What an obstacle may be found in. */
export interface Circumstances extends Situation {
  readonly startedAt: Instant;
  /** The charter that this leader inherited knew runners: they are waited for at a first start. */
  readonly knewRunners: boolean;
  /** M2: when the last holder is counted out. */
  readonly countedOutAt: Instant;
  /** Holders that were released or counted out. */
  readonly gone: ReadonlySet<string>;
}

/** A new leader waits this many masterLeases for the runner that is wanted as master to be heard. */
export const TARGET_LEASES = 2;

/** Why nobody may be chosen yet; undefined: the table may be asked. */
export function obstacle(given: Circumstances): Waiting | undefined {
  if (given.charter.manual) {
    const text =
      'an administrator demoted the master: "koi-admin elect" or "koi-admin promote NAME" ends that';
    return { rule: 'manual', text, until: NEVER };
  }
  // M2: also when the charter names no holder, there may be one that this leader cannot know.
  if (given.now < given.countedOutAt) {
    const text = 'a master unknown to this leader may still hold a lease';
    return { rule: 'unknown-holder', text, until: given.countedOutAt };
  }
  const waited = firstStart(given) ?? awaitedTarget(given);
  if (waited !== undefined) return waited;
  const promoted = stillPromoted(given, given.gone);
  if (promoted === undefined) return undefined;
  const text = `${promoted} still has a promoted service`;
  return { rule: 'still-promoted', text, until: NEVER };
}

/** A cluster's first leader gives all runners time to come up. */
function firstStart(given: Circumstances): Waiting | undefined {
  const { charter, roster, now } = given;
  if (charter.epoch > 0 || charter.target !== undefined) return undefined;
  const until = given.startedAt + given.options.initialPromotion;
  if (now >= until) return undefined;
  const rule = 'first-start';
  if (!given.knewRunners) return { rule, text: 'first start: runners may still come up', until };
  const missing = charter.runners.filter((name) => !roster.heard(roster.get(name), now));
  if (missing.length === 0) return undefined;
  return { rule, text: `first start: ${missing.join(', ')} has not reported yet`, until };
}

/** When a new leader gives up waiting for the wanted runner. */
export function targetAwaitedUntil({ times }: ElectorOptions, startedAt: Instant): Instant {
  return startedAt + TARGET_LEASES * times.masterLease;
}

/**
 * An answered wish is not lost because its target is dialling just now: a new leader gives it time to be heard,
 * and a broken stream has time to come back before its silence tells.
 */
export function awaitedTarget(given: Circumstances): Waiting | undefined {
  const { roster, now } = given;
  const { target } = given.charter;
  if (target === undefined) return undefined;
  const entry = roster.get(target);
  const fresh = roster.fresh(entry, now);
  if (fresh && roster.reaches(entry)) return undefined;
  const until = fresh ? NEVER : targetAwaitedUntil(given.options, given.startedAt);
  if (now >= until) return undefined;
  const text = `${target}, which is wanted as master, is not heard yet`;
  return { rule: 'target-awaited', text, until };
}
