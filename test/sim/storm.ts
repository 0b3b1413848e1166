// What one strike of the storm is made with: a chance of its own, where it strikes, how long it lasts and what
// mends it. And the note that it has come to something.
import type { Cluster } from './cluster.ts';
import type { Damage } from './damage.ts';
import type { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';
import type { AnyConnection, SimHost } from './sim-host.ts';
import type { SimRunner } from './sim-runner.ts';

export interface StormOptions {
  readonly cluster: Cluster;
  readonly damage: Damage;
  readonly random: Random;
  readonly number: number;
  /** It goes for the present leader or master, where there is one. */
  readonly aimed: boolean;
}

/** The storm as one strike knows it. */
export class Storm {
  readonly cluster: Cluster;
  /** This strike's own: whatever others draw does not change it. */
  readonly random: Random;
  readonly #number: number;
  readonly #damage: Damage;
  readonly #aims: boolean;
  /** It was aimed and has found its target. */
  #aimed = false;
  #effective = false;

  constructor({ cluster, damage, random, number, aimed }: StormOptions) {
    this.cluster = cluster;
    this.random = random;
    this.#damage = damage;
    this.#number = number;
    this.#aims = aimed;
  }

  /**
   * To be called once this strike has changed anything: a delivery, a life, a write, a script, the reading
   * of a clock. A strike counts once, and one that changes nothing does not count.
   */
  readonly felt = (): void => {
    if (this.#effective) return;
    this.#effective = true;
    this.#damage.effective += 1;
    if (this.#aimed) this.#damage.aimed += 1;
  };

  /** This strike goes for the present leader or master by its nature. To be said before it is felt. */
  aim(): void {
    this.#aimed = true;
  }

  /** Lets something break later, if the storm lasts so long. */
  later(delay: number, strike: () => void): void {
    this.cluster.world.after(Math.max(0, delay), () => {
      if (!this.#damage.over) strike();
    });
  }

  say(text: string): void {
    this.cluster.world.say(`strike ${this.#number}`, text);
  }

  /** Something is broken until it is mended, by time or by the end of the storm. */
  until(delay: number, mend: () => void): void {
    this.#damage.until(delay, mend);
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
    return this.#pick(hosts, [
      ...leaders.map(({ host }) => host),
      ...(master ? [master.host] : []),
    ]);
  }

  elector(): SimElector | undefined {
    const { leaders, electors } = this.cluster;
    return this.#pick(electors, leaders);
  }

  runner(): SimRunner | undefined {
    const { master, runners } = this.cluster;
    return this.#pick(runners, master ? [master] : []);
  }

  /** A stream that stands at one end at least. */
  connection(): AnyConnection | undefined {
    const { connections, leaders, master } = this.cluster;
    const hosts = [...leaders.map(({ host }) => host), ...(master ? [master.host] : [])];
    const theirs = connections.filter(({ client, server }) =>
      hosts.some((host) => host === client.station || host === server.station),
    );
    return this.#pick(connections, theirs);
  }

  #pick<Target>(all: readonly Target[], aims: readonly Target[]): Target | undefined {
    if (!this.#aims || aims.length === 0) return this.random.pick(all);
    this.#aimed = true;
    return this.random.pick(aims);
  }
}
