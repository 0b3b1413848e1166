// What an elector serves: the other electors' streams and the runners'. Admits, replaces and refuses as
// the production services do, and holds each stream as they do.
import { koiError, koiReason } from '@koi/lib/grpc/errors';
import { type ConversationOptions, converse, type ServedStream } from '@koi/lib/grpc/served-stream';
import type { Duration } from '@koi/lib/time';
import type { Input } from '../../services/elector/src/core/input.ts';
import type { Message } from '../../services/elector/src/core/message.ts';
import type { Assignment, Report } from '../../services/elector/src/core/report.ts';
import { attachmentKind } from '../../services/elector/src/io/outbox-kind.ts';
import type { Connection, End, Station } from './connection.ts';
import { type FlowControl, pump } from './flow-control.ts';
import { bytesOf, type Codec, type Packet } from './packet.ts';
import type { Server } from './sim-link.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

type PeerPacket = Packet<Message>;
type PeerStream = ServedStream<PeerPacket>;

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

type RunnerStream = ServedStream<RunnerDown>;

/** What an introduction or a bare acknowledgement weighs on the wire, about. */
const SMALL_BYTES = 60;

/** What a runner's message weighs. */
export function runnerUpBytes(up: RunnerUp): number {
  return up.kind === 'report' ? bytesOf(up.report) : SMALL_BYTES;
}

function runnerDownBytes(down: RunnerDown): number {
  return down.kind === 'assignment' ? bytesOf(down.assignment) : SMALL_BYTES;
}

export interface ElectorServerOptions {
  readonly name: string;
  readonly world: World;
  readonly process: SimProcess;
  readonly station: Station;
  readonly codec: Codec;
  readonly flow: FlowControl;
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

  #acceptPeer(connection: Connection<PeerPacket, PeerPacket>): End<PeerPacket> {
    const { process, codec, feed, silenceMax } = this.#options;
    const callers = this.#callers;
    // The name comes with the hello; here every host is who it says it is.
    const name = connection.client.station.name.replace('host-', 'e-');
    const tell = (packet: PeerPacket) =>
      feed({ kind: 'message', from: name, message: codec.fromRequest(packet) });
    return this.#serve(connection, bytesOf, {
      onFirst(packet, stream: PeerStream) {
        const earlier = callers.get(name);
        const now = process.clock.now();
        if (earlier !== undefined && now - earlier.lastHeard < silenceMax) {
          throw koiError('NAME_TAKEN', `an elector named ${name} is connected already`);
        }
        callers.set(name, stream);
        earlier?.refuse(koiError('STREAM_ENDED', 'a newer stream has replaced this one'));
        tell(packet);
      },
      onMessage: tell,
      onEnd(stream) {
        if (callers.get(name) === stream) callers.delete(name);
      },
    });
  }

  #acceptRunner(connection: Connection<RunnerUp, RunnerDown>): End<RunnerUp> {
    const { codec, feed } = this.#options;
    const attached = this.#attached;
    let runner = '';
    let session = '';
    return this.#serve(connection, runnerDownBytes, {
      onFirst(up: RunnerUp, stream: RunnerStream) {
        if (up.kind !== 'hello') throw koiError('REQUEST_INVALID', 'a Hello comes first');
        ({ runner, session } = up);
        const key = keyOf(runner, session);
        const earlier = attached.get(key);
        attached.set(key, stream);
        earlier?.refuse(koiError('STREAM_ENDED', 'a newer stream has replaced this one'));
        stream.send({ kind: 'welcome' }, attachmentKind('welcome'));
        feed({ kind: 'runner-connected', runner, session, digest: up.digest });
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

  /** The production side of a stream, over a simulated one. */
  #serve<Up, Down>(
    connection: Connection<Up, Down>,
    weigh: (message: Down) => number,
    handlers: Pick<ConversationOptions<Up, Down>, 'onFirst' | 'onMessage' | 'onEnd'>,
  ): End<Up> {
    const { world, process, flow } = this.#options;
    const understood =
      (handle: (message: Up, stream: ServedStream<Down>) => void) =>
      (message: Up, stream: ServedStream<Down>) => {
        try {
          handle(message, stream);
        } catch (error) {
          if (koiReason(error)?.reason !== 'NAME_TAKEN') {
            world.violate('every message is understood', `${this.#options.name}: ${error}`);
          }
          throw error;
        }
      };
    const conversation = converse<Up, Down>({
      onFirst: understood(handlers.onFirst),
      onMessage: understood(handlers.onMessage),
      clock: process.clock,
      capacity: flow.capacity,
      onEnd(stream) {
        connection.closeServer();
        handlers.onEnd(stream);
      },
    });
    pump({
      world,
      process,
      flow,
      outbox: conversation.outbox,
      exit: connection.down,
      bytesOf: weigh,
      onWritten: () => connection.closeServer(),
    });
    return {
      onMessage: (message) => conversation.receive(message),
      onEnd: () => conversation.finish(),
    };
  }

  /** `kind`: what of its kind is not written yet, it replaces. */
  reply(to: string, packet: PeerPacket, kind: string | undefined): boolean {
    return this.#callers.get(to)?.send(packet, kind) ?? false;
  }

  assign(runner: string, session: string, assignment: Assignment): void {
    const packet = this.#options.codec.assignment(assignment);
    this.#attached
      .get(keyOf(runner, session))
      ?.send({ kind: 'assignment', assignment: packet }, attachmentKind('assignment'));
  }

  heard(runner: string, session: string, _number: number): void {
    this.#attached.get(keyOf(runner, session))?.send({ kind: 'heard' }, attachmentKind('heard'));
  }

  refuse(runner: string, session: string, reason: string): void {
    const key = keyOf(runner, session);
    const stream = this.#attached.get(key);
    this.#attached.delete(key);
    stream?.refuse(koiError('SESSION_TAKEN', reason));
  }

  /** Writes what waits on every stream and ends it. */
  end(): void {
    for (const stream of this.#callers.values()) stream.end();
    for (const stream of this.#attached.values()) stream.end();
  }
}

function keyOf(runner: string, session: string): string {
  return `${runner} ${session}`;
}
