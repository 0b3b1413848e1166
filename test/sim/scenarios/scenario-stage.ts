// The stage of one story: its cluster with all checkers on, and what happens there, told to the trace, to
// the commands and to the promises. Time passes in small steps, so that a story can stop in between.
import { AdoptionChecker } from '../checkers/adoption-checker.ts';
import { CharterChecker } from '../checkers/charter-checker.ts';
import { DurabilityChecker } from '../checkers/durability-checker.ts';
import { LeaderChecker } from '../checkers/leader-checker.ts';
import { LeaseEndChecker } from '../checkers/lease-end-checker.ts';
import { MasterChecker } from '../checkers/master-checker.ts';
import { ScriptChecker } from '../checkers/script-checker.ts';
import { Cluster } from '../cluster.ts';
import type { Observer } from '../observer.ts';
import type { Outcome, SimElector } from '../sim-elector.ts';
import type { SimHost } from '../sim-host.ts';
import type { SimRunner } from '../sim-runner.ts';
import { Chronicle } from './chronicle.ts';
import { LeaseWatch } from './lease-watch.ts';
import type { ScenarioPlan } from './scenario-plan.ts';
import { ScenarioWorld } from './scenario-world.ts';
import { ServingWatch } from './serving-watch.ts';

/** How often promises look at the cluster, in milliseconds. */
const LOOK_EVERY = 1;

/** How soon after what it waits for a story goes on, in milliseconds: less than any message takes. */
const STOP_WITHIN = 0.1;

/** What looks at the cluster again and again; also told of everything that observers are. */
export interface Spectator extends Observer {
  look?(): void;
}

export class ScenarioStage {
  readonly chronicle = new Chronicle();
  readonly world: ScenarioWorld;
  readonly cluster: Cluster;
  readonly charters: CharterChecker;
  readonly leaders: LeaderChecker;
  readonly masters: MasterChecker;
  readonly serving: ServingWatch;
  readonly leases: LeaseWatch;
  readonly #spectators: Spectator[] = [];
  /** What became of each order; undefined: nothing yet. */
  readonly orders: { readonly text: string; outcome: Outcome | undefined }[] = [];
  #lookAt = 0;

  constructor({ plan, unsentArrives }: ScenarioPlan) {
    const world = new ScenarioWorld((who, text) => this.chronicle.hear(who, text));
    this.world = world;
    this.charters = new CharterChecker(world);
    this.leaders = new LeaderChecker(world, plan.times);
    this.masters = new MasterChecker(world, false);
    this.serving = new ServingWatch(world);
    const leases = new LeaseEndChecker(world, plan.times.demoteGrace);
    const observers: Observer[] = [
      this.leaders,
      this.masters,
      this.charters,
      new DurabilityChecker(world),
      new ScriptChecker(world),
      leases,
      new AdoptionChecker(world, leases),
      this.serving,
      this.chronicle,
    ];
    this.cluster = new Cluster(plan, world, [...observers, this.#toSpectators()]);
    this.cluster.network.unsentLost = unsentArrives ? 0 : 1;
    this.leases = new LeaseWatch(this.cluster, this.chronicle);
    this.chronicle.open(world, this.charters);
  }

  /** What promises want to be told, whichever they are. */
  #toSpectators(): Observer {
    const all = this.#spectators;
    return {
      electorStepped: (...told) => {
        for (const one of all) one.electorStepped?.(...told);
      },
      fenced: (...told) => {
        for (const one of all) one.fenced?.(...told);
      },
      scriptBegins: (...told) => {
        for (const one of all) one.scriptBegins?.(...told);
      },
      scriptEnded: (...told) => {
        for (const one of all) one.scriptEnded?.(...told);
      },
      promotionChanged: (...told) => {
        for (const one of all) one.promotionChanged?.(...told);
      },
    };
  }

  /** From now on somebody watches. */
  admit(spectator: Spectator): void {
    this.#spectators.push(spectator);
  }

  host(name: string): SimHost | undefined {
    return this.cluster.hosts.find((host) => host.name === name);
  }

  elector(name: string): SimElector | undefined {
    return this.cluster.electors.find((elector) => elector.name === name);
  }

  runner(name: string): SimRunner | undefined {
    return this.cluster.runners.find((runner) => runner.name === name);
  }

  /** The elector that holds a valid lease. */
  get leader(): SimElector | undefined {
    return this.cluster.electors.find((elector) => this.leaders.valid(elector));
  }

  /** Lets time pass. */
  run(duration: number): void {
    this.#runTo(this.world.now + duration);
  }

  /** Lets time pass until something is so, for so long at the most. Returns whether it came. */
  runUntil(holds: () => boolean, patience: number): boolean {
    const until = this.world.now + patience;
    while (!holds()) {
      if (this.world.violation !== undefined || this.world.now >= until) return false;
      this.#runTo(Math.min(until, this.world.now + STOP_WITHIN));
    }
    return true;
  }

  #runTo(moment: number): void {
    const { world } = this;
    while (world.violation === undefined && world.now < moment) {
      world.run(Math.min(moment, this.#lookAt));
      if (world.now < this.#lookAt) continue;
      this.#lookAt = world.now + LOOK_EVERY;
      this.leases.look();
      for (const one of this.#spectators) one.look?.();
    }
  }
}
