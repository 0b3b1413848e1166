// The storm itself: which fault comes when. Everything that is broken is mended when the storm ends.
import * as clocks from './clock-faults.ts';
import type { Cluster } from './cluster.ts';
import { loseMaster } from './compound-faults.ts';
import { Damage } from './damage.ts';
import * as deadmen from './deadman-faults.ts';
import * as disks from './disk-faults.ts';
import type { Selection } from './excerpt.ts';
import { changeList } from './list-change.ts';
import type { LoneFailovers } from './lone-failovers.ts';
import * as network from './network-faults.ts';
import type { FaultKind, Plan } from './plan.ts';
import * as processes from './process-faults.ts';
import { Random } from './random.ts';
import * as services from './service-faults.ts';
import { Storm } from './storm.ts';
import { twinRunner } from './twin-faults.ts';

/** How many faults a burst has at the most, and how far apart they are in heartbeats on average. */
const BURST_MAX = 4;
const BURST_HEARTBEATS = 0.7;

/** How long nothing was broken before a fault that comes alone, in master leases. */
const QUIET_LEASES = 3;

/** How often a fault does not come alone. */
const BURST_SHARE = 0.3;

/** Share of faults that hit the present leader's or master's host, of those that can hit any. */
const AIMED = 0.6;

/** How long an aimed fault waits for its target, in master leases; then it takes whom it finds. */
const WAIT_LEASES = 8;

const STRIKES: Readonly<Record<FaultKind, (storm: Storm) => void>> = {
  'pause-elector': processes.pauseElector,
  'pause-runner': processes.pauseRunner,
  'pause-host': processes.pauseHost,
  'suspend-host': clocks.suspendHost,
  'crash-elector': processes.crashElector,
  'crash-in-write': processes.crashInWrite,
  'crash-all-electors': processes.crashAllElectors,
  'crash-host': processes.crashHost,
  'crash-leader-and-master': processes.crashLeaderAndMaster,
  'restart-elector': processes.restartElector,
  'restart-runner': processes.restartRunner,
  'kill-runner': processes.killRunner,
  'detach-runner': processes.detachRunner,
  'kill-in-step': processes.killInStep,
  'kill-deadman': deadmen.killDeadman,
  'pause-deadman': deadmen.pauseDeadman,
  'twin-runner': twinRunner,
  'wipe-elector': processes.wipeElector,
  'change-list': changeList,
  'cut-pair': network.cutPair,
  'cut-one-way': network.cutOneWay,
  'cut-host': network.cutHost,
  partition: network.partition,
  'isolate-leader': network.isolateLeader,
  'isolate-master': network.isolateMaster,
  'break-stream': network.breakStream,
  'stall-stream': network.stallStream,
  'slow-disk': services.slowDisk,
  'failing-disk': services.failingDisk,
  'full-disk': disks.fillDisk,
  'damaged-disk': disks.damageDisk,
  'change-rate': clocks.changeRate,
  'break-service': services.breakService,
  'hang-scripts': services.hangScripts,
  'lose-master': loseMaster,
};

/** One strike of the storm and its moment. */
interface Strike {
  readonly at: number;
  readonly number: number;
}

export interface FaultsOptions {
  readonly cluster: Cluster;
  readonly selection: Selection;
  /** What strikes in a plan of lone failures. */
  readonly lone: LoneFailovers;
}

type Target = 'leader' | 'master' | 'either' | 'both';

/** Whom an aimed fault waits for. A kind that is not named here strikes whom it finds. */
const TARGETS: Readonly<Partial<Record<FaultKind, Target>>> = {
  'pause-elector': 'leader',
  'pause-runner': 'master',
  'pause-host': 'either',
  'suspend-host': 'either',
  'crash-elector': 'leader',
  'crash-in-write': 'leader',
  'crash-host': 'either',
  'crash-leader-and-master': 'both',
  'restart-elector': 'leader',
  'restart-runner': 'master',
  'kill-runner': 'master',
  'detach-runner': 'master',
  'kill-in-step': 'master',
  'kill-deadman': 'master',
  'pause-deadman': 'master',
  'twin-runner': 'master',
  'wipe-elector': 'leader',
  'cut-pair': 'either',
  'cut-one-way': 'either',
  'cut-host': 'either',
  'isolate-leader': 'leader',
  'isolate-master': 'master',
  'break-stream': 'either',
  'stall-stream': 'either',
  'slow-disk': 'leader',
  'failing-disk': 'leader',
  'full-disk': 'leader',
  'damaged-disk': 'leader',
  'change-rate': 'either',
  'break-service': 'master',
  'hang-scripts': 'master',
  'lose-master': 'master',
};

