// Our own stream to one other elector: what we ask of it goes out here, and its replies come back.
// Says nothing by itself: the core's hello answers `peer-connected`.
import {
  type ConverseResponse,
  ElectionService,
} from '@koi/gen/koi/election/v1/election_service_pb';
import { openClient } from '@koi/lib/grpc/client';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { koiError } from '@koi/lib/grpc/errors';
import { createLink, type Link } from '@koi/lib/grpc/link';
import type { Patience } from '@koi/lib/grpc/patience';
import type { Log } from '@koi/lib/log';
import type { Clock } from '@koi/lib/time';
import type { Input } from '../core/input.ts';
import type { Message } from '../core/message.ts';
import { requestKind } from './outbox-kind.ts';
import {
  type Identity,
  type RequestBody,
  type RequestInit,
  requestToWire,
  responseFromWire,
} from './wire.ts';

const definition = grpcDefinition(ElectionService);

export interface PeerLinkOptions {
  readonly self: Identity;
  readonly peer: { readonly name: string; readonly address: string };
  readonly clock: Clock;
  readonly patience: Patience;
  readonly feed: (input: Input) => void;
  readonly log: Log;
  /** Whether a sentence was not logged within the last minute. */
  readonly fresh: (sentence: string) => boolean;
}

/** A link to one elector. */
export interface PeerLink
  extends Pick<Link<RequestInit>, 'open' | 'openedAt' | 'lastHeard' | 'start' | 'stop'> {
  readonly peer: string;
  /** Says it now; what is said while the link is down is lost, as on any network. */
  send(message: Message, body: RequestBody): void;
}

export function createPeerLink(options: PeerLinkOptions): PeerLink {
  const { self, feed, log } = options;
  const { name: peer, address } = options.peer;
  let welcomed = false;
  const link = createLink({
    address,
    clock: options.clock,
    patience: options.patience,
    open: (channel, requests: AsyncIterable<RequestInit>, signal) =>
      openClient(definition, channel).converse(requests, { signal }),
    onOpen() {
      welcomed = false;
      feed({ kind: 'peer-connected', peer });
    },
    onMessage(wire) {
      if (!welcomed) checkWelcome(wire, peer, self);
      welcomed = true;
      feed({ kind: 'message', from: peer, message: responseFromWire(wire) });
    },
    onLost: () => feed({ kind: 'peer-lost', peer }),
    onTrouble(text, refused) {
      const sentence = `no stream to elector ${peer} (${address}): ${text}`;
      if (options.fresh(sentence)) log[refused ? 'warn' : 'info'](sentence);
    },
  });
  return {
    peer,
    get open() {
      return link.open;
    },
    get openedAt() {
      return link.openedAt;
    },
    get lastHeard() {
      return link.lastHeard;
    },
    start: () => link.start(),
    stop: (grace) => link.stop(grace),
    send(message, body) {
      if (link.open) link.send(requestToWire(message, body, self), requestKind(body));
    },
  };
}

/** A grant counts for the elector that was dialled: whoever answers has to be that one. */
function checkWelcome({ message }: ConverseResponse, peer: string, self: Identity): void {
  const welcome = message.case === 'welcome' ? message.value.introduction : undefined;
  if (welcome === undefined) {
    throw koiError('REQUEST_INVALID', 'the first message of an elector has to be a Welcome');
  }
  if (welcome.cluster === self.cluster && welcome.name === peer) return;
  throw koiError(
    'NAME_MISMATCH',
    `it says that it is ${welcome.name} of cluster "${welcome.cluster}", ` +
      `not ${peer} of "${self.cluster}": correct its address in the elector list`,
  );
}
