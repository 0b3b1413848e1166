// Which directions a story has cut, so that it can mend them by name; and streams that it holds up or breaks.
import type { Cluster } from '../cluster.ts';
import type { SimProcess } from '../sim-process.ts';

/** Nobody counts whether a written fault has come to anything. */
const unfelt = () => {};

export class CutBook {
  readonly #cluster: Cluster;
  readonly #mends = new Map<string, () => void>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** From now on nothing arrives in this direction. */
  cut(from: string, to: string): void {
    const direction = `${from} ${to}`;
    if (this.#mends.has(direction)) return;
    this.#mends.set(direction, this.#cluster.network.cut(from, to, unfelt));
  }

  cutBoth(one: string, other: string): void {
    this.cut(one, other);
    this.cut(other, one);
  }

  cutOff(name: string): void {
    for (const host of this.#cluster.hosts) if (host.name !== name) this.cutBoth(name, host.name);
  }

  mend(from: string, to: string): void {
    const direction = `${from} ${to}`;
    this.#mends.get(direction)?.();
    this.#mends.delete(direction);
  }

  mendAll(): void {
    for (const mend of this.#mends.values()) mend();
    this.#mends.clear();
  }

  /** For so long nothing arrives over the streams that stand; then everything does, in order. */
  delay(from: string, to: string, duration: number): void {
    const { world, connections } = this.#cluster;
    const until = world.now + duration;
    for (const connection of connections) {
      const { client, server } = connection;
      const [one, other] = [client.station.name, server.station.name];
      if (one === from && other === to) connection.stall(true, until, unfelt);
      if (one === to && other === from) connection.stall(false, until, unfelt);
    }
  }

  /** The stream that one process has dialled to the other breaks, as both notice. */
  breakStream(from: SimProcess, to: SimProcess): boolean {
    const found = this.#cluster.connections.find(
      ({ client, server }) => client.process === from && server.process === to,
    );
    found?.snap(true, true);
    return found !== undefined;
  }
}
