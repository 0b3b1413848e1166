// Who serves, in true time: a runner does from the end of its last promote script until the first of its
// services is demoted, stopped, killed or gone with its host. The gap is the time in which nobody does.
import type { Action } from '../../../services/runner/src/core/input.ts';
import type { Observer } from '../observer.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { World } from '../world.ts';

export class ServingWatch implements Observer {
  readonly #world: World;
  /** What of each runner is promoted, by scripts that have succeeded. */
  readonly #promoted = new Map<SimRunner, Set<string>>();
  readonly #serving = new Set<SimRunner>();
  #lostAt: number | undefined;
  #longest = 0;

  constructor(world: World) {
    this.#world = world;
  }

  serves(runner: SimRunner): boolean {
    return this.#serving.has(runner);
  }

  /** The longest time so far in which nobody served, the present one included, the first start not. */
  get gap(): number {
    const present = this.#lostAt === undefined ? 0 : this.#world.now - this.#lostAt;
    return Math.max(this.#longest, present);
  }

  #of(runner: SimRunner): Set<string> {
    const known = this.#promoted.get(runner) ?? new Set();
    this.#promoted.set(runner, known);
    return known;
  }

  scriptBegins(runner: SimRunner, service: string, action: Action): void {
    if (action !== 'demote' && action !== 'stop') return;
    this.#of(runner).delete(service);
    this.#judge(runner);
  }

  scriptEnded(runner: SimRunner, service: string, action: Action, succeeded: boolean): void {
    if (action !== 'promote' || !succeeded) return;
    this.#of(runner).add(service);
    this.#judge(runner);
  }

  promotionChanged(runner: SimRunner): void {
    if (!runner.scripts.promotedFully(runner.services.map(({ name }) => name))) {
      for (const { name } of runner.services) {
        if (!runner.scripts.promotedFully([name])) this.#of(runner).delete(name);
      }
    }
    this.#judge(runner);
  }

  #judge(runner: SimRunner): void {
    const serves = runner.services.every(({ name }) => this.#of(runner).has(name));
    if (serves === this.#serving.has(runner)) return;
    if (serves) this.#serving.add(runner);
    else this.#serving.delete(runner);
    const { now } = this.#world;
    if (this.#serving.size === 0) this.#lostAt ??= now;
    else if (this.#lostAt !== undefined) {
      this.#longest = Math.max(this.#longest, now - this.#lostAt);
      this.#lostAt = undefined;
    }
  }
}
