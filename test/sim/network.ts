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

interface Cut {
  readonly felt: () => void;
}

/** One way between processes of one host. */
const LOOPBACK = 0.05;

export class Network {
  readonly world: World;
  readonly weather: Weather;
  readonly #random: Random;
  /** What cuts each direction. */
  readonly #cuts = new Map<string, Set<Cut>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Share of closed streams whose unsent messages never arrive: those of the others come after a cut. */
  unsentLost = 0.5;
  /** Directions in which nobody can dial; streams that stand go on, and so does who dials the other way. */
  readonly barred = new Set<string>();
  /** Lost messages are a fault of their own and end with all others. */
  calm = false;

  constructor(world: World, weather: Weather, random: Random) {
    this.world = world;
    this.weather = weather;
    this.#random = random;
  }

  /** Whether something cannot go this way just now; whatever cuts it is told that it is felt. */
  stops(from: string, to: string): boolean {
    if (this.#cuts.size === 0) return false;
    const cuts = this.#cuts.get(`${from} ${to}`);
    if (cuts === undefined) return false;
    for (const { felt } of cuts) felt();
    return cuts.size > 0;
  }

  /** Cuts one direction. `felt`: told when that stops anything. Returns what mends it, once. */
  cut(from: string, to: string, felt = () => {}): () => void {
    const direction = `${from} ${to}`;
    const cuts = this.#cuts.get(direction) ?? new Set();
    const cut = { felt };
    this.#cuts.set(direction, cuts.add(cut));
    return () => {
      if (!cuts.delete(cut) || cuts.size > 0) return;
      this.#cuts.delete(direction);
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
      this.world.disturbed += 1;
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
  #stall = { until: 0, felt: () => {} };
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
    const soonest = world.now + this.#network.delay(this.from, this.to);
    if (soonest < this.#stall.until) {
      this.#stall.felt();
      world.disturbed += 1;
    }
    const at = Math.max(this.#clearAt, soonest);
    this.#clearAt = at;
    world.at(at, () => this.#arrive(message));
  }

  /** Nothing arrives before a moment. `felt`: told of what has to wait for that. */
  stall(until: number, felt = () => {}): void {
    this.#clearAt = Math.max(this.#clearAt, until);
    this.#stall = { until, felt };
  }

  /** What is under way is lost, and nothing is carried any more. */
  close(): void {
    this.#closed = true;
    this.#held = [];
  }

  #arrive(message: Message): void {
    if (this.#closed) return;
    if (this.#held.length === 0 && !this.#network.stops(this.from, this.to)) {
      this.#receive(message);
      return;
    }
    this.#network.world.disturbed += 1;
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
    if (this.#network.stops(this.from, this.to)) {
      this.#waitForRepair();
      return;
    }
    const held = this.#held;
    this.#held = [];
    for (const message of held) if (!this.#closed) this.#receive(message);
  }
}
