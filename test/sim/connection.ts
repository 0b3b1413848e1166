// One stream between two processes, as both ends see it: each end learns of its end in its own time, or
// by what it sends being refused by a host that knows nothing of it any more.
import { type Exit, Window } from './flow-control.ts';
import { type Network, Pipe } from './network.ts';
import type { SimProcess } from './sim-process.ts';

/** The host of one end: whether it would answer a packet that no process of it expects. */
export interface Station {
  readonly name: string;
  readonly up: boolean;
}

/** `read`: so many bytes of the other direction were read (a window update). */
type Packet<Content> =
  | { readonly content: Content; readonly bytes: number }
  | { readonly read: number }
  | 'end';

/** What one end does with what reaches it. */
export interface End<Incoming> {
  onMessage(message: Incoming): void;
  /** The other side has ended the stream, or the transport says that it is gone. Called once. */
  onEnd(): void;
}

interface Side {
  readonly process: SimProcess;
  readonly station: Station;
  open: boolean;
}

/** What one end writes: a pipe, and how much of it was not read yet. */
class Writing<Content> implements Exit<Content> {
  readonly window: Window;
  readonly pipe: Pipe<Packet<Content>>;
  readonly #side: Side;
  onRoom: (() => void) | undefined;

  constructor(side: Side, pipe: Pipe<Packet<Content>>, window: number) {
    this.#side = side;
    this.pipe = pipe;
    this.window = new Window(window);
  }

  get room(): boolean {
    return this.window.room;
  }

  write(content: Content, bytes: number): void {
    if (!this.#side.open) return;
    this.window.write(bytes);
    this.pipe.push({ content, bytes });
  }

  /** The other end has read so much. */
  wasRead(bytes: number): void {
    this.window.restore(bytes);
    const { onRoom } = this;
    if (onRoom === undefined || !this.room) return;
    this.onRoom = undefined;
    onRoom();
  }
}

/** A stream: requests go up, responses come down. */
export class Connection<Up, Down> {
  readonly client: Side;
  readonly server: Side;
  readonly #up: Writing<Up>;
  readonly #down: Writing<Down>;
  clientEnd: End<Down> | undefined;
  serverEnd: End<Up> | undefined;

  /** `window`: bytes that each direction carries before they are read. */
  constructor(
    network: Network,
    client: { readonly process: SimProcess; readonly station: Station },
    server: { readonly process: SimProcess; readonly station: Station },
    window = Number.POSITIVE_INFINITY,
  ) {
    this.client = { process: client.process, station: client.station, open: true };
    this.server = { process: server.process, station: server.station, open: true };
    const [one, other] = [client.station.name, server.station.name];
    const up = new Pipe<Packet<Up>>(network, one, other, (packet) => this.#arriveUp(packet));
    const down = new Pipe<Packet<Down>>(network, other, one, (packet) => this.#arriveDown(packet));
    this.#up = new Writing(this.client, up, window);
    this.#down = new Writing(this.server, down, window);
  }

  /** What the client writes to. */
  get up(): Exit<Up> {
    return this.#up;
  }

  /** What the server writes to. */
  get down(): Exit<Down> {
    return this.#down;
  }

  #arriveUp(packet: Packet<Up>): void {
    this.#arrive(packet, this.server, () => this.serverEnd, this.#up, this.#down);
  }

  #arriveDown(packet: Packet<Down>): void {
    this.#arrive(packet, this.client, () => this.clientEnd, this.#down, this.#up);
  }

  #arrive<Content, Other>(
    packet: Packet<Content>,
    side: Side,
    end: () => End<Content> | undefined,
    incoming: Writing<Content>,
    outgoing: Writing<Other>,
  ): void {
    if (!side.station.up) return;
    if (!side.process.alive || !side.open) {
      // A reset: this host knows nothing of that stream.
      if (packet !== 'end') outgoing.pipe.push('end');
      return;
    }
    if (packet !== 'end' && 'read' in packet) {
      outgoing.wasRead(packet.read);
      return;
    }
    side.process.deliver(() => {
      if (!side.open) return;
      if (packet === 'end') {
        side.open = false;
        end()?.onEnd();
        return;
      }
      end()?.onMessage(packet.content);
      const read = packet.bytes === 0 ? 0 : incoming.window.read(packet.bytes);
      if (read > 0 && side.open) outgoing.pipe.push({ read });
    });
  }

  /** The client ends it; what is under way may still arrive. */
  closeClient(lostToo: boolean): void {
    if (!this.client.open) return;
    this.client.open = false;
    if (lostToo) this.#up.pipe.close();
    else this.#up.pipe.push('end');
  }

  /** The server ends it. */
  closeServer(): void {
    if (!this.server.open) return;
    this.server.open = false;
    this.#down.pipe.push('end');
  }

  /** The transport breaks; the named ends learn of it, the others only when they send. */
  snap(client: boolean, server: boolean): void {
    if (client) this.#tell(this.client, () => this.clientEnd);
    if (server) this.#tell(this.server, () => this.serverEnd);
  }

  #tell(side: Side, end: () => End<never> | undefined): void {
    side.process.deliver(() => {
      if (!side.open) return;
      side.open = false;
      end()?.onEnd();
    });
  }

  stall(up: boolean, until: number, felt: () => void): void {
    if (up) this.#up.pipe.stall(until, felt);
    else this.#down.pipe.stall(until, felt);
  }

  /** A process ends: its host, where it goes on, says so to the other side. */
  processEnded(process: SimProcess): void {
    if (this.client.process === process) {
      if (this.client.station.up) this.closeClient(false);
      this.client.open = false;
    }
    if (this.server.process === process) {
      if (this.server.station.up) this.closeServer();
      this.server.open = false;
    }
  }

  get over(): boolean {
    return !this.client.open && !this.server.open;
  }
}
