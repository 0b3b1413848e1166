// One host: a clock, and an elector, a runner or both on it. They die together when it does.
import type { Connection, Station } from './connection.ts';
import type { FlowControl } from './flow-control.ts';
import type { Network } from './network.ts';
import { NodeClock } from './node-clock.ts';
import type { Observer } from './observer.ts';
import type { Codec } from './packet.ts';
import type { HostPlan, Plan } from './plan.ts';
import type { Random } from './random.ts';
import { SimElector } from './sim-elector.ts';
import type { SimProcess } from './sim-process.ts';
import { SimRunner } from './sim-runner.ts';
import type { World } from './world.ts';

/** A stream whose contents do not matter: to be broken, stalled or told of a process's end. */
export type AnyConnection = Pick<
  Connection<unknown, unknown>,
  'client' | 'server' | 'snap' | 'stall' | 'processEnded' | 'over'
>;

/** What hosts are made with. */
export interface HostKit {
  readonly plan: Plan;
  readonly world: World;
  readonly network: Network;
  readonly codec: Codec;
  readonly flow: FlowControl;
  readonly observer: Required<Observer>;
  readonly draw: (name: string) => Random;
  readonly electorNamed: (name: string) => SimElector;
  readonly keep: (connection: AnyConnection) => void;
  readonly processEnded: (process: SimProcess) => void;
}

export class SimHost implements Station {
  readonly name: string;
  readonly clock: NodeClock;
  readonly elector: SimElector | undefined;
  readonly runner: SimRunner | undefined;
  readonly #kit: HostKit;
  readonly #random: Random;
  #up = true;
  /** Counts its boots: nothing under /run outlives one. */
  #life = 0;
  /** What is to be done once the host is no longer suspended; undefined: it is not. */
  #awaited: (() => void)[] | undefined;

  /** `runnerName`: what the simulation calls its runner, where that is not its own name. */
  constructor(kit: HostKit, plan: HostPlan, runnerName?: string) {
    this.name = plan.name;
    this.clock = new NodeClock(kit.world, plan.rate, plan.zero);
    this.#kit = kit;
    this.#random = kit.draw(plan.name);
    const { elector, runner } = plan;
    this.elector = elector && new SimElector(this, kit, elector.name);
    this.runner = runner && new SimRunner(this, kit, runner, runnerName);
  }

  get life(): number {
    return this.#life;
  }

  get up(): boolean {
    return this.#up;
  }

  start(): void {
    this.elector?.start();
    this.runner?.start();
  }

  /** Suspended to memory: the daemons stand still, and the clock counts on (P10). */
  suspend(felt: () => void): void {
    if (!this.#up || this.suspended) return;
    this.#awaited = [];
    const { elector, runner } = this;
    const processes = [elector?.process, runner?.process, runner?.deadman.process];
    for (const process of processes) process?.pause(felt);
    this.whenAwake(() => {
      for (const process of processes) process?.resume();
    });
    this.#kit.world.say(this.name, 'is suspended');
  }

  get suspended(): boolean {
    return this.#awaited !== undefined;
  }

  resume(): void {
    const awaited = this.#awaited;
    if (awaited === undefined) return;
    this.#awaited = undefined;
    this.#kit.world.say(this.name, 'wakes up');
    for (const run of awaited) run();
  }

  /** Calls back when nothing on this host is suspended: at once, later, or never where it dies. */
  whenAwake(run: () => void): void {
    if (this.#awaited === undefined) run();
    else this.#awaited.push(run);
  }

  /** The power is cut: nothing is said to anybody. */
  crash(): void {
    this.#up = false;
    this.#awaited = undefined;
    this.elector?.crash();
    this.runner?.hostDies();
    this.#kit.world.say(this.name, 'is down');
  }

  /** It boots, with a clock that knows nothing of the one before. */
  boot(): void {
    if (this.#up) return;
    this.#up = true;
    this.#life += 1;
    this.clock.boot(this.#random.between(1_000, 100_000));
    this.#kit.world.say(this.name, 'boots');
    this.start();
  }
}
