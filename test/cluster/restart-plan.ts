// What a trial of restarts does, drawn from one seed: whom each kill hits, inside what, and how long the
// runner stays dead. The shares are exact, only order and moments are chance.
import type { Duration } from '@koi/lib/time';
import { Random } from '../sim/random.ts';

/** The services of a trial, in the order in which they start and are promoted. */
export const trialServices = ['store', 'daemon'] as const;
export type TrialService = (typeof trialServices)[number];

/** What a kill can fall into. */
export type TrialAction = 'start' | 'promote' | 'demote';

/** A script that is under way when the runner is killed. */
export interface Inside {
  readonly service: TrialService;
  readonly action: TrialAction;
}

/** One kill of one koi-runner. Moments that only the run itself can fix are shares, from 0 to 1. */
export interface PlannedKill {
  /** The runner that is, or is about to be, master; else one that stands by. */
  readonly master: boolean;
  /** Left dead for longer than its lease lasts. */
  readonly past: boolean;
  /** Undefined: no script but `status` is under way. */
  readonly inside: Inside | undefined;
  /** How long each script takes in this round. */
  readonly scripts: Readonly<Record<TrialService, Readonly<Record<TrialAction, Duration>>>>;
  /** When it comes: a share of the script's time, or of `phaseMax` after everything was quiet. */
  readonly moment: number;
  /** When it is started again: a share of what its lease leaves, or after that of `deadMax`. */
  readonly dead: number;
  /** Which of several hosts. */
  readonly host: number;
}

/** A kill that falls inside no script comes so long after everything was quiet, at the latest. */
export const phaseMax: Duration = 150;

/** A runner that outlasts its lease dead is started again so long after that, at the latest. */
export const deadMax: Duration = 1_000;

/** Half of the kills hit the master, a third outlast the lease, a fifth fall inside a script. */
export function drawPlan(seed: number, kills: number): readonly PlannedKill[] {
  const random = new Random(seed, 'restarts');
  const half = Math.ceil(kills / 2);
  const plan = Array.from({ length: kills }, (_, index) => {
    const master = index < half;
    const place = master ? index : index - half;
    return drawKill(random, master, place);
  });
  return shuffled(plan, random);
}

// The remainders of 3 and 5 meet in all combinations.
function drawKill(random: Random, master: boolean, place: number): PlannedKill {
  const past = place % 3 === 0;
  const inside = place % 5 === 0 ? drawInside(random, master, place / 5) : undefined;
  const scripts = {
    store: drawTimes(random, inside, 'store'),
    daemon: drawTimes(random, inside, 'daemon'),
  };
  const [moment, dead, host] = [random.next(), random.next(), random.next()];
  return { master, past, inside, scripts, moment, dead, host };
}

function drawInside(random: Random, master: boolean, place: number): Inside {
  const service = random.oneOf<TrialService>(...trialServices);
  if (!master) return { service, action: 'start' };
  return { service, action: place % 2 === 0 ? 'promote' : 'demote' };
}

/** Long where a kill has to fall into it; a demote never so long that a lost lease would end it. */
function drawTimes(random: Random, inside: Inside | undefined, service: TrialService) {
  const time = (action: TrialAction, least: Duration, most: Duration): Duration =>
    inside?.service === service && inside.action === action
      ? random.whole(least, most)
      : random.whole(0, 40);
  return {
    start: time('start', 150, 400),
    promote: time('promote', 150, 400),
    demote: time('demote', 120, 200),
  };
}

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  return list
    .map((item) => ({ item, key: random.next() }))
    .toSorted((one, other) => one.key - other.key)
    .map(({ item }) => item);
}
