// Watches one master's lease from outside: how much of it was left, at the least, when a renewal came.
import type { Duration } from '@koi/lib/time';
import type { SimRunner } from './sim-runner.ts';

/** How often the lease is to be looked at, in milliseconds of true time: the error of what is found. */
export const LEASE_LOOK_EVERY = 0.25;

/** A lease whose end moves on by more than this was renewed. */
const RENEWAL_MIN = 2;

/** A runner, as far as its lease is concerned. */
export type Leased = {
  readonly core: Pick<NonNullable<SimRunner['core']>, 'leaseLeft'> | undefined;
  readonly host: { readonly clock: Pick<SimRunner['host']['clock'], 'now'> };
};

export class LeaseWatch {
  readonly #runner: Leased;
  #shown: Duration | undefined;
  #end: number | undefined;
  #least: Duration = Number.POSITIVE_INFINITY;
  #renewals = 0;

  constructor(runner: Leased) {
    this.#runner = runner;
  }

  /** The least that was left when a renewal came, by the runner's own clock. */
  get least(): Duration {
    return this.#least;
  }

  /** How often it was renewed. */
  get renewals(): number {
    return this.#renewals;
  }

  /** To be called every `LEASE_LOOK_EVERY`. */
  look(): void {
    const left = this.#runner.core?.leaseLeft;
    // The core shows what was left at its last step: only a new value says anything about now.
    if (left === undefined || left === this.#shown) return;
    this.#shown = left;
    const now = this.#runner.host.clock.now();
    const end = now + left;
    if (this.#end === undefined || end <= this.#end + RENEWAL_MIN) {
      this.#end = Math.min(end, this.#end ?? end);
      return;
    }
    this.#renewals += 1;
    this.#least = Math.min(this.#least, this.#end - now);
    this.#end = end;
  }
}
