// An outgoing stream as the production link keeps it: dialled, watched for three silent heartbeats,
// closed and dialled anew after a growing wait. It writes through the production outbox.
import { Outbox } from '@koi/lib/grpc/outbox';
import type { Patience } from '@koi/lib/grpc/patience';
import { LATE_MIN } from '@koi/lib/loop';
import type { Duration, Instant } from '@koi/lib/time';
import { Connection, type End, type Station } from './connection.ts';
import { type FlowControl, pump } from './flow-control.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';

/** A process that serves streams. */
export interface Server<Up, Down> {
  readonly process: SimProcess;
  readonly station: Station;
  /** A stream has come up; returns what takes in its messages. */
  accept(connection: Connection<Up, Down>): End<Up>;
}

export interface SimLinkOptions<Up, Down> {
  readonly network: Network;
  readonly random: Random;
  readonly process: SimProcess;
  readonly station: Station;
  readonly serverStation: Station;
  /** The process that serves there at the moment. */
  readonly server: () => Server<Up, Down> | undefined;
  readonly patience: Patience;
  readonly flow: FlowControl;
  readonly bytesOf: (message: Up) => number;
  readonly onOpen: () => void;
  readonly onMessage: (message: Down) => void;
  readonly onLost: () => void;
  /** Every stream that comes up, for the faults to break. */
  readonly onConnection: (connection: Connection<Up, Down>) => void;
}

export class SimLink<Up, Down> {
  readonly #options: SimLinkOptions<Up, Down>;
  #connection: Connection<Up, Down> | undefined;
  #outbox: Outbox<Up> | undefined;
  #attempt = 0;
  #wait: Duration;
  #ending = false;
  #lastHeard: Instant = 0;
  #openedAt: Instant = 0;
  #cancelWatch = () => {};

  constructor(options: SimLinkOptions<Up, Down>) {
    this.#options = options;
    this.#wait = options.patience.waitMin;
  }

  get open(): boolean {
    return this.#connection !== undefined;
  }

  /** `kind`: what of its kind is not written yet, it replaces. */
  send(message: Up, kind?: string): void {
    this.#outbox?.push(message, kind);
  }

  start(): void {
    this.#dial();
  }

  /** Writes what waits and ends the stream; dials no more. */
  stop(): void {
    this.#ending = true;
    this.#attempt += 1;
    this.#outbox?.end();
  }

  #dial(): void {
    if (this.#ending) return;
    const { network, patience, process, station, serverStation } = this.#options;
    const { world } = network;
    const { clock } = process;
    this.#attempt += 1;
    const attempt = this.#attempt;
    const current = () => this.#attempt === attempt && this.#connection === undefined;
    const cancel = clock.at(clock.now() + patience.attemptMax, () => {
      if (current()) this.#failed();
    });
    const [one, other] = [station.name, serverStation.name];
    const refused = () => {
      if (network.stops(other, one)) return;
      process.deliver(() => {
        if (!current()) return;
        cancel();
        this.#failed();
      });
    };
    world.after(network.delay(one, other), () => {
      if (network.stops(one, other) || network.barred.has(`${one} ${other}`)) return;
      if (!serverStation.up) return;
      const server = this.#options.server();
      if (server === undefined || !server.process.alive) {
        world.after(network.delay(other, one), refused);
        return;
      }
      server.process.deliver(() => {
        world.after(network.delay(other, one), () => {
          if (network.stops(other, one)) return;
          process.deliver(() => {
            if (!current() || !server.process.alive) return;
            cancel();
            this.#connect(server);
          });
        });
      });
    });
  }

  #failed(): void {
    // Whatever is still under way of this attempt comes too late.
    this.#attempt += 1;
    const { patience, process } = this.#options;
    const at = process.clock.now() + this.#wait;
    this.#wait = Math.min(this.#wait * 2, patience.waitMax);
    process.clock.at(at, () => this.#dial());
  }

  #connect(server: Server<Up, Down>): void {
    const { network, process, station, onConnection, flow, bytesOf } = this.#options;
    const client = { process, station };
    const connection = new Connection<Up, Down>(network, client, server, flow.window);
    connection.serverEnd = server.accept(connection);
    connection.clientEnd = {
      onMessage: (message) => {
        this.#lastHeard = process.clock.now();
        this.#options.onMessage(message);
      },
      onEnd: () => this.#lost(),
    };
    const outbox = new Outbox<Up>({ capacity: flow.capacity, onOverflow: () => this.close() });
    pump({
      world: network.world,
      process,
      flow,
      outbox,
      exit: connection.up,
      bytesOf,
      onWritten: () => connection.closeClient(false),
    });
    this.#connection = connection;
    this.#outbox = outbox;
    onConnection(connection);
    this.#watchSilence(connection);
    this.#options.onOpen();
  }

  #lost(): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    const { silenceMax, waitMin } = this.#options.patience;
    if (this.#lastHeard - this.#openedAt >= silenceMax) this.#wait = waitMin;
    this.#outbox?.close();
    this.#outbox = undefined;
    this.#cancelWatch();
    this.#options.onLost();
    this.#failed();
  }

  /** The stream is of no use: ends it from this side. */
  close(): void {
    const { random, network } = this.#options;
    // What has found no room in the transport is lost in any case.
    this.#connection?.closeClient(random.chance(network.unsentLost));
    this.#lost();
  }

  #watchSilence(connection: Connection<Up, Down>): void {
    const { patience, process } = this.#options;
    const { silenceMax } = patience;
    const { clock } = process;
    this.#lastHeard = clock.now();
    this.#openedAt = this.#lastHeard;
    const watch = (due: Instant) => {
      this.#cancelWatch = clock.at(due, () => {
        const late = clock.now() - due > LATE_MIN;
        judge(late ? silenceMax / 3 : 0);
      });
    };
    const judge = (grace: Duration) => {
      if (this.#connection !== connection) return;
      const now = clock.now();
      const silentAt = this.#lastHeard + silenceMax;
      if (now < silentAt) watch(silentAt);
      else if (grace > 0) watch(now + grace);
      else this.close();
    };
    watch(clock.now() + silenceMax);
  }
}
