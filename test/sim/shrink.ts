// Finds a smaller schedule of faults that still breaks the same promise: fewer strikes and orders (delta
// debugging), less of the trouble that is there all the time, a shorter storm.
import { promiseOf } from './checkers/promises.ts';
import { countStrikes, type Excerpt, TROUBLES } from './excerpt.ts';
import type { Observer } from './observer.ts';
import { type Result, simulate } from './simulate.ts';
import type { World } from './world.ts';

/** How many runs a search may take. */
export const SHRINK_RUNS_MAX = 400;

/** How often a storm is made shorter: each time half of what can still be saved. */
const SHORTENINGS = 8;

/** What was found. */
export interface Shrunk {
  /** The whole run's violation; undefined: it breaks nothing, and there is nothing to shrink. */
  readonly violation: string | undefined;
  readonly excerpt: Excerpt;
  /** The strikes and orders that came before the violation, in the whole run. */
  readonly taken: readonly string[];
  /** Runs that the search took. */
  readonly runs: number;
}

export interface ShrinkOptions {
  /** What the search begins with; absent: the whole run. */
  readonly excerpt?: Excerpt;
  readonly alsoWatch?: (world: World) => Observer;
  readonly runsMax?: number;
}

/** Shrinks one seed. */
export function shrink(seed: number, options: ShrinkOptions = {}): Shrunk {
  return new Search(seed, options).result();
}

class Search {
  readonly #seed: number;
  readonly #options: ShrinkOptions;
  readonly #runsMax: number;
  readonly #whole: Result;
  #best: Excerpt;
  #runs = 0;

  constructor(seed: number, options: ShrinkOptions) {
    this.#seed = seed;
    this.#options = options;
    this.#runsMax = options.runsMax ?? SHRINK_RUNS_MAX;
    const { excerpt = {} } = options;
    this.#whole = this.#run(excerpt);
    this.#best = { ...excerpt, only: this.#whole.taken };
  }

  result(): Shrunk {
    const { violation, taken } = this.#whole;
    if (violation !== undefined) {
      this.#leaveOut();
      this.#calm();
      this.#shorten();
      // What was needed beside a trouble may not be needed without it.
      this.#leaveOut();
    }
    return { violation, excerpt: this.#best, taken, runs: this.#runs };
  }

  #run(excerpt: Excerpt): Result {
    this.#runs += 1;
    const { alsoWatch } = this.#options;
    return simulate(this.#seed, { traced: false, excerpt, ...(alsoWatch && { alsoWatch }) });
  }

  /** Takes a smaller excerpt if it breaks the same promise. */
  #try(excerpt: Excerpt): boolean {
    if (this.#runs >= this.#runsMax) return false;
    const { violation } = this.#run(excerpt);
    if (violation === undefined || nameOf(violation) !== nameOf(this.#whole.violation))
      return false;
    this.#best = excerpt;
    return true;
  }

  /** Leaves out ever smaller parts of what is left, down to single strikes (Zeller's ddmin). */
  #leaveOut(): void {
    let size = Math.ceil((this.#best.only?.length ?? 0) / 2);
    while (size >= 1 && this.#runs < this.#runsMax) {
      const before = this.#best.only?.length ?? 0;
      let at = 0;
      while (at < (this.#best.only?.length ?? 0) && this.#runs < this.#runsMax) {
        const only = this.#best.only?.toSpliced(at, size) ?? [];
        if (!this.#try({ ...this.#best, only })) at += size;
      }
      const after = this.#best.only?.length ?? 0;
      // At single ones it goes round until none can be spared.
      if (size > 1) size = Math.ceil(size / 2);
      else if (after === before) return;
    }
  }

  #calm(): void {
    for (const trouble of TROUBLES) {
      const without = this.#best.without ?? [];
      if (!without.includes(trouble)) this.#try({ ...this.#best, without: [...without, trouble] });
    }
  }

  /** Bisects for the shortest storm that will do. */
  #shorten(): void {
    let needed = 0;
    let enough = Math.ceil(this.#best.stormLasts ?? this.#whole.shape.stormLasts);
    for (let count = 0; count < SHORTENINGS && enough - needed > 1; count += 1) {
      const half = Math.floor((needed + enough) / 2);
      if (this.#try({ ...this.#best, stormLasts: half })) enough = half;
      else needed = half;
    }
  }
}

/** What is to stay the same: the promise, or the kind of breakdown. */
function nameOf(violation: string | undefined): string | undefined {
  return violation && (promiseOf(violation) ?? violation.split(':')[0]);
}

/** What a search found, for people. */
export function describeShrunk({ violation, excerpt, taken, runs }: Shrunk): readonly string[] {
  if (violation === undefined) return ['every promise is kept: there is nothing to shrink'];
  const { only = [] } = excerpt;
  const [strikes, orders] = [countStrikes(only), only.length - countStrikes(only)];
  const [strikesOfAll, ordersOfAll] = [countStrikes(taken), taken.length - countStrikes(taken)];
  const bound = runs >= SHRINK_RUNS_MAX ? ', which is the bound' : '';
  return [
    violation,
    `left: ${strikes} of ${strikesOfAll} strikes, ${orders} of ${ordersOfAll} orders, ` +
      `after ${runs} runs${bound}`,
  ];
}
