// What every fault is made with: where it strikes, four times in ten the present leader or master, how
// long it lasts, and what mends it.
import type { Cluster } from './cluster.ts';
import type { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimHost } from './sim-host.ts';
import type { SimRunner } from './sim-runner.ts';

/** Share of faults that hit the present leader's or master's host. */
const AIMED = 0.4;

export class Storm {
  readonly cluster: Cluster;
  readonly random: Random;
  /** What mends each fault that still lasts. */
  readonly #mends = new Set<() => void>();
  #over = false;
  #brokenUntil = 0;

  constructor(cluster: Cluster, random: Random) {
    this.cluster = cluster;
    this.random = random;
  }

  /** Since when nothing is broken; now, where something is. */
  get quietSince(): number {
    return this.#mends.size > 0 ? this.cluster.world.now : this.#brokenUntil;
  }

  /** Lets something break later, if the storm lasts so long. */
  later(delay: number, strike: () => void): void {
    this.cluster.world.after(Math.max(0, delay), () => {
      if (!this.#over) strike();
    });
  }

  /** The storm is over: mends all that is broken. */
  end(): void {
    this.#over = true;
    for (const mend of [...this.#mends]) mend();
  }

  say(text: string): void {
    this.cluster.world.say('fault', text);
  }

  /** Something is broken until it is mended, by time or by the end of the storm. */
  until(delay: number, mend: () => void): void {
    const { world } = this.cluster;
    world.faults += 1;
    const once = () => {
      if (!this.#mends.delete(once)) return;
      callOff();
      this.#brokenUntil = world.now;
      mend();
    };
    this.#mends.add(once);
    const callOff = world.after(this.#over ? 0 : delay, once);
  }

  /** How long a fault lasts: the protocol's own times are where it matters. */
  lasts(): number {
    const { random } = this;
    const { faultLasts, times } = this.cluster.plan;
    const span = random.oneOf('beat', 'leader', 'leader', 'master', 'master', 'any', 'any');
    if (span === 'beat') return random.between(0.1, 3) * times.heartbeat;
    if (span === 'leader') return random.between(0.7, 2) * times.leaderLease;
    if (span === 'master')
      return random.between(0.5, 1.6) * (times.masterLease + times.demoteGrace);
    return random.exponential(faultLasts);
  }

  host(): SimHost | undefined {
    const { hosts, leaders, master } = this.cluster;
    const aims = [...leaders.map(({ host }) => host), ...(master ? [master.host] : [])];
    if (aims.length > 0 && this.random.chance(AIMED)) return this.random.pick(aims);
    return this.random.pick(hosts);
  }

  elector(): SimElector | undefined {
    const { leaders, electors } = this.cluster;
    if (leaders.length > 0 && this.random.chance(AIMED)) return this.random.pick(leaders);
    return this.random.pick(electors);
  }

  runner(): SimRunner | undefined {
    const { master, runners } = this.cluster;
    if (master !== undefined && this.random.chance(AIMED)) return master;
    return this.random.pick(runners);
  }
}
