// A whole cluster in the test's process: the electors' and runners' own cores and loops in simulated
// time, and the electors' own admin service on real sockets. Simulated time passes only when it is
// let pass, and never while somebody who watches still has something to read.

import { koiError } from '@koi/lib/grpc/errors';
import { createServer, type Listener, listen } from '@koi/lib/grpc/server';
import { createAdminService } from '../../services/elector/src/io/admin-service.ts';
import { createForecaster } from '../../services/elector/src/io/forecaster.ts';
import type { OrderBook } from '../../services/elector/src/io/order-book.ts';
import { adminDefinition, createRelay } from '../../services/elector/src/io/relay.ts';
import { Cluster } from '../sim/cluster.ts';
import type { Plan } from '../sim/plan.ts';
import { parseCluster } from '../sim/scenarios/scenario-plan.ts';
import type { SimElector } from '../sim/sim-elector.ts';
import type { SimHost } from '../sim/sim-host.ts';
import { World } from '../sim/world.ts';
import { Watchers } from './watchers.ts';

/** How long an order may take in simulated time before it is given up. */
const ORDER_MAX = 60_000;

/** How finely simulated time passes while an order is under way, in milliseconds. */
const STEP = 1;

/** What the cluster calls itself. */
const CLUSTER = 'shop';

interface Served {
  readonly elector: SimElector;
  readonly watchers: Watchers;
  readonly listeners: readonly Listener[];
}

export class ServedCluster {
  readonly world: World;
  readonly cluster: Cluster;
  readonly #folder: string;
  readonly #served = new Map<string, Served>();
  /** TCP addresses by elector. */
  readonly addresses = new Map<string, string>();

  /** `words`: as of a story's `cluster` command, but that nodes are called a, b, c. */
  constructor(words: string, folder: string) {
    this.world = new World(false);
    this.#folder = folder;
    const { plan } = parseCluster({ number: 1, text: words });
    this.cluster = new Cluster(renamed(plan), this.world, []);
    for (const elector of this.cluster.electors) {
      elector.list = elector.list.map((one) => ({ ...one, address: shownAddress(one.name) }));
    }
    this.cluster.start();
  }

  /** Where an elector's socket is. */
  socketOf(name: string): string {
    return `${this.#folder}/${name}.sock`;
  }

  host(name: string): SimHost {
    const host = this.cluster.hosts.find((one) => one.name === name);
    if (host === undefined) throw new Error(`there is no ${name}`);
    return host;
  }

  /** Lets simulated time pass, while everybody who watches keeps up. */
  async run(duration: number): Promise<void> {
    const until = this.world.now + duration;
    while (this.world.now < until) {
      this.world.run(Math.min(until, this.world.now + STEP));
      this.#check();
      await this.settled();
    }
  }

  /** Lets time pass until something is so, a minute at the most. */
  async runUntil(holds: () => boolean, what: string): Promise<void> {
    const until = this.world.now + ORDER_MAX;
    while (!holds()) {
      if (this.world.now >= until) throw new Error(`it did not come to "${what}"`);
      await this.run(STEP);
    }
  }

  /** Resolves once nobody who watches has anything to read any more. */
  async settled(): Promise<void> {
    for (const { watchers } of this.#served.values()) await watchers.settled();
  }

  /** Whether anybody watches. */
  get watched(): boolean {
    return [...this.#served.values()].some(({ watchers }) => watchers.open > 0);
  }

  /** Opens and closes listeners as electors live and die. */
  async serve(): Promise<void> {
    for (const elector of this.cluster.electors) {
      const served = this.#served.get(elector.name);
      if (elector.alive && served === undefined) {
        this.#served.set(elector.name, await this.#listen(elector));
      } else if (!elector.alive && served !== undefined) {
        this.#served.delete(elector.name);
        await Promise.all(served.listeners.map((listener) => listener.stop(0)));
      }
    }
  }

  async close(): Promise<void> {
    for (const { listeners } of this.#served.values()) {
      await Promise.all(listeners.map((listener) => listener.stop(0)));
    }
    this.#served.clear();
  }

  #check(): void {
    if (this.world.violation !== undefined) throw new Error(this.world.violation);
  }

  async #listen(elector: SimElector): Promise<Served> {
    const { name } = elector;
    const watchers = new Watchers();
    elector.onChange = () => watchers.raise();
    const addressOf = (other: string) => this.addresses.get(other);
    const core = () => {
      if (elector.core === undefined) throw koiError('STREAM_ENDED', `${name} is gone`);
      return elector.core;
    };
    const { clock } = elector.host;
    const now = () => clock.now();
    const service = createAdminService({
      self: { cluster: CLUSTER, name },
      book: this.#book(elector),
      relay: createRelay({ name, addressOf }),
      changes: watchers,
      cluster: () => core().cluster(now()),
      leader: () => elector.leader,
      events: () => core().events,
      explain: (runner, epoch) => core().explain(runner, epoch, now()),
      // A clock that stands still: every forecast is made, however busy this machine is.
      forecasts: () => createForecaster(() => core().present(now()), { now: () => 0 }).forecasts(),
    });
    const listeners: Listener[] = [];
    const port = this.addresses.get(name) ?? '127.0.0.1:0';
    for (const address of [port, `unix:${this.socketOf(name)}`]) {
      const server = createServer();
      server.add(adminDefinition, service);
      listeners.push(await listen(server, address));
    }
    this.addresses.set(name, listeners[0]?.address ?? port);
    return { elector, watchers, listeners };
  }

  /** Orders are carried out at once, in as much simulated time as they take. */
  #book(elector: SimElector): Pick<OrderBook, 'order'> {
    return {
      order: (command) =>
        new Promise((resolve, reject) => {
          let over = false;
          elector.order(command, ({ revision, held = false, reason, text = '' }) => {
            over = true;
            if (revision !== undefined) resolve({ revision, held });
            else reject(koiError(reason ?? 'OUTCOME_UNKNOWN', text));
          });
          const until = this.world.now + ORDER_MAX;
          while (!over && this.world.now < until) this.world.run(this.world.now + STEP);
          if (!over) reject(koiError('OUTCOME_UNKNOWN', 'the order was not answered'));
        }),
    };
  }
}

/** What an elector's address is said to be: the ports that the tests listen on are drawn. */
export function shownAddress(name: string): string {
  return `10.0.0.${name.charCodeAt(0) - 'a'.charCodeAt(0) + 1}:42012`;
}

/** Host, elector and runner of one letter have one name, as on real hosts. */
function renamed(plan: Plan): Plan {
  const hosts = plan.hosts.map((host) => {
    const name = host.name.replace('host-', '');
    const { elector, runner } = host;
    return {
      ...host,
      name,
      elector: elector && { ...elector, name },
      runner: runner && { ...runner, name },
    };
  });
  return { ...plan, hosts };
}
