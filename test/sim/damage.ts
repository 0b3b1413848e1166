// What the strikes of one storm share: what is broken at the moment and what mends it, and how many of
// them have come to anything.
import type { World } from './world.ts';

export class Damage {
  readonly #world: World;
  /** What mends each fault that still lasts. */
  readonly #mends = new Set<() => void>();
  #over = false;
  #brokenUntil = 0;
  /** Strikes that came. */
  strikes = 0;
  /** Strikes that changed a delivery, a life, a write, a script or the reading of a clock. */
  effective = 0;
  /** Effective ones that were aimed at the present leader or master. */
  aimed = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Since when nothing is broken; now, where something is. */
  get quietSince(): number {
    return this.#mends.size > 0 ? this.#world.now : this.#brokenUntil;
  }

  /** Something is broken until it is mended, by time or by the end of the storm. */
  until(delay: number, mend: () => void): void {
    const once = () => {
      if (!this.#mends.delete(once)) return;
      callOff();
      this.#brokenUntil = this.#world.now;
      mend();
    };
    this.#mends.add(once);
    const callOff = this.#world.after(this.#over ? 0 : delay, once);
  }

  /** The storm is over: mends all that is broken. */
  end(): void {
    this.#over = true;
    for (const mend of [...this.#mends]) mend();
  }
}
