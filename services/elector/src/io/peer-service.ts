// Serves koi.election.v1: takes in what other electors say, and writes our replies to their streams.
// A stream is admitted by its hello, or ended with both values named.
import {
  type ConverseRequest,
  ElectionService,
  type Introduction,
} from '@koi/gen/koi/election/v1/election_service_pb';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { koiError } from '@koi/lib/grpc/errors';
import { type ServedStream, serveStream } from '@koi/lib/grpc/served-stream';
import { namePresent, present } from '@koi/lib/grpc/wire-value';
import type { Log } from '@koi/lib/log';
import type { Clock, Duration } from '@koi/lib/time';
import { PROTOCOL } from '@koi/lib/version';
import type { ServiceImplementation } from 'nice-grpc';
import type { Input } from '../core/input.ts';
import type { Message } from '../core/message.ts';
import { replyKind } from './outbox-kind.ts';
import {
  type Identity,
  type ReplyBody,
  type ResponseInit,
  requestFromWire,
  responseToWire,
} from './wire.ts';

export const electionDefinition = grpcDefinition(ElectionService);

/** How many electors may have a stream to us: the largest list, and some that are not in it (P1). */
export const CALLERS_MAX = 32;

export interface PeerServiceOptions {
  readonly self: Identity;
  readonly clock: Clock;
  /** A caller not heard for so long may be replaced by another one of its name. */
  readonly silenceMax: Duration;
  readonly feed: (input: Input) => void;
  readonly log: Log;
  readonly fresh: (sentence: string) => boolean;
}

export interface PeerService {
  readonly implementation: ServiceImplementation<typeof electionDefinition>;
  /** Replies on an elector's stream. False: it has none. */
  reply(to: string, message: Message, body: ReplyBody): boolean;
  /** Writes what waits on every stream and ends it. */
  end(): void;
}

export function createPeerService(options: PeerServiceOptions): PeerService {
  const { self, clock, feed } = options;
  const callers = new Map<string, ServedStream<ResponseInit>>();

  function admit(first: ConverseRequest, stream: ServedStream<ResponseInit>): string {
    if (first.message.case !== 'hello') {
      throw koiError('REQUEST_INVALID', 'the first message of a stream has to be a Hello');
    }
    const introduction = present(first.message.value.introduction, 'hello.introduction');
    checkIntroduction(introduction, self);
    const { name } = introduction;
    const earlier = callers.get(name);
    if (earlier === undefined && callers.size >= CALLERS_MAX) {
      throw koiError('OVERLOADED', `${CALLERS_MAX} electors are connected: that is the most`);
    }
    if (earlier !== undefined && clock.now() - earlier.lastHeard < options.silenceMax) {
      throw koiError(
        'NAME_TAKEN',
        `an elector named ${name} is connected to ${self.name} already: ` +
          'two electors may not have one name',
      );
    }
    callers.set(name, stream);
    earlier?.refuse(koiError('STREAM_ENDED', 'a newer stream has replaced this one'));
    return name;
  }

  function serve(
    requests: AsyncIterable<ConverseRequest>,
    context: Parameters<typeof serveStream>[0]['context'],
  ): AsyncIterable<ResponseInit> {
    let name = '';
    return serveStream<ConverseRequest, ResponseInit>({
      requests,
      context,
      clock,
      onFirst(wire, stream) {
        const message = requestFromWire(wire);
        try {
          name = admit(wire, stream);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          const sentence = `refused the stream of an elector at ${context.peer}: ${why}`;
          if (options.fresh(sentence)) options.log.warn(sentence);
          throw error;
        }
        feed({ kind: 'message', from: name, message });
      },
      onMessage: (wire) => feed({ kind: 'message', from: name, message: requestFromWire(wire) }),
      onEnd(stream) {
        if (callers.get(name) === stream) callers.delete(name);
      },
    });
  }

  return {
    implementation: { converse: serve },
    reply(to, message, body) {
      const stream = callers.get(to);
      if (stream === undefined) return false;
      return stream.send(responseToWire(message, body, self), replyKind(body));
    },
    end() {
      for (const stream of callers.values()) stream.end();
    },
  };
}

function checkIntroduction(introduction: Introduction, self: Identity): void {
  const { cluster, protocol } = introduction;
  const name = namePresent(introduction.name, 'introduction.name');
  if (cluster !== self.cluster) {
    throw koiError(
      'CLUSTER_MISMATCH',
      `elector ${self.name} is of cluster "${self.cluster}", the caller ${name} of "${cluster}": ` +
        'correct the configuration of one of them',
    );
  }
  if (protocol !== PROTOCOL) {
    throw koiError(
      'PROTOCOL_MISMATCH',
      `elector ${self.name} speaks protocol ${PROTOCOL}, the caller ${name} ${protocol}: ` +
        'bring both to the same release',
    );
  }
  if (name === self.name) {
    throw koiError(
      'NAME_MISMATCH',
      `the caller is named ${name}, and so is the elector it called: ` +
        'correct the name or the address in one configuration',
    );
  }
}
