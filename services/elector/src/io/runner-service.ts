// Serves koi.runner.v1: takes in reports, writes assignments. Which session of a runner counts is the
// core's to say (M7); a stream that it refuses is ended with its reason.

import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttachRequest,
  type AttachResponseSchema,
  type Hello,
  RunnerService,
} from '@koi/gen/koi/runner/v1/runner_service_pb';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import { koiError } from '@koi/lib/grpc/errors';
import { type ServedStream, serveStream } from '@koi/lib/grpc/served-stream';
import { countToWire, namePresent } from '@koi/lib/grpc/wire-value';
import type { Log } from '@koi/lib/log';
import type { Clock } from '@koi/lib/time';
import { PROTOCOL, VERSION } from '@koi/lib/version';
import type { ServiceImplementation } from 'nice-grpc';
import type { Input } from '../core/input.ts';
import type { Assignment } from '../core/report.ts';
import { attachmentKind } from './outbox-kind.ts';
import type { Identity } from './wire.ts';
import { assignmentToWire, reportFromWire } from './wire-report.ts';

export const runnerDefinition = grpcDefinition(RunnerService);

/** How many runners may be attached. */
export const RUNNERS_MAX = 64;

type Response = MessageInitShape<typeof AttachResponseSchema>;

export interface RunnerServiceOptions {
  readonly self: Identity;
  readonly clock: Clock;
  readonly feed: (input: Input) => void;
  readonly log: Log;
  readonly fresh: (sentence: string) => boolean;
}

export interface RunnerAttachments {
  readonly implementation: ServiceImplementation<typeof runnerDefinition>;
  assign(runner: string, session: string, assignment: Assignment): void;
  /** Says that a report has arrived at an elector that does not lead. */
  heard(runner: string, session: string, number: number): void;
  refuse(runner: string, session: string, reason: string): void;
  /** Writes what waits on every stream and ends it. */
  end(): void;
}

interface Attachment {
  readonly runner: string;
  readonly session: string;
}

export function createRunnerService(options: RunnerServiceOptions): RunnerAttachments {
  const { self, clock, feed } = options;
  /** By runner and session: two sessions of one name are two streams until the core refuses one. */
  const attached = new Map<string, ServedStream<Response>>();
  const keyOf = (runner: string, session: string) => JSON.stringify([runner, session]);

  function admit(first: AttachRequest, stream: ServedStream<Response>): Attachment {
    if (first.message.case !== 'hello') {
      throw koiError('REQUEST_INVALID', 'the first message of a stream has to be a Hello');
    }
    const hello = first.message.value;
    checkHello(hello, self);
    const { runner, session } = hello;
    const key = keyOf(runner, session);
    const earlier = attached.get(key);
    if (earlier === undefined && attached.size >= RUNNERS_MAX) {
      throw koiError('OVERLOADED', `${RUNNERS_MAX} runners are attached: that is the most`);
    }
    attached.set(key, stream);
    earlier?.refuse(koiError('STREAM_ENDED', 'a newer stream has replaced this one'));
    const welcome = { elector: self.name, protocol: PROTOCOL, version: VERSION };
    stream.send({ message: { case: 'welcome', value: welcome } });
    feed({ kind: 'runner-connected', runner, session, digest: hello.digest });
    return { runner, session };
  }

  function serve(
    requests: AsyncIterable<AttachRequest>,
    context: Parameters<typeof serveStream>[0]['context'],
  ): AsyncIterable<Response> {
    let attachment: Attachment | undefined;
    return serveStream<AttachRequest, Response>({
      requests,
      context,
      clock,
      onFirst(wire, stream) {
        try {
          attachment = admit(wire, stream);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          const sentence = `refused the stream of a runner at ${context.peer}: ${why}`;
          if (options.fresh(sentence)) options.log.warn(sentence);
          throw error;
        }
      },
      onMessage(wire) {
        if (attachment === undefined || wire.message.case !== 'report') return;
        feed({ kind: 'report', ...attachment, report: reportFromWire(wire.message.value) });
      },
      onEnd(stream) {
        if (attachment === undefined) return;
        const key = keyOf(attachment.runner, attachment.session);
        // A stream that was replaced is nobody's loss, one that was refused was told already.
        if (attached.get(key) !== stream) return;
        attached.delete(key);
        feed({ kind: 'runner-lost', ...attachment });
      },
    });
  }

  return {
    implementation: { attach: serve },
    assign(runner, session, assignment) {
      const value = assignmentToWire(assignment, clock.wall());
      attached
        .get(keyOf(runner, session))
        ?.send({ message: { case: 'assignment', value } }, attachmentKind('assignment'));
    },
    heard(runner, session, number) {
      const value = { number: countToWire(number) };
      attached
        .get(keyOf(runner, session))
        ?.send({ message: { case: 'heard', value } }, attachmentKind('heard'));
    },
    refuse(runner, session, reason) {
      const key = keyOf(runner, session);
      const stream = attached.get(key);
      attached.delete(key);
      stream?.refuse(koiError('SESSION_TAKEN', reason));
    },
    end() {
      for (const stream of attached.values()) stream.end();
    },
  };
}

function checkHello(hello: Hello, self: Identity): void {
  const { cluster, protocol } = hello;
  const runner = namePresent(hello.runner, 'hello.runner');
  namePresent(hello.session, 'hello.session');
  if (cluster !== self.cluster) {
    throw koiError(
      'CLUSTER_MISMATCH',
      `elector ${self.name} is of cluster "${self.cluster}", runner ${runner} of "${cluster}": ` +
        'correct the configuration of one of them',
    );
  }
  if (protocol !== PROTOCOL) {
    throw koiError(
      'PROTOCOL_MISMATCH',
      `elector ${self.name} speaks protocol ${PROTOCOL}, runner ${runner} ${protocol}: ` +
        'bring both to the same release',
    );
  }
}
