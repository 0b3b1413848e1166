// One incoming stream of a bidirectional RPC, for as long as both sides live: its first message
// introduces the caller, its outbox carries what we say, and its end is told exactly once.
import type { CallContext } from 'nice-grpc';
import type { Clock, Duration, Instant } from '../time.ts';
import { koiError } from './errors.ts';
import { OUTBOX_CAPACITY } from './link.ts';
import { Outbox } from './outbox.ts';

/** A caller that says nothing for so long has left without a word; its stream is ended. */
export const CALLER_SILENCE_MAX: Duration = 30_000;

export interface ServedStreamOptions<Request, Response> {
  readonly requests: AsyncIterable<Request>;
  readonly context: CallContext;
  readonly clock: Clock;
  /** Told the first message. Throws a `KoiError` to refuse the stream. */
  readonly onFirst: (message: Request, stream: ServedStream<Response>) => void;
  /** Told every other message. What it throws ends the stream. */
  readonly onMessage: (message: Request, stream: ServedStream<Response>) => void;
  /** The stream is gone. Called once, also where the first message was refused. */
  readonly onEnd: (stream: ServedStream<Response>) => void;
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

/** Serves one stream; returns what is written to the caller. */
export function serveStream<Request, Response>(
  options: ServedStreamOptions<Request, Response>,
): AsyncIterable<Response> {
  const { clock, context } = options;
  const outbox = new Outbox<Response>({
    capacity: OUTBOX_CAPACITY,
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
    context.signal.removeEventListener('abort', aborted);
    outbox.close(error);
    options.onEnd(stream);
  }

  function aborted(): void {
    finish();
  }

  function watchSilence(): void {
    cancelWatch = clock.at(lastHeard + CALLER_SILENCE_MAX, () => {
      if (clock.now() < lastHeard + CALLER_SILENCE_MAX) watchSilence();
      else finish(koiError('STREAM_ENDED', 'the caller was silent for too long'));
    });
  }

  async function listen(): Promise<void> {
    for await (const request of options.requests) {
      if (over) return;
      lastHeard = clock.now();
      if (introduced) options.onMessage(request, stream);
      else options.onFirst(request, stream);
      introduced = true;
    }
  }

  context.signal.addEventListener('abort', aborted);
  watchSilence();
  listen().then(
    () => finish(),
    (error: unknown) => finish(error instanceof Error ? error : new Error(String(error))),
  );
  return outbox;
}