/** These are aimed by their nature. */
const ALWAYS_AIMED: ReadonlySet<FaultKind> = new Set([
  'crash-leader-and-master',
  'isolate-leader',
  'isolate-master',
  'lose-master',
]);

export class Faults {
  readonly #cluster: Cluster;
  readonly #selection: Selection;
  readonly #lone: LoneFailovers;
  readonly damage: Damage;

  constructor({ cluster, selection, lone }: FaultsOptions) {
    this.#cluster = cluster;
    this.#selection = selection;
    this.#lone = lone;
    this.damage = new Damage(cluster.world);
  }

  begin(): void {
    const { world } = this.#cluster;
    for (const { at, number } of schedule(this.#cluster.plan)) {
      world.at(at, () => this.#strike(number));
    }
  }

  #strike(number: number): void {
    if (this.damage.over) return;
    const { plan } = this.#cluster;
    const random = new Random(plan.seed, `strike ${number}`);
    const { lone, gentle } = plan;
    if ((lone || gentle) && !this.#quiet()) return;
    if (lone && !this.#lone.mayStrike(this.#cluster)) return;
    if (!this.#selection.admits(String(number))) return;
    const kind = random.pick(plan.faultKinds);
    const aimed = (kind !== undefined && ALWAYS_AIMED.has(kind)) || random.chance(AIMED);
    const storm = new Storm({ cluster: this.#cluster, damage: this.damage, random, number, aimed });
    const run = () => {
      this.damage.strikes += 1;
      if (lone) this.#lone.strike(storm);
      else if (kind !== undefined) STRIKES[kind](storm);
    };
    if (aimed && !gentle && !lone) this.#whenPresent(storm, kind && TARGETS[kind], run);
    else run();
  }

  /**
   * Waits for a target that is not there, and then a while longer: it is to be met at any moment of its
   * office, not always at the first.
   */
  #whenPresent(storm: Storm, target: Target | undefined, run: () => void): void {
    const { plan, world } = this.#cluster;
    const { heartbeat, masterLease } = plan.times;
    const until = world.now + WAIT_LEASES * masterLease;
    const look = () => {
      if (this.#present(target)) storm.later(storm.random.exponential(masterLease), run);
      else if (world.now < until) storm.later(storm.random.between(0.1, 1) * heartbeat, look);
      else run();
    };
    if (this.#present(target)) run();
    else look();
  }

  #present(target: Target | undefined): boolean {
    const { leaders, master } = this.#cluster;
    const [leads, serves] = [leaders.length > 0, master !== undefined];
    switch (target) {
      case 'leader':
        return leads;
      case 'master':
        return serves;
      case 'either':
        return leads || serves;
      case 'both':
        return leads && serves;
      default:
        return true;
    }
  }

  /** Whether nothing has been broken for so long that nobody feels it any more. */
  #quiet(): boolean {
    const { plan, world } = this.#cluster;
    return world.now - this.damage.quietSince > QUIET_LEASES * plan.times.masterLease;
  }

  /** The storm is over: whatever is broken is mended now. */
  end(): void {
    this.damage.end();
    this.#cluster.network.calm = true;
    for (const runner of this.#cluster.runners) runner.scripts.behave();
  }
}

/** When it strikes: drawn before anything happens, so that leaving one out moves no other. */
function schedule(plan: Plan): readonly Strike[] {
  const random = new Random(plan.seed, 'storm');
  const moments = plan.gentle || plan.lone ? occasions(plan, random) : bursts(plan, random);
  const sorted = moments.filter((at) => at < plan.stormLasts).sort((one, other) => one - other);
  return sorted.map((at, index) => ({ at, number: index + 1 }));
}

function bursts(plan: Plan, random: Random): number[] {
  const moments: number[] = [];
  const apart = BURST_HEARTBEATS * plan.times.heartbeat;
  let at = random.exponential(plan.faultEvery);
  while (at < plan.stormLasts) {
    let more = random.chance(BURST_SHARE) ? random.whole(1, BURST_MAX) : 0;
    for (let next = at; more >= 0; more -= 1) {
      moments.push(next);
      next += random.exponential(apart);
    }
    at += random.exponential(plan.faultEvery);
  }
  return moments;
}

/** Where only a quiet cluster is struck: it is looked at so often. */
function occasions(plan: Plan, random: Random): number[] {
  const moments: number[] = [];
  for (let at = 0; at < plan.stormLasts; ) {
    at += random.between(0.5, 1) * plan.times.masterLease;
    moments.push(at);
  }
  return moments;
}
