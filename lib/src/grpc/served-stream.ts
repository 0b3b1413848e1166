// One incoming stream of a bidirectional RPC, for as long as both sides live: its first message
// introduces the caller, its outbox carries what we say, and its end is told exactly once.
import type { CallContext } from 'nice-grpc';
import type { Clock, Duration, Instant } from '../time.ts';
import { koiError } from './errors.ts';
import { OUTBOX_CAPACITY, Outbox } from './outbox.ts';

/** A caller that says nothing for so long has left without a word; its stream is ended. */
export const CALLER_SILENCE_MAX: Duration = 30_000;

/** A stream apart from its transport. */
export interface ConversationOptions<Request, Response> {
  readonly clock: Clock;
  /** How many messages may wait to be written. */
  readonly capacity: number;
  /** Told the first message. Throws a `KoiError` to refuse the stream. */
  readonly onFirst: (message: Request, stream: ServedStream<Response>) => void;
  /** Told every other message. What it throws ends the stream. */
  readonly onMessage: (message: Request, stream: ServedStream<Response>) => void;
  /** The stream is gone. Called once, also where the first message was refused. */
  readonly onEnd: (stream: ServedStream<Response>) => void;
}

export interface ServedStreamOptions<Request, Response>
  extends Omit<ConversationOptions<Request, Response>, 'capacity'> {
  readonly requests: AsyncIterable<Request>;
  readonly context: CallContext;
}

/** What a service holds of a stream. */
export interface ServedStream<Response> {
  /** Writes in this turn of the loop. False: the stream is gone, or its outbox overflowed. */
  send(message: Response, kind?: string): boolean;
  /** When the caller was heard last. */
  readonly lastHeard: Instant;
  /** Writes what waits and ends the stream. */
  end(): void;
  /** Ends the stream at once, with a reason for the caller. */
  refuse(error: Error): void;
}

/** What a transport holds of a stream. A simulator passes its own messages. */
export interface Conversation<Request, Response> {
  /** What is to be written to the caller. */
  readonly outbox: Outbox<Response>;
  readonly over: boolean;
  receive(message: Request): void;
  /** The stream is gone, or is to be ended with an error. */
  finish(error?: Error): void;
}

/** Begins a conversation with whoever has opened a stream. */
export function converse<Request, Response>(
  options: ConversationOptions<Request, Response>,
): Conversation<Request, Response> {
  const { clock, capacity } = options;
  const outbox = new Outbox<Response>({
    capacity,
    onOverflow: () => finish(koiError('OVERLOADED', 'the caller does not read what it is sent')),
  });
  let lastHeard = clock.now();
  let introduced = false;
  let over = false;
  let cancelWatch = () => {};

  const stream: ServedStream<Response> = {
    send: (message, kind) => outbox.push(message, kind),
    get lastHeard() {
      return lastHeard;
    },
    end: () => outbox.end(),
    refuse: (error) => finish(error),
  };

  function finish(error?: Error): void {
    if (over) return;
    over = true;
    cancelWatch();
    outbox.close(error);
    options.onEnd(stream);
  }

  function watchSilence(): void {
    cancelWatch = clock.at(lastHeard + CALLER_SILENCE_MAX, () => {
      if (clock.now() < lastHeard + CALLER_SILENCE_MAX) watchSilence();
      else finish(koiError('STREAM_ENDED', 'the caller was silent for too long'));
    });
  }

  function receive(message: Request): void {
    if (over) return;
    lastHeard = clock.now();
    try {
      if (introduced) options.onMessage(message, stream);
      else options.onFirst(message, stream);
      introduced = true;
    } catch (error) {
      finish(error instanceof Error ? error : new Error(String(error)));
    }
  }

  watchSilence();
  return {
    outbox,
    get over() {
      return over;
    },
    receive,
    finish,
  };
}

/** Serves one stream; returns what is written to the caller. */
export function serveStream<Request, Response>(
  options: ServedStreamOptions<Request, Response>,
): AsyncIterable<Response> {
  const { requests, context } = options;
  const conversation = converse<Request, Response>({
    ...options,
    capacity: OUTBOX_CAPACITY,
    onEnd(stream) {
      context.signal.removeEventListener('abort', aborted);
      options.onEnd(stream);
    },
  });

  function aborted(): void {
    conversation.finish();
  }

  async function listen(): Promise<void> {
    for await (const request of requests) {
      conversation.receive(request);
      if (conversation.over) return;
    }
  }

  context.signal.addEventListener('abort', aborted);
  listen().then(
    () => conversation.finish(),
    (error: unknown) =>
      conversation.finish(error instanceof Error ? error : new Error(String(error))),
  );
  return conversation.outbox;
}
