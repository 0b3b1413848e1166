// What an elector serves: the other electors' streams and the runners'. Admits, replaces and refuses as
// the production services do.
import type { Duration } from '@koi/lib/time';
import type { Input } from '../../services/elector/src/core/input.ts';
import type { Message } from '../../services/elector/src/core/message.ts';
import type { Assignment, Report } from '../../services/elector/src/core/report.ts';
import type { Connection, Station } from './connection.ts';
import type { Codec, Packet } from './packet.ts';
import { ServedStream, type Server } from './sim-link.ts';
import type { SimProcess } from './sim-process.ts';

type PeerPacket = Packet<Message>;
type PeerStream = ServedStream<PeerPacket, PeerPacket>;

/** What a runner sends. */
export type RunnerUp =
  | {
      readonly kind: 'hello';
      readonly runner: string;
      readonly session: string;
      readonly digest: string;
    }
  | { readonly kind: 'report'; readonly report: Packet<Report> };

/** What a runner is sent. */
export type RunnerDown =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'heard' }
  | { readonly kind: 'assignment'; readonly assignment: Packet<Assignment> };

type RunnerStream = ServedStream<RunnerUp, RunnerDown>;

export interface ElectorServerOptions {
  readonly name: string;
  readonly process: SimProcess;
  readonly station: Station;
  readonly codec: Codec;
  readonly silenceMax: Duration;
  readonly feed: (input: Input) => void;
}

export class ElectorServer {
  readonly #options: ElectorServerOptions;
  readonly #callers = new Map<string, PeerStream>();
  readonly #attached = new Map<string, RunnerStream>();
  /** Serves the other electors. */
  readonly peers: Server<PeerPacket, PeerPacket>;
  /** Serves the runners. */
  readonly runners: Server<RunnerUp, RunnerDown>;

  constructor(options: ElectorServerOptions) {
    const { process, station } = options;
    this.#options = options;
    this.peers = { process, station, accept: (connection) => this.#acceptPeer(connection) };
    this.runners = { process, station, accept: (connection) => this.#acceptRunner(connection) };
  }

  #acceptPeer(connection: Connection<PeerPacket, PeerPacket>): PeerStream {
    const { process, codec, feed, silenceMax } = this.#options;
    const callers = this.#callers;
    // The name comes with the hello; here every host is who it says it is.
    const name = connection.client.station.name.replace('host-', 'e-');
    const tell = (packet: PeerPacket) =>
      feed({ kind: 'message', from: name, message: codec.fromRequest(packet) });
    return new ServedStream(connection, process, {
      onFirst(packet, stream) {
        const earlier = callers.get(name);
        const now = process.clock.now();
        if (earlier !== undefined && now - earlier.lastHeard < silenceMax) return false;
        callers.set(name, stream);
        earlier?.refuse();
        tell(packet);
        return true;
      },
      onMessage: tell,
      onEnd(stream) {
        if (callers.get(name) === stream) callers.delete(name);
      },
    });
  }

  #acceptRunner(connection: Connection<RunnerUp, RunnerDown>): RunnerStream {
    const { process, codec, feed } = this.#options;
    const attached = this.#attached;
    let runner = '';
    let session = '';
    return new ServedStream(connection, process, {
      onFirst(up, stream) {
        if (up.kind !== 'hello') return false;
        ({ runner, session } = up);
        const key = keyOf(runner, session);
        const earlier = attached.get(key);
        attached.set(key, stream);
        earlier?.refuse();
        stream.send({ kind: 'welcome' });
        feed({ kind: 'runner-connected', runner, session, digest: up.digest });
        return true;
      },
      onMessage(up) {
        if (up.kind !== 'report') return;
        feed({ kind: 'report', runner, session, report: codec.fromReport(up.report) });
      },
      onEnd(stream) {
        const key = keyOf(runner, session);
        if (attached.get(key) !== stream) return;
        attached.delete(key);
        feed({ kind: 'runner-lost', runner, session });
      },
    });
  }

  reply(to: string, packet: PeerPacket): boolean {
    return this.#callers.get(to)?.send(packet) ?? false;
  }

  assign(runner: string, session: string, assignment: Assignment): void {
    const packet = this.#options.codec.assignment(assignment);
    this.#attached.get(keyOf(runner, session))?.send({ kind: 'assignment', assignment: packet });
  }

  heard(runner: string, session: string, _number: number): void {
    this.#attached.get(keyOf(runner, session))?.send({ kind: 'heard' });
  }

  refuse(runner: string, session: string): void {
    const key = keyOf(runner, session);
    const stream = this.#attached.get(key);
    this.#attached.delete(key);
    stream?.refuse();
  }
}

function keyOf(runner: string, session: string): string {
  return `${runner} ${session}`;
}
