// One cluster of which a figure is taken: brought up, settled with the leader and the master in their
// places, and then left alone until a random moment.
import { judge } from './checkers/liveness.ts';
import { Cluster } from './cluster.ts';
import { drawSteadyPlan, type Preset } from './figures-plan.ts';
import { Witness } from './figures-witness.ts';
import { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimRunner } from './sim-runner.ts';
import { World } from './world.ts';

/** How long a new cluster may take to settle, in master leases. */
const SETTLING_LEASES = 6;

/** For how long it is left alone then, in master leases. */
const QUIET_LEASES_MIN = 1;
const QUIET_LEASES_MAX = 2;

/** How often a condition is looked at whose moment is noted elsewhere, in milliseconds. */
const LOOK_EVERY = 2;

/** Whether the leader and the master are on one host. */
export type Places = 'apart' | 'together';

export interface SteadyOptions {
  readonly seed: number;
  readonly preset: Preset;
  readonly places: Places;
  readonly traced: boolean;
}

/** A cluster at the moment at which something is to happen to it. */
export class SteadyCluster {
  readonly cluster: Cluster;
  readonly world: World;
  readonly witness: Witness;
  readonly random: Random;
  /** Who lead and who was master at that moment. */
  readonly leader: SimElector;
  readonly master: SimRunner;

  constructor({ seed, preset, places, traced }: SteadyOptions) {
    const random = new Random(seed, 'figures');
    const leads = random.whole(0, 2);
    const master = places === 'together' ? leads : (leads + random.whole(1, 2)) % 3;
    const plan = drawSteadyPlan(random, seed, preset, { leads, master });
    this.random = random;
    this.world = new World(traced);
    this.witness = new Witness(this.world);
    this.cluster = new Cluster(plan, this.world, [this.witness]);
    this.#boot(leads);
    this.until(SETTLING_LEASES, () => typeof judge(this.cluster) !== 'string');
    const { elector } = this.cluster.hosts[leads] ?? {};
    const { runner } = this.cluster.hosts[master] ?? {};
    const inPlace = elector?.leading === true && runner?.scripts.promoted === true;
    if (!inPlace) {
      const present = judge(this.cluster);
      const text = typeof present === 'string' ? present : JSON.stringify(present);
      throw new Error(`seed ${seed}: it did not settle as planned: ${text}`);
    }
    this.leader = elector;
    this.master = runner;
    const quiet = random.between(QUIET_LEASES_MIN, QUIET_LEASES_MAX);
    this.until(quiet, () => false);
  }

  /** The coming leader's host first: who abstains longer after its start is outrun. */
  #boot(leads: number): void {
    const { hosts, plan } = this.cluster;
    for (const [index, host] of hosts.entries()) {
      const delay = index === leads ? 0 : this.random.between(0, plan.times.heartbeat);
      this.world.after(delay, () => host.start());
    }
  }

  /** Runs until a condition holds, for so many master leases at the most. */
  until(leases: number, condition: () => boolean, lookEvery = LOOK_EVERY): void {
    const { world, cluster } = this;
    const last = world.now + leases * cluster.plan.times.masterLease;
    while (world.now < last && world.violation === undefined && !condition()) {
      world.run(Math.min(last, world.now + lookEvery));
    }
  }
}
