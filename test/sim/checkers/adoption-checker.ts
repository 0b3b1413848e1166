// What two processes that share a host's services owe each other (M4, M6): one that begins disturbs nothing
// before a leader was heard, but what the end of a lease demands; none runs beside a deadman that acts; one
// that was told to detach touches nothing; what runs is found and not started again.
import type { Assignment } from '../../../services/runner/src/core/assignment.ts';
import type { Action } from '../../../services/runner/src/core/input.ts';
import type { Deed } from '../fatal-deed.ts';
import type { Observer, ScriptOwner } from '../observer.ts';
import type { SimProcess } from '../sim-process.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { World } from '../world.ts';
import type { LeaseEndChecker } from './lease-end-checker.ts';

/** What takes a service down, with what is run because it does not go. */
const FALLS: readonly Action[] = ['demote', 'failed', 'stop'];

/** Where a process dies just before one of these, its record says that something goes down. */
const FATAL: readonly Deed[] = [...FALLS, 'kill', 'claim'];

type Leases = Pick<LeaseEndChecker, 'isOver' | 'maintenanceSince'>;

/** One process of a runner. */
interface Life {
  readonly process: SimProcess | undefined;
  /** An assignment for it has come: it acts on that from here on. */
  heard: boolean;
  told: 'stop' | 'detach' | undefined;
}

export class AdoptionChecker implements Observer {
  readonly #world: World;
  readonly #leases: Leases;
  readonly #lives = new Map<SimRunner, Life>();
  /** Runners where something goes down, whichever process began it. */
  readonly #falling = new Set<SimRunner>();

  constructor(world: World, leases: Leases) {
    this.#world = world;
    this.#leases = leases;
  }

  runnerStarted(runner: SimRunner): void {
    this.#lives.set(runner, { process: runner.process, heard: false, told: undefined });
    // It was recorded, and not begun any more.
    if (runner.diedBefore !== undefined && FATAL.includes(runner.diedBefore)) {
      this.#falling.add(runner);
    }
  }

  runnerHears(runner: SimRunner, { session }: Assignment): void {
    const life = this.#lives.get(runner);
    if (life !== undefined && session === runner.session) life.heard = true;
  }

  runnerTold(runner: SimRunner, order: 'stop' | 'detach'): void {
    const life = this.#lives.get(runner);
    if (life !== undefined) life.told = order;
    if (order === 'stop') this.#falling.add(runner);
  }

  scriptBegins(
    runner: SimRunner,
    service: string,
    action: Action,
    _epoch: number,
    by: ScriptOwner,
  ): void {
    const key = `${runner.name}/${service}`;
    if (by === 'runner') {
      this.#checkTouch(runner, `${key} runs ${action}`);
      this.#checkUnheard(runner, key, action);
      if (action === 'start' && runner.scripts.standing(service).works) {
        this.#world.violate('what runs is not started again', `${key} is started`);
      }
    } else if (this.#actsInMaintenance(runner)) {
      const text = `the deadman of ${runner.name} runs ${action} of ${service}`;
      this.#world.violate('in maintenance no script runs', text);
    }
    if (action === 'demote' || action === 'stop') this.#falling.add(runner);
    if (action === 'promote') this.#falling.delete(runner);
  }

  scriptDisturbed(runner: SimRunner, service: string, how: 'cut short' | 'killed'): void {
    const key = `${runner.name}/${service}`;
    this.#checkTouch(runner, `${key} is ${how}`);
    if (how === 'killed' && this.#unheard(runner) && !this.#mayFall(runner)) {
      this.#disturbs(`${key} is killed`);
    }
    if (how === 'killed') this.#falling.add(runner);
  }

  /** Its lease is over, or an earlier process has begun to take it down. */
  #mayFall(runner: SimRunner): boolean {
    return this.#leases.isOver(runner) || this.#falling.has(runner);
  }

  /** M8: what it has begun before, it finishes. */
  #actsInMaintenance(runner: SimRunner): boolean {
    const since = this.#leases.maintenanceSince(runner);
    return since !== undefined && (runner.deadman.actingSince ?? 0) > since;
  }

  #unheard(runner: SimRunner): boolean {
    const life = this.#lives.get(runner);
    return life?.process === runner.process && !life?.heard && life?.told !== 'stop';
  }

  #checkUnheard(runner: SimRunner, key: string, action: Action): void {
    if (!this.#unheard(runner)) return;
    if (FALLS.includes(action) && this.#mayFall(runner)) return;
    this.#disturbs(`${key} runs ${action}`);
  }

  #disturbs(text: string): void {
    const why = `${text}, and nothing demands it`;
    this.#world.violate('a process that has heard no leader disturbs nothing', why);
  }

  #checkTouch(runner: SimRunner, text: string): void {
    if (runner.deadman.acting) {
      this.#world.violate('nothing runs beside a deadman that acts', text);
    }
    if (this.#lives.get(runner)?.told === 'detach') {
      this.#world.violate('who was told to detach touches nothing', text);
    }
  }
}
