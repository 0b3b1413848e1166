// A whole simulated cluster: the hosts of a plan in one world, and the streams between them.
import { Network } from './network.ts';
import type { Observer } from './observer.ts';
import { observeAll } from './observer.ts';
import { plainCodec, wireCodec } from './packet.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';
import { type AnyConnection, type HostKit, SimHost } from './sim-host.ts';
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
  readonly electors: readonly SimElector[];
  readonly runners: readonly SimRunner[];
  #connections: AnyConnection[] = [];

  constructor(plan: Plan, world: World, observers: readonly Observer[]) {
    const draw = (name: string) => new Random(plan.seed, name);
    this.plan = plan;
    this.world = world;
    this.network = new Network(world, plan.weather, draw('network'));
    // A heartbeat that comes long after its stream was closed binds its granter to nobody's use.
    if (plan.gentle) this.network.unsentLost = 1;
    const kit: HostKit = {
      plan,
      world,
      network: this.network,
      codec: plan.overWire ? wireCodec : plainCodec,
      observer: observeAll(observers),
      draw,
      electorNamed: (name) => this.electorNamed(name),
      keep: (connection) => this.#keep(connection),
      processEnded: (process) => this.#processEnded(process),
    };
    this.hosts = plan.hosts.map((host) => new SimHost(kit, host));
    this.electors = this.hosts.flatMap(({ elector }) => elector ?? []);
    this.runners = this.hosts.flatMap(({ runner }) => runner ?? []);
  }

  start(): void {
    for (const host of this.hosts) host.start();
  }

  electorNamed(name: string): SimElector {
    const found = this.electors.find((elector) => elector.name === name);
    if (found === undefined) throw new Error(`no elector is named ${name}`);
    return found;
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
