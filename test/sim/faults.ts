// The storm itself: which fault comes when. Everything that is broken is mended when the storm ends.
import type { Cluster } from './cluster.ts';
import { loseMaster } from './compound-faults.ts';
import * as network from './network-faults.ts';
import type { FaultKind } from './plan.ts';
import * as processes from './process-faults.ts';
import type { Random } from './random.ts';
import * as services from './service-faults.ts';
import { Storm } from './storm.ts';

/** How many faults a burst has at the most, and how far apart they are in heartbeats on average. */
const BURST_MAX = 4;
const BURST_HEARTBEATS = 0.7;

/** How long nothing was broken before a gentle fault comes, in master leases. */
const GENTLE_LEASES = 3;

/** How often a fault does not come alone. */
const BURST_SHARE = 0.3;

const STRIKES: Readonly<Record<FaultKind, (storm: Storm) => void>> = {
  'pause-elector': processes.pauseElector,
  'pause-runner': processes.pauseRunner,
  'pause-host': processes.pauseHost,
  'crash-elector': processes.crashElector,
  'crash-in-write': processes.crashInWrite,
  'crash-all-electors': processes.crashAllElectors,
  'crash-host': processes.crashHost,
  'crash-leader-and-master': processes.crashLeaderAndMaster,
  'restart-elector': processes.restartElector,
  'restart-runner': processes.restartRunner,
  'wipe-elector': processes.wipeElector,
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
  'break-service': services.breakService,
  'hang-scripts': services.hangScripts,
  'lose-master': loseMaster,
};

export class Faults {
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #storm: Storm;
  #over = false;

  constructor(cluster: Cluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
    this.#storm = new Storm(cluster, random);
  }

  begin(): void {
    const { plan, world } = this.#cluster;
    if (plan.gentle) {
      this.#strikeGently();
      return;
    }
    world.after(this.#random.exponential(plan.faultEvery), () => {
      if (this.#over) return;
      const more = this.#random.chance(BURST_SHARE) ? this.#random.whole(1, BURST_MAX) : 0;
      this.#strike(more);
      this.begin();
    });
  }

  #strikeGently(): void {
    const { plan, world } = this.#cluster;
    world.after(this.#random.between(0.5, 1) * plan.times.masterLease, () => {
      if (this.#over) return;
      const quiet = world.now - this.#storm.quietSince;
      if (quiet > GENTLE_LEASES * plan.times.masterLease) this.#strike(0);
      this.#strikeGently();
    });
  }

  #strike(more: number): void {
    const { plan, world } = this.#cluster;
    const kind = this.#random.pick(plan.faultKinds);
    if (this.#over || kind === undefined) return;
    STRIKES[kind](this.#storm);
    if (more === 0) return;
    const delay = this.#random.exponential(BURST_HEARTBEATS * plan.times.heartbeat);
    world.after(delay, () => this.#strike(more - 1));
  }

  /** The storm is over: whatever is broken is mended now. */
  end(): void {
    this.#over = true;
    this.#storm.end();
    this.#cluster.network.calm = true;
    for (const runner of this.#cluster.runners) runner.scripts.behave();
  }
}
