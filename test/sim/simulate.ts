// One run of one seed: a storm of faults over a cluster of production cores, then calm. Every promise is
// checked while it blows; then the cluster has to come back, and to stay as it is.
import { Administrator } from './administrator.ts';
import { AdoptionChecker } from './checkers/adoption-checker.ts';
import { CharterChecker } from './checkers/charter-checker.ts';
import { DurabilityChecker } from './checkers/durability-checker.ts';
import { LeaderChecker } from './checkers/leader-checker.ts';
import { LeaseEndChecker } from './checkers/lease-end-checker.ts';
import { judge, patience, watch } from './checkers/liveness.ts';
import { MasterChecker } from './checkers/master-checker.ts';
import { ScriptChecker } from './checkers/script-checker.ts';
import { Cluster } from './cluster.ts';
import { abridge, type Excerpt, Selection } from './excerpt.ts';
import { Faults } from './faults.ts';
import { type LoneFailover, LoneFailovers } from './lone-failovers.ts';
import type { Observer } from './observer.ts';
import { drawPlan, type Plan } from './plan.ts';
import { World } from './world.ts';

/** What came of a run. */
export interface Result {
  readonly seed: number;
  /** The first broken promise; undefined: none. */
  readonly violation: string | undefined;
  /** Simulated time, in milliseconds. */
  readonly simulated: number;
  readonly shape: Shape;
  /** The strikes and orders that came, in order of time: `3`, `o4`. */
  readonly taken: readonly string[];
  readonly strikes: number;
  /** Strikes that changed anything, and those of them that were aimed at the present leader or master. */
  readonly effective: number;
  readonly aimed: number;
  /** Messages that weather, cuts and stalls held up. */
  readonly disturbed: number;
  readonly failovers: number;
  readonly loneFailovers: readonly LoneFailover[];
  readonly terms: number;
  readonly orders: number;
  /** Readable; empty where the run was not traced. */
  readonly trace: readonly string[];
}

/** What kind of run it was. */
export interface Shape {
  readonly electors: number;
  readonly runners: number;
  readonly fast: boolean;
  /** Faults came as in a storm, not one by one. */
  readonly stormy: boolean;
  /** For how long they came. */
  readonly stormLasts: number;
}

export interface SimulateOptions {
  readonly traced: boolean;
  /** What of the run takes place; all of it where this is absent. */
  readonly excerpt?: Excerpt;
  /** Checkers beside the usual ones. */
  readonly alsoWatch?: (world: World) => Observer;
}

/** Runs one seed. */
export function simulate(seed: number, options: SimulateOptions): Result {
  const { traced, excerpt = {}, alsoWatch } = options;
  const plan = abridge(drawPlan(seed), excerpt);
  const world = new World(traced);
  const shape = shapeOf(plan);
  const leaders = new LeaderChecker(world, plan.times);
  const masters = new MasterChecker(world, plan.gentle);
  const leases = new LeaseEndChecker(world, plan.times.demoteGrace);
  const lone = new LoneFailovers(world);
  const observers: Observer[] = [
    leaders,
    masters,
    new CharterChecker(world),
    new DurabilityChecker(world),
    new ScriptChecker(world),
    leases,
    new AdoptionChecker(world, leases),
    lone,
  ];
  if (alsoWatch !== undefined) observers.push(alsoWatch(world));
  const cluster = new Cluster(plan, world, observers);
  const selection = new Selection(excerpt);
  const administrator = new Administrator(cluster, selection);
  const faults = new Faults({ cluster, selection, lone });
  sayPlan(plan, world);
  cluster.start();
  faults.begin();
  administrator.begin();
  world.run(plan.stormLasts);
  if (world.violation === undefined) {
    world.say('storm', 'is over');
    faults.end();
    administrator.putToWork();
    comeBack(cluster);
  }
  const { strikes, effective, aimed } = faults.damage;
  return {
    seed,
    violation: world.violation,
    simulated: world.now,
    shape,
    taken: selection.taken,
    strikes,
    effective,
    aimed,
    disturbed: world.disturbed,
    failovers: masters.failovers,
    loneFailovers: lone.measured,
    terms: leaders.terms,
    orders: administrator.answered,
    trace: world.lines,
  };
}

function shapeOf({ hosts, fast, gentle, lone, stormLasts }: Plan): Shape {
  return {
    electors: hosts.filter(({ elector }) => elector !== undefined).length,
    runners: hosts.filter(({ runner }) => runner !== undefined).length,
    fast,
    stormy: !gentle && lone !== true,
    stormLasts,
  };
}

function sayPlan(plan: Plan, world: World): void {
  const { hosts, weather, manners, fast, initialPromotion, overWire } = plan;
  const names = hosts.map(({ elector, runner, rate }) => {
    const voter = elector === undefined ? '' : `${elector.name}(${elector.priority}) `;
    return `${voter}${runner?.name ?? ''} x${rate.toFixed(4)}`;
  });
  world.say('plan', `${fast ? 'fast' : 'default'} times, ${names.join('; ')}`);
  world.say('plan', JSON.stringify({ weather, manners, initialPromotion, overWire }));
  world.say('plan', `${describeFaults(plan)}; for ${Math.round(plan.stormLasts)} ms`);
}

function describeFaults({ lone, gentle, faultEvery, faultKinds }: Plan): string {
  if (lone) return `nothing breaks but the master's host, when all is well`;
  if (gentle) return `one fault at a time of: ${faultKinds.join(', ')}`;
  return `a fault every ${faultEvery} ms of: ${faultKinds.join(', ')}`;
}

/** Liveness: within a bounded time all is well, and then it stays so. */
function comeBack(cluster: Cluster): void {
  const { world, plan } = cluster;
  const until = world.now + patience(plan);
  let since = world.now;
  let calm = judge(cluster);
  while (world.violation === undefined) {
    if (typeof calm !== 'string' && world.now >= since + watch(plan)) return;
    world.run(world.now + plan.times.heartbeat);
    const present = judge(cluster);
    if (world.now > until + watch(plan)) {
      const late = Math.round(world.now - until + patience(plan));
      const text = typeof present === 'string' ? present : 'it goes on changing';
      world.violate('a cluster comes back', `${late} ms after the last fault: ${text}`);
    }
    if (JSON.stringify(present) === JSON.stringify(calm)) continue;
    calm = present;
    since = world.now;
  }
}
