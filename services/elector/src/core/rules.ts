// Who becomes master: an ordered table of named rules. Each runner is rejected by the first rule that
// speaks against it; of those left, the first preference that tells two apart decides. What the table
// says is what the log, the timeline and `koi-admin` print.
import type { Duration, Instant } from '@koi/lib/time';
import { describeDuration } from '@koi/lib/time';
import type { Charter, Rejection } from './charter.ts';
import type { ElectorOptions } from './options.ts';
import type { Report } from './report.ts';
import { type Roster, type RosterEntry, uptimeNow } from './roster.ts';

/** What a rule may look at. */
export interface Situation {
  readonly charter: Charter;
  readonly roster: Roster;
  readonly options: ElectorOptions;
  readonly now: Instant;
}

/** Who is chosen and why, and why the others are not. */
export interface Choice {
  readonly chosen: RosterEntry | undefined;
  readonly rule: string;
  readonly reason: string;
  readonly rejections: readonly Rejection[];
}

type Verdict = string | undefined;

interface ElectableRule {
  readonly name: string;
  /** A reason against the runner; undefined: none. `report` is its last one, heard or not. */
  readonly against: (entry: RosterEntry, report: Report, situation: Situation) => Verdict;
}

const STATES_ABOVE_LIVE: readonly string[] = ['standby', 'master'];

/** Against a runner, in order. The last one is waived where nobody else is left. */
const ELECTABLE: readonly ElectableRule[] = [
  {
    name: 'not-heard',
    against: (entry, _report, { roster, now }) =>
      roster.fresh(entry, now)
        ? undefined
        : `not heard for ${describeDuration(now - entry.heardAt)}`,
  },
  {
    name: 'not-connected',
    against: (entry, _report, { roster }) =>
      roster.reaches(entry) ? undefined : 'its stream to the leader is broken',
  },
  {
    name: 'other-times',
    against: (entry, _report, { options }) =>
      entry.digest === options.timesDigest
        ? undefined
        : "its protocol times differ from the electors'",
  },
  {
    name: 'in-maintenance',
    against: (_entry, report) => (report.maintenance ? 'still in maintenance' : undefined),
  },
  {
    name: 'passive',
    against: (_entry, report) =>
      report.mode === 'passive' ? 'passive by configuration' : undefined,
  },
  {
    name: 'stopped',
    against: (entry, _report, { charter }) =>
      charter.stopped.includes(entry.name) ? 'stopped by an administrator' : undefined,
  },
  {
    name: 'not-standby',
    against: (_entry, report) =>
      STATES_ABOVE_LIVE.includes(report.state) ? undefined : describeState(report),
  },
];

/** A reason to prefer others, waived where nobody else is electable. */
function heldBack(report: Report, promotionHold: Duration): Verdict {
  if (report.sinceFailure === undefined || report.sinceFailure >= promotionHold) return undefined;
  return `failed ${describeDuration(report.sinceFailure)} ago, held for ${describeDuration(promotionHold)}`;
}

interface Preference {
  readonly name: string;
  readonly reason: (report: Report) => string;
  /** What of another one is put behind that. */
  readonly behind: (report: Report) => string;
  /** Positive where `a` is to be preferred to `b`. */
  readonly compare: (
    a: RosterEntry & { report: Report },
    b: RosterEntry & { report: Report },
  ) => number;
}

const PREFERENCES: readonly Preference[] = [
  {
    name: 'highest-priority',
    reason: (report) => `it has the highest priority (${report.priority})`,
    behind: (report) => `its priority is ${report.priority}`,
    compare: (a, b) => a.report.priority - b.report.priority,
  },
  {
    name: 'longest-uptime',
    reason: (report) => `it is up longest (${describeDuration(report.uptime)})`,
    behind: (report) => `it is up for ${describeDuration(report.uptime)}`,
    compare: (a, b) => a.report.uptime - b.report.uptime,
  },
  {
    name: 'greatest-name',
    reason: () => 'its name is the greatest',
    behind: () => 'its name is smaller',
    compare: (a, b) => (a.name > b.name ? 1 : -1),
  },
];

/** A state with its cause, as in "live: web is not promotable". */
export function describeState(report: Report): string {
  const failed = report.services.find((service) => service.failure !== '');
  if (report.state === 'failed') {
    return failed === undefined ? 'failed' : `failed: ${failed.name}: ${failed.failure}`;
  }
  const waiting = report.services.find((service) => !service.promotable);
  if (report.state === 'live') {
    return waiting === undefined ? 'live, not standby' : `live: ${waiting.name} is not promotable`;
  }
  return `${report.state}, not standby`;
}

/** The rules by which somebody can be chosen. */
export const CHOICE_RULES: ReadonlySet<string> = new Set([
  'target',
  'only-one',
  ...PREFERENCES.map(({ name }) => name),
]);

/** The first rule that speaks against a runner; undefined: it is electable. */
export function rejection(entry: RosterEntry, situation: Situation): Rejection | undefined {
  const { report } = entry;
  if (report === undefined) return unheard(entry.name);
  for (const rule of ELECTABLE) {
    const reason = rule.against(entry, report, situation);
    if (reason !== undefined) return { runner: entry.name, rule: rule.name, reason };
  }
  return undefined;
}

