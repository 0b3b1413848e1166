// At most one promoted runner at any instant, observed at the simulated scripts; and epochs that rise from
// holder to holder (M2, M3).
import type { Action } from '../../../services/runner/src/core/input.ts';
import type { Observer } from '../observer.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { World } from '../world.ts';

export class MasterChecker implements Observer {
  readonly #world: World;
  /** No master may be disturbed in this run. */
  readonly #gentle: boolean;
  readonly #promoted = new Set<SimRunner>();
  #epoch = 0;
  #holder: string | undefined;
  #masterLost: number | undefined;
  /** How often another runner, or the same one anew, was promoted after the first one. */
  failovers = 0;
  /** The longest time without anything promoted between two epochs. */
  longestGap = 0;

  constructor(world: World, gentle: boolean) {
    this.#world = world;
    this.#gentle = gentle;
  }

  get epoch(): number {
    return this.#epoch;
  }

  scriptBegins(runner: SimRunner, service: string, action: Action, epoch: number): void {
    if (action !== 'promote') return;
    const rival = [...this.#promoted].find((one) => one !== runner && one.scripts.promoted);
    if (rival !== undefined) {
      const text = `${runner.name} promotes ${service} under epoch ${epoch} while ${rival.name} is promoted`;
      this.#world.violate('at most one promoted runner', text);
    }
    if (epoch < this.#epoch || (epoch === this.#epoch && this.#holder !== runner.name)) {
      const text = `${runner.name} promotes under epoch ${epoch} after ${this.#holder} under ${this.#epoch}`;
      this.#world.violate('epochs of different holders rise', text);
    }
    if (epoch > this.#epoch) {
      if (this.#gentle && this.#epoch > 0) {
        const text = `${this.#holder} under epoch ${this.#epoch} gave way to ${runner.name}`;
        this.#world.violate('a change of leader disturbs no master', text);
      }
      if (this.#epoch > 0) this.failovers += 1;
      this.#epoch = epoch;
      this.#holder = runner.name;
    }
  }

  promotionChanged(runner: SimRunner): void {
    const before = this.#promoted.size;
    if (runner.scripts.promoted) this.#promoted.add(runner);
    else this.#promoted.delete(runner);
    const { now } = this.#world;
    if (before > 0 && this.#promoted.size === 0) this.#masterLost = now;
    if (before > 0 || this.#promoted.size === 0 || this.#masterLost === undefined) return;
    this.longestGap = Math.max(this.longestGap, now - this.#masterLost);
    this.#masterLost = undefined;
  }
}
