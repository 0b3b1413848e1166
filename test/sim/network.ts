// The network between hosts: how long a message takes, and which directions are cut. A cut loses
// nothing that a stream carries: it comes late, when the cut is over, as with TCP.
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** How messages travel while nothing is broken. Milliseconds, one way. */
export interface Weather {
  readonly least: number;
  readonly jitter: number;
  /** Share of messages that are lost once, and come a retransmission later. */
  readonly loss: number;
  /** Longest time until a lost message is sent again. */
  readonly retransmission: number;
}

/** One way between processes of one host. */
const LOOPBACK = 0.05;

export class Network {
  readonly world: World;
  readonly weather: Weather;
  readonly #random: Random;
  /** Directions that are cut, by how many faults. */
  readonly #cuts = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Share of closed streams whose unsent messages never arrive: those of the others come after a cut. */
  unsentLost = 0.5;
  /** Lost messages are a fault of their own and end with all others. */
  calm = false;

  constructor(world: World, weather: Weather, random: Random) {
    this.world = world;
    this.weather = weather;
    this.#random = random;
  }

  isCut(from: string, to: string): boolean {
    return (this.#cuts.get(`${from} ${to}`) ?? 0) > 0;
  }

  /** Cuts one direction. Returns what mends it, once. */
  cut(from: string, to: string): () => void {
    const direction = `${from} ${to}`;
    this.#cuts.set(direction, (this.#cuts.get(direction) ?? 0) + 1);
    let cut = true;
    return () => {
      if (!cut) return;
      cut = false;
      this.#cuts.set(direction, (this.#cuts.get(direction) ?? 1) - 1);
      if (this.isCut(from, to)) return;
      const waiting = [...(this.#waiting.get(direction) ?? [])];
      this.#waiting.delete(direction);
      for (const run of waiting) run();
    };
  }

  /** Calls back when a direction is whole again. */
  whenWhole(from: string, to: string, run: () => void): void {
    const direction = `${from} ${to}`;
    const waiting = this.#waiting.get(direction) ?? new Set();
    this.#waiting.set(direction, waiting.add(run));
  }

  /** How long one message takes. */
  delay(from: string, to: string): number {
    if (from === to) return LOOPBACK;
    const { least, jitter, loss, retransmission } = this.weather;
    let delay = least + this.#random.exponential(jitter);
    if (!this.calm && this.#random.chance(loss)) {
      delay += this.#random.between(0, retransmission);
      this.world.faults += 1;
    }
    return delay;
  }

  /** How long after the end of a cut what waited is sent again. */
  retransmission(): number {
    return this.#random.between(0, this.weather.retransmission);
  }
}

/** One direction of a stream: in order, nothing twice, nothing out of the middle. */
export class Pipe<Message> {
  readonly from: string;
  readonly to: string;
  readonly #network: Network;
  readonly #receive: (message: Message) => void;
  #clearAt = 0;
  #held: Message[] = [];
  #closed = false;

  constructor(network: Network, from: string, to: string, receive: (message: Message) => void) {
    this.#network = network;
    this.from = from;
    this.to = to;
    this.#receive = receive;
  }

  push(message: Message): void {
    if (this.#closed) return;
    const { world } = this.#network;
    const at = Math.max(this.#clearAt, world.now + this.#network.delay(this.from, this.to));
    this.#clearAt = at;
    world.at(at, () => this.#arrive(message));
  }

  /** Nothing arrives before a moment. */
  stall(until: number): void {
    this.#clearAt = Math.max(this.#clearAt, until);
  }

  /** What is under way is lost, and nothing is carried any more. */
  close(): void {
    this.#closed = true;
    this.#held = [];
  }

  #arrive(message: Message): void {
    if (this.#closed) return;
    if (this.#held.length === 0 && !this.#network.isCut(this.from, this.to)) {
      this.#receive(message);
      return;
    }
    this.#network.world.faults += 1;
    this.#held.push(message);
    if (this.#held.length === 1) this.#waitForRepair();
  }

  #waitForRepair(): void {
    const network = this.#network;
    network.whenWhole(this.from, this.to, () => {
      network.world.after(network.retransmission(), () => this.#release());
    });
  }

  #release(): void {
    if (this.#held.length === 0) return;
    if (this.#network.isCut(this.from, this.to)) {
      this.#waitForRepair();
      return;
    }
    const held = this.#held;
    this.#held = [];
    for (const message of held) if (!this.#closed) this.#receive(message);
  }
}
