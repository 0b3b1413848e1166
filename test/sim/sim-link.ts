// An outgoing stream as the production link keeps it: dialled, watched for three silent heartbeats,
// closed and dialled anew after a growing wait. And the serving side of it, with its long patience.
import type { Patience } from '@koi/lib/grpc/patience';
import { LATE_MIN } from '@koi/lib/loop';
import type { Duration, Instant } from '@koi/lib/time';
import { Connection, type End, type Station } from './connection.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';

/** As in the production server: a caller silent for so long has left without a word. */
const CALLER_SILENCE_MAX: Duration = 30_000;

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
  readonly onOpen: () => void;
  readonly onMessage: (message: Down) => void;
  readonly onLost: () => void;
  /** Every stream that comes up, for the faults to break. */
  readonly onConnection: (connection: Connection<Up, Down>) => void;
}

export class SimLink<Up, Down> {
  readonly #options: SimLinkOptions<Up, Down>;
  #connection: Connection<Up, Down> | undefined;
  #attempt = 0;
  #wait: Duration;
  #lastHeard: Instant = 0;
  #cancelWatch = () => {};

  constructor(options: SimLinkOptions<Up, Down>) {
    this.#options = options;
    this.#wait = options.patience.waitMin;
  }

  get open(): boolean {
    return this.#connection !== undefined;
  }

  send(message: Up): void {
    this.#connection?.sendUp(message);
  }

  start(): void {
    this.#dial();
  }

  #dial(): void {
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
      if (network.isCut(other, one)) return;
      process.deliver(() => {
        if (!current()) return;
        cancel();
        this.#failed();
      });
    };
    world.after(network.delay(one, other), () => {
      if (network.isCut(one, other) || !serverStation.up) return;
      const server = this.#options.server();
      if (server === undefined || !server.process.alive) {
        world.after(network.delay(other, one), refused);
        return;
      }
      server.process.deliver(() => {
        world.after(network.delay(other, one), () => {
          if (network.isCut(other, one)) return;
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
    const { network, process, station, onConnection } = this.#options;
    const connection = new Connection<Up, Down>(network, { process, station }, server);
    connection.serverEnd = server.accept(connection);
    connection.clientEnd = {
      onMessage: (message) => {
        this.#wait = this.#options.patience.waitMin;
        this.#lastHeard = process.clock.now();
        this.#options.onMessage(message);
      },
      onEnd: () => this.#lost(),
    };
    this.#connection = connection;
    onConnection(connection);
    this.#watchSilence(connection);
    this.#options.onOpen();
  }

  #lost(): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    this.#cancelWatch();
    this.#options.onLost();
    this.#failed();
  }

  /** The stream is of no use: ends it from this side. */
  close(): void {
    const { random, network } = this.#options;
    this.#connection?.closeClient(random.chance(network.unsentLost));
    this.#lost();
  }

  #watchSilence(connection: Connection<Up, Down>): void {
    const { patience, process } = this.#options;
    const { silenceMax } = patience;
    const { clock } = process;
    this.#lastHeard = clock.now();
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

export interface ServedHandlers<Up, Down> {
  /** Told the first message; false refuses the stream. */
  onFirst(message: Up, stream: ServedStream<Up, Down>): boolean;
  onMessage(message: Up, stream: ServedStream<Up, Down>): void;
  onEnd(stream: ServedStream<Up, Down>): void;
}

/** One incoming stream as the production server keeps it. */
export class ServedStream<Up, Down> implements End<Up> {
  readonly #connection: Connection<Up, Down>;
  readonly #handlers: ServedHandlers<Up, Down>;
  readonly #process: SimProcess;
  #introduced = false;
  #over = false;
  #lastHeard: Instant;
  #cancelWatch = () => {};

  constructor(
    connection: Connection<Up, Down>,
    process: SimProcess,
    handlers: ServedHandlers<Up, Down>,
  ) {
    this.#connection = connection;
    this.#handlers = handlers;
    this.#process = process;
    this.#lastHeard = process.clock.now();
    this.#watchSilence();
  }

  get lastHeard(): Instant {
    return this.#lastHeard;
  }

  send(message: Down): boolean {
    if (this.#over) return false;
    this.#connection.sendDown(message);
    return true;
  }

  /** Ends the stream, with a reason that the simulation does not tell. */
  refuse(): void {
    this.#finish();
  }

  onMessage(message: Up): void {
    if (this.#over) return;
    this.#lastHeard = this.#process.clock.now();
    if (this.#introduced) {
      this.#handlers.onMessage(message, this);
      return;
    }
    this.#introduced = true;
    if (!this.#handlers.onFirst(message, this)) this.#finish();
  }

  onEnd(): void {
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelWatch();
    this.#connection.closeServer();
    this.#handlers.onEnd(this);
  }

  #watchSilence(): void {
    const { clock } = this.#process;
    const due = this.#lastHeard + CALLER_SILENCE_MAX;
    this.#cancelWatch = clock.at(due, () => {
      if (clock.now() < this.#lastHeard + CALLER_SILENCE_MAX) this.#watchSilence();
      else this.#finish();
    });
  }
}
