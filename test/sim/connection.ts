// One stream between two processes, as both ends see it: each end learns of its end in its own time, or
// by what it sends being refused by a host that knows nothing of it any more.
import { type Network, Pipe } from './network.ts';
import type { SimProcess } from './sim-process.ts';

/** The host of one end: whether it would answer a packet that no process of it expects. */
export interface Station {
  readonly name: string;
  readonly up: boolean;
}

type Packet<Content> = { readonly content: Content } | 'end';

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

/** A stream: requests go up, responses come down. */
export class Connection<Up, Down> {
  readonly client: Side;
  readonly server: Side;
  readonly #up: Pipe<Packet<Up>>;
  readonly #down: Pipe<Packet<Down>>;
  clientEnd: End<Down> | undefined;
  serverEnd: End<Up> | undefined;

  constructor(
    network: Network,
    client: { readonly process: SimProcess; readonly station: Station },
    server: { readonly process: SimProcess; readonly station: Station },
  ) {
    this.client = { ...client, open: true };
    this.server = { ...server, open: true };
    const [one, other] = [client.station.name, server.station.name];
    this.#up = new Pipe(network, one, other, (packet) =>
      this.#arrive(
        packet,
        this.server,
        () => this.#down.push('end'),
        () => this.serverEnd,
      ),
    );
    this.#down = new Pipe(network, other, one, (packet) =>
      this.#arrive(
        packet,
        this.client,
        () => this.#up.push('end'),
        () => this.clientEnd,
      ),
    );
  }

  #arrive<Content>(
    packet: Packet<Content>,
    side: Side,
    reset: () => void,
    end: () => End<Content> | undefined,
  ): void {
    if (!side.station.up) return;
    if (!side.process.alive || !side.open) {
      // A reset: this host knows nothing of that stream.
      if (packet !== 'end') reset();
      return;
    }
    side.process.deliver(() => {
      if (!side.open) return;
      if (packet !== 'end') {
        end()?.onMessage(packet.content);
        return;
      }
      side.open = false;
      end()?.onEnd();
    });
  }

  sendUp(content: Up): void {
    if (this.client.open) this.#up.push({ content });
  }

  sendDown(content: Down): void {
    if (this.server.open) this.#down.push({ content });
  }

  /** The client ends it; what is under way may still arrive. */
  closeClient(lostToo: boolean): void {
    if (!this.client.open) return;
    this.client.open = false;
    if (lostToo) this.#up.close();
    else this.#up.push('end');
  }

  /** The server ends it. */
  closeServer(): void {
    if (!this.server.open) return;
    this.server.open = false;
    this.#down.push('end');
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

  stall(up: boolean, until: number): void {
    if (up) this.#up.stall(until);
    else this.#down.stall(until);
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
