// Scripts keep to the rules at every instant: none in maintenance but what ends a demotion that has begun
// (M8), one at a time for a service, up from low priority to high and down from high to low.
import type { Action } from '../../../services/runner/src/core/input.ts';
import type { Observer, ScriptOwner } from '../observer.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { World } from '../world.ts';

/** What takes a service down, with what is run because it does not go. */
const FALLS: readonly Action[] = ['demote', 'failed', 'stop'];

type Reached = 'down' | 'started' | 'promoted';

export class ScriptChecker implements Observer {
  readonly #world: World;
  readonly #reached = new Map<string, Reached>();
  readonly #running = new Map<string, Action>();
  /** What is on its way down since it was promoted last: that is finished. */
  readonly #falling = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  scriptBegins(
    runner: SimRunner,
    service: string,
    action: Action,
    _epoch: number,
    by: ScriptOwner,
  ): void {
    const key = `${runner.name}/${service}`;
    if (action === 'promote') this.#falling.delete(key);
    const falls = action === 'demote' || (FALLS.includes(action) && this.#falling.has(key));
    if (FALLS.includes(action)) this.#falling.add(key);
    // What a deadman that acts finds at its beginning, it finishes.
    if (runner.maintenance && !falls && by === 'runner') {
      this.#world.violate('in maintenance no script runs', `${key} runs ${action}`);
    }
    const before = this.#running.get(key);
    if (before !== undefined) {
      this.#world.violate('one script at a time', `${key} runs ${action} beside ${before}`);
    }
    this.#running.set(key, action);
    if (action === 'start' || action === 'promote') this.#checkRise(runner, service, action);
    if (action === 'demote' || action === 'stop') this.#checkFall(runner, service, action);
  }

  #checkRise(runner: SimRunner, service: string, action: 'start' | 'promote'): void {
    const own = runner.services.find(({ name }) => name === service)?.priority;
    if (own === undefined) return;
    for (const { name, priority } of runner.services) {
      if (priority === undefined || priority >= own) continue;
      const reached = this.#reached.get(`${runner.name}/${name}`) ?? 'down';
      if (reached === 'promoted' || (action === 'start' && reached === 'started')) continue;
      const text = `${runner.name}/${service} runs ${action} while ${name} is ${reached}`;
      this.#world.violate('priorities are honoured', text);
    }
  }

  /** Whatever is higher is down, in truth, or about to be killed: a SIGKILL asks for no order. */
  #checkFall(runner: SimRunner, service: string, action: 'demote' | 'stop'): void {
    const own = runner.services.find(({ name }) => name === service)?.priority;
    if (own === undefined || runner.deadman.killing) return;
    for (const { name, priority } of runner.services) {
      if (priority === undefined || priority <= own) continue;
      const { up, promoted, dying } = runner.scripts.standing(name);
      const starting = this.#running.get(`${runner.name}/${name}`) === 'start';
      const stands = action === 'demote' ? promoted : up || starting;
      if (!stands || dying) continue;
      const what = promoted ? 'promoted' : 'up';
      const text = `${runner.name}/${service} runs ${action} while ${name} is still ${what}`;
      this.#world.violate('priorities are honoured', text);
    }
  }

  scriptDisturbed(runner: SimRunner, service: string, how: 'cut short' | 'killed'): void {
    if (how === 'killed') this.#falling.add(`${runner.name}/${service}`);
  }

  scriptEnded(runner: SimRunner, service: string, action: Action, succeeded: boolean): void {
    const key = `${runner.name}/${service}`;
    this.#running.delete(key);
    // M8: in maintenance nothing that rises can fail.
    const rises = succeeded || runner.maintenance;
    if (action === 'start' && rises) this.#reached.set(key, 'started');
    if (action === 'promote' && rises) this.#reached.set(key, 'promoted');
    if (action === 'demote' && this.#reached.get(key) === 'promoted') {
      this.#reached.set(key, 'started');
    }
    if (action === 'stop') this.#reached.set(key, 'down');
  }

  promotionChanged(runner: SimRunner): void {
    if (runner.host.up) return;
    for (const { name } of runner.services) {
      this.#reached.delete(`${runner.name}/${name}`);
      this.#running.delete(`${runner.name}/${name}`);
    }
  }
}
