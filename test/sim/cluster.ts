// A whole simulated cluster: the hosts of a plan in one world, and the streams between them.
import { drawFlowControl, UNLIMITED } from './flow-control.ts';
import { Network } from './network.ts';
import type { Observer } from './observer.ts';
import { observeAll } from './observer.ts';
import { plainCodec, wireCodec } from './packet.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';
import { type AnyConnection, type HostKit, SimHost } from './sim-host.ts';
import { Membership } from './sim-membership.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimRunner } from './sim-runner.ts';
import type { World } from './world.ts';

/** When more streams than this are remembered, those that are over are forgotten. */
const CONNECTIONS_KEPT = 200;

export class Cluster {
  readonly plan: Plan;
  readonly world: World;
  readonly network: Network;
  readonly hosts: readonly SimHost[];
  readonly membership: Membership;
  readonly runners: readonly SimRunner[];
  readonly #kit: HostKit;
  /** Hosts beside those of the plan. */
  #twins: SimHost[] = [];
  #twinsAdded = 0;
  #connections: AnyConnection[] = [];

  constructor(plan: Plan, world: World, observers: readonly Observer[]) {
    const draw = (name: string) => new Random(plan.seed, name);
    this.plan = plan;
    this.world = world;
    this.network = new Network(world, plan.weather, draw('network'));
    const kit: HostKit = {
      plan,
      world,
      network: this.network,
      codec: plan.overWire ? wireCodec : plainCodec,
      flow: plan.overWire ? drawFlowControl(draw('flow control')) : UNLIMITED,
      observer: observeAll(observers),
      draw,
      electorNamed: (name) => this.electorNamed(name),
      keep: (connection) => this.#keep(connection),
      processEnded: (process) => this.#processEnded(process),
    };
    this.#kit = kit;
    this.hosts = plan.hosts.map((host) => new SimHost(kit, host));
    this.membership = new Membership(this.hosts.flatMap(({ elector }) => elector ?? []));
    this.runners = this.hosts.flatMap(({ runner }) => runner ?? []);
  }

  start(): void {
    for (const host of this.hosts) host.start();
  }

  /** Those that belong to the cluster. */
  get electors(): readonly SimElector[] {
    return this.membership.members;
  }

  electorNamed(name: string): SimElector {
    const found = this.membership.all.find((elector) => elector.name === name);
    if (found === undefined) throw new Error(`no elector is named ${name}`);
    return found;
  }

  /** A host beside those of the plan, whose runner goes by the name of another one. */
  addTwin({ goesBy }: SimRunner, rate: number): SimHost | undefined {
    const plan = this.plan.hosts.find(({ runner }) => runner?.name === goesBy);
    if (plan === undefined || this.#twins.some(({ runner }) => runner?.goesBy === goesBy)) {
      return undefined;
    }
    this.#twinsAdded += 1;
    const name = `${plan.name}-${this.#twinsAdded}`;
    const twin = new SimHost(
      this.#kit,
      { ...plan, name, rate, elector: undefined },
      `${goesBy}-${this.#twinsAdded}`,
    );
    this.#twins.push(twin);
    return twin;
  }

  removeTwin(twin: SimHost): void {
    this.#twins = this.#twins.filter((one) => one !== twin);
  }

  /** Whether any runner of a name runs. */
  runs(name: string): boolean {
    const twins = this.#twins.flatMap(({ runner }) => runner ?? []);
    return [...this.runners, ...twins].some(({ goesBy, alive }) => goesBy === name && alive);
  }

  /** Whether anything is promoted by a runner of that name, in truth. */
  promotes(name: string): boolean {
    const twins = this.#twins.flatMap(({ runner }) => runner ?? []);
    return [...this.runners, ...twins].some((one) => one.goesBy === name && one.scripts.promoted);
  }

  /** Streams that stand at either end. */
  get connections(): readonly AnyConnection[] {
    return this.#connections.filter(({ over }) => !over);
  }

  #keep(connection: AnyConnection): void {
    if (this.#connections.length > CONNECTIONS_KEPT) {
      this.#connections = this.#connections.filter(({ over }) => !over);
    }
    this.#connections.push(connection);
  }

  #processEnded(process: SimProcess): void {
    for (const connection of this.#connections) connection.processEnded(process);
  }

  get leaders(): readonly SimElector[] {
    return this.electors.filter(({ alive, leading }) => alive && leading);
  }

  /** The runner with something promoted, in truth. */
  get master(): SimRunner | undefined {
    return this.runners.find(({ scripts }) => scripts.promoted);
  }
}