/** Speaks against a runner that has never reported to this elector. */
export function unheard(runner: string): Rejection {
  return { runner, rule: 'not-heard', reason: 'has not reported yet' };
}

/**
 * "Somebody is still promoted": a heard runner that says so blocks any choice. Not those who were released or
 * counted out.
 */
export function stillPromoted(
  situation: Situation,
  except: ReadonlySet<string>,
): string | undefined {
  const { roster, now } = situation;
  return roster
    .all()
    .find((entry) => !except.has(entry.name) && roster.heard(entry, now) && entry.report.promoted)
    ?.name;
}

type Candidate = RosterEntry & { report: Report };

/** Runners that were started together are not told apart by the moments of their last reports. */
function asOf(now: Instant, entry: Candidate): Candidate {
  return { ...entry, report: { ...entry.report, uptime: uptimeNow(entry, now) } };
}

/** Chooses a master among the runners. */
export function choose(situation: Situation): Choice {
  const { charter, roster } = situation;
  const rejections = charter.runners.filter((name) => roster.get(name) === undefined).map(unheard);
  const candidates: Candidate[] = [];
  for (const entry of roster.all()) {
    const against = rejection(entry, situation);
    if (against !== undefined) rejections.push(against);
    else if (entry.report !== undefined)
      candidates.push(asOf(situation.now, { ...entry, report: entry.report }));
  }
  const target = candidates.find((entry) => entry.name === charter.target);
  if (target !== undefined) {
    return { chosen: target, rule: 'target', reason: 'an administrator wants it', rejections };
  }
  const { preferred, held } = withoutRecentFailures(candidates, situation.options.promotionHold);
  return { ...prefer(preferred), rejections: [...rejections, ...held] };
}

function withoutRecentFailures(
  candidates: readonly Candidate[],
  promotionHold: Duration,
): { preferred: readonly Candidate[]; held: readonly Rejection[] } {
  const held: Rejection[] = [];
  const preferred = candidates.filter((entry) => {
    const reason = heldBack(entry.report, promotionHold);
    if (reason !== undefined) held.push({ runner: entry.name, rule: 'recently-failed', reason });
    return reason === undefined;
  });
  return preferred.length > 0 ? { preferred, held } : { preferred: candidates, held: [] };
}

function prefer(candidates: readonly Candidate[]): Omit<Choice, 'rejections'> {
  const [first, ...rest] = candidates;
  if (first === undefined)
    return { chosen: undefined, rule: 'nobody', reason: 'nobody is electable' };
  if (rest.length === 0)
    return { chosen: first, rule: 'only-one', reason: 'it is the only electable runner' };
  let left: readonly Candidate[] = candidates;
  for (const preference of PREFERENCES) {
    const best = left.reduce((a, b) => (preference.compare(b, a) > 0 ? b : a));
    const equals = left.filter((entry) => entry === best || preference.compare(entry, best) === 0);
    if (equals.length === 1) {
      return { chosen: best, rule: preference.name, reason: preference.reason(best.report) };
    }
    left = equals;
  }
  return { chosen: first, rule: 'greatest-name', reason: 'its name is the greatest' };
}

/** An electable runner in its place, and what put it there. */
export interface Place {
  readonly runner: string;
  readonly rule: string;
  readonly reason: string;
}

/** In which order the electable runners would be chosen. */
export function ranking(situation: Situation): readonly Place[] {
  const { charter, options } = situation;
  let left: readonly Candidate[] = situation.roster
    .all()
    .filter((entry): entry is Candidate => entry.report !== undefined)
    .filter((entry) => rejection(entry, situation) === undefined);
  const places: Place[] = [];
  let before: Candidate | undefined;
  while (left.length > 0) {
    const target = left.find(({ name }) => name === charter.target);
    const next =
      target ?? prefer(withoutRecentFailures(left, options.promotionHold).preferred).chosen;
    const found = left.find(({ name }) => name === next?.name);
    if (found === undefined) break;
    places.push(
      before === undefined ? firstPlace(situation) : laterPlace(found, before, situation),
    );
    before = found;
    left = left.filter((entry) => entry !== found);
  }
  return places;
}

function firstPlace(situation: Situation): Place {
  const { chosen, rule, reason } = choose(situation);
  return { runner: chosen?.name ?? '', rule, reason };
}

function laterPlace(entry: Candidate, before: Candidate, { charter, options }: Situation): Place {
  const runner = entry.name;
  if (before.name === charter.target) {
    return { runner, rule: 'target', reason: `an administrator wants ${before.name}` };
  }
  const held = heldBack(entry.report, options.promotionHold);
  const both = heldBack(before.report, options.promotionHold) !== undefined;
  if (held !== undefined && !both) return { runner, rule: 'recently-failed', reason: held };
  const preference = PREFERENCES.find(({ compare }) => compare(before, entry) !== 0);
  const why = preference?.behind(entry.report) ?? '';
  return { runner, rule: preference?.name ?? '', reason: `after ${before.name}: ${why}` };
}

/** How long ago a runner failed that is held back for it; undefined: none is. */
export function holdOf(
  entry: RosterEntry | undefined,
  promotionHold: Duration,
): Duration | undefined {
  if (entry?.report === undefined || heldBack(entry.report, promotionHold) === undefined) {
    return undefined;
  }
  return entry.report.sinceFailure;
}
