// This runner's stream to one elector: reports go up on it, assignments come down.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttachRequestSchema,
  type AttachResponse,
  RunnerService,
} from '@koi/gen/koi/runner/v1/runner_service_pb';
import { openClient } from '@koi/lib/grpc/client';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { koiError } from '@koi/lib/grpc/errors';
import { createLink, type Link } from '@koi/lib/grpc/link';
import type { Patience } from '@koi/lib/grpc/patience';
import type { Log } from '@koi/lib/log';
import type { Clock } from '@koi/lib/time';
import { PROTOCOL, VERSION } from '@koi/lib/version';
import type { Report } from '../core/assignment.ts';
import type { Input } from '../core/input.ts';
import { assignmentFromWire, reportToWire } from './wire.ts';

const definition = grpcDefinition(RunnerService);

/** What this runner says of itself when a stream opens. */
export interface RunnerIdentity {
  readonly cluster: string;
  readonly runner: string;
  /** Of the protocol times (P1). */
  readonly digest: string;
  /** Drawn at random when the daemon starts (M7). */
  readonly session: string;
}

export interface ElectorLinkOptions {
  readonly self: RunnerIdentity;
  readonly elector: { readonly name: string; readonly address: string };
  readonly clock: Clock;
  readonly patience: Patience;
  readonly feed: (input: Input) => void;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Whether a sentence was not logged within the last minute. */
  readonly fresh: (sentence: string) => boolean;
}

type Request = MessageInitShape<typeof AttachRequestSchema>;

/** A link to one elector. */
export interface ElectorLink
  extends Pick<Link<Request>, 'open' | 'openedAt' | 'lastHeard' | 'start' | 'stop'> {
  readonly peer: string;
  /** Sends it now. A newer report replaces an unwritten older one. */
  report(report: Report): void;
}

export function createElectorLink(options: ElectorLinkOptions): ElectorLink {
  const { self, feed, log } = options;
  const { name: elector, address } = options.elector;
  const link = createLink({
    address,
    clock: options.clock,
    patience: options.patience,
    open: (channel, requests: AsyncIterable<Request>, signal) =>
      openClient(definition, channel).attach(requests, { signal }),
    onOpen() {
      const hello = { ...self, protocol: PROTOCOL, version: VERSION };
      link.send({ message: { case: 'hello', value: hello } });
      feed({ kind: 'elector-connected', elector });
    },
    onMessage: (wire) => take(wire, options),
    onLost: () => feed({ kind: 'elector-lost', elector }),
    onTrouble(text, refused) {
      const sentence = refused
        ? `elector ${elector} (${address}) refuses this runner: ${text}`
        : `no stream to elector ${elector} (${address}): ${text}`;
      if (options.fresh(sentence)) log[refused ? 'warn' : 'info'](sentence);
    },
  });
  return {
    peer: elector,
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
    report(report) {
      if (!link.open) return;
      link.send(
        { message: { case: 'report', value: reportToWire(report, self.runner) } },
        'report',
      );
    },
  };
}

function take(wire: AttachResponse, options: ElectorLinkOptions): void {
  const elector = options.elector.name;
  const { message } = wire;
  if (message.case === 'welcome') checkWelcome(message.value, elector);
  const assignment = message.case === 'assignment' ? assignmentFromWire(message.value) : undefined;
  // Whatever it says, even what only a newer release understands: it is there.
  if (assignment === undefined) options.feed({ kind: 'elector-heard', elector });
  else options.feed({ kind: 'assignment', elector, assignment });
}

function checkWelcome(welcome: { elector: string; protocol: number }, elector: string): void {
  if (welcome.elector !== elector) {
    throw koiError(
      'NAME_MISMATCH',
      `it says that it is ${welcome.elector}: correct the name or the address in the elector list`,
    );
  }
  if (welcome.protocol !== PROTOCOL) {
    throw koiError(
      'PROTOCOL_MISMATCH',
      `it speaks protocol ${welcome.protocol}, this runner ${PROTOCOL}: bring both to the same release`,
    );
  }
}
