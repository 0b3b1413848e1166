// One run of one seed: a storm of faults over a cluster of production cores, then calm. Every promise is
// checked while it blows; then the cluster has to come back, and to stay as it is.
import { Administrator } from './administrator.ts';
import { CharterChecker } from './checkers/charter-checker.ts';
import { DurabilityChecker } from './checkers/durability-checker.ts';
import { LeaderChecker } from './checkers/leader-checker.ts';
import { judge, patience, watch } from './checkers/liveness.ts';
import { MasterChecker } from './checkers/master-checker.ts';
import { ScriptChecker } from './checkers/script-checker.ts';
import { Cluster } from './cluster.ts';
import { Faults } from './faults.ts';
import { drawPlan, type Plan } from './plan.ts';
import { Random } from './random.ts';
import { World } from './world.ts';

/** What came of a run. */
export interface Result {
  readonly seed: number;
  /** The first broken promise; undefined: none. */
  readonly violation: string | undefined;
  /** Simulated time, in milliseconds. */
  readonly simulated: number;
  readonly faults: number;
  readonly failovers: number;
  readonly terms: number;
  readonly orders: number;
  /** Readable; empty where the run was not traced. */
  readonly trace: readonly string[];
}

/** Runs one seed. */
export function simulate(seed: number, options: { readonly traced: boolean }): Result {
  const plan = drawPlan(seed);
  const world = new World(options.traced);
  const electors = plan.hosts.filter(({ elector }) => elector !== undefined).length;
  const leaders = new LeaderChecker(world, plan.times);
  const masters = new MasterChecker(world, plan.gentle);
  const observers = [
    leaders,
    masters,
    new CharterChecker(world, electors),
    new DurabilityChecker(world),
    new ScriptChecker(world),
  ];
  const cluster = new Cluster(plan, world, observers);
  const administrator = new Administrator(cluster, new Random(seed, 'administrator'));
  const faults = new Faults(cluster, new Random(seed, 'faults'));
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
  return {
    seed,
    violation: world.violation,
    simulated: world.now,
    faults: world.faults,
    failovers: masters.failovers,
    terms: leaders.terms,
    orders: administrator.answered,
    trace: world.lines,
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
  world.say(
    'plan',
    `${plan.gentle ? 'gently, ' : ''}a fault every ${plan.faultEvery} ms of: ${plan.faultKinds.join(', ')}`,
  );
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
