// A part of a run: some of its strikes and orders, without some of the trouble that is there all the time,
// for a shorter storm. What is left draws the same chances as in the whole run.
import type { Plan } from './plan.ts';

/** Trouble that no strike makes: it can be switched off by name. */
export const TROUBLES = [
  'loss',
  'jitter',
  'slow-scripts',
  'hanging-scripts',
  'failing-scripts',
  'deaf-scripts',
  'slow-disks',
  'clock-rates',
] as const;

export type Trouble = (typeof TROUBLES)[number];

/** What of a run takes place. An absent field: as in the whole run. */
export interface Excerpt {
  /** Strikes by their number, orders by theirs with an o: `3`, `o4`. */
  readonly only?: readonly string[];
  readonly without?: readonly Trouble[];
  /** For how long faults go on, in milliseconds. */
  readonly stormLasts?: number;
}

/** The longest write of a disk that is not slow. */
const QUICK_WRITE = 0.3;

const CALMED: Readonly<Record<Trouble, (plan: Plan) => Partial<Plan>>> = {
  loss: ({ weather }) => ({ weather: { ...weather, loss: 0 } }),
  jitter: ({ weather }) => ({ weather: { ...weather, jitter: 0 } }),
  'slow-scripts': ({ manners }) => ({ manners: { ...manners, slow: 0 } }),
  'hanging-scripts': ({ manners }) => ({ manners: { ...manners, hangs: 0 } }),
  'failing-scripts': ({ manners }) => ({ manners: { ...manners, fails: 0 } }),
  'deaf-scripts': ({ manners }) => ({ manners: { ...manners, ignoresTerm: 0 } }),
  'slow-disks': ({ diskSlow }) => ({ diskSlow: Math.min(diskSlow, QUICK_WRITE) }),
  'clock-rates': ({ hosts }) => ({ hosts: hosts.map((host) => ({ ...host, rate: 1 })) }),
};

/** How many of a list are strikes; the others are orders. */
export function countStrikes(ids: readonly string[]): number {
  return ids.filter((id) => !id.startsWith('o')).length;
}

/** The plan of an excerpt. */
export function abridge(plan: Plan, { without = [], stormLasts }: Excerpt): Plan {
  let calmer = plan;
  for (const trouble of without) calmer = { ...calmer, ...CALMED[trouble](calmer) };
  return { ...calmer, stormLasts: stormLasts ?? plan.stormLasts };
}

/** Lets the strikes and orders of an excerpt pass, and remembers those that came. */
export class Selection {
  readonly #only: ReadonlySet<string> | undefined;
  /** The strikes and orders that came, in order of time. */
  readonly taken: string[] = [];

  constructor({ only }: Excerpt) {
    this.#only = only && new Set(only);
  }

  /** Whether a strike or order takes place. */
  admits(id: string): boolean {
    if (this.#only?.has(id) === false) return false;
    this.taken.push(id);
    return true;
  }
}
