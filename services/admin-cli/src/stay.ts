// Keeps a stream of the admin API going: when the asked elector is gone, is silent or has lost
// touch with its leader, another one is asked, and the reader is told.
import { koiReason } from '@koi/lib/grpc/errors';
import type { CallOptions } from '@koi/lib/grpc/light-client';
import type { Duration } from '@koi/lib/time';
import {
  type AdminClient,
  attempts,
  CONNECT_MAX,
  connect,
  nobodyAnswers,
  Silence,
} from './connect.ts';
import { EXIT, Failure } from './failure.ts';
import { failureOf, mayOpenAgain } from './reason.ts';
import type { Session } from './session.ts';

/** How long to wait before all electors are tried again, after none of them answered. */
export const RETRY_AFTER: Duration = 1_000;

/** How often an elector whose stream is read is asked for a sign of life. */
export const KEEPALIVE: Duration = 1_500;

/** How long an elector may know of no leader before another one is asked. */
export const LEADERLESS_MAX: Duration = 3_000;

/** What a reader is told. */
export type Sighting<Message> =
  | { readonly kind: 'message'; readonly message: Message; readonly address: string }
  /** The stream from this address has ended; another elector is asked now. */
  | { readonly kind: 'lost'; readonly address: string; readonly why: string }
  /** All electors were asked and none goes on. They are tried again. Said once. */
  | { readonly kind: 'alone' };

/** What stream is wanted. */
export interface StayOptions<Message> {
  /** Opens it at one elector. Called again for each one that is asked. */
  readonly open: (client: AdminClient, options: CallOptions) => AsyncIterable<Message>;
  /** Whether the elector that sent this knows of a leader. */
  readonly led: (message: Message) => boolean;
  /** Ends it, quietly. */
  readonly signal: AbortSignal;
}

/**
 * Yields what electors send, for as long as it is read. Throws a `Failure` where no elector answers
 * to begin with, or where one refuses for a reason that would be everybody's.
 */
export async function* stay<Message>(
  session: Session,
  options: StayOptions<Message>,
): AsyncGenerator<Sighting<Message>, void, undefined> {
  const { signal } = options;
  const patience = { moves: session.options.elector === undefined };
  let everHeard = false;
  let alone = false;
  let refusal: Failure | undefined;
  while (!signal.aborted) {
    const silences = new Map<string, Silence>();
    for await (const { address, within } of attempts(session, silences)) {
      // Once somebody was heard, all of them are tried again and again anyway.
      if (within > CONNECT_MAX && (everHeard || refusal !== undefined)) break;
      try {
        for await (const message of streamFrom({ address, within }, options, patience)) {
          everHeard = true;
          alone = false;
          yield { kind: 'message', message, address };
        }
        if (signal.aborted) return;
        yield { kind: 'lost', address, why: 'it ended the stream' };
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Silence) silences.set(address, error);
        else {
          refusal = breakOf(error, address);
          if (everHeard) yield { kind: 'lost', address, why: refusal.message };
        }
      }
    }
    if (!everHeard) throw refusal ?? nobodyAnswers(silences);
    // All of them were asked: moving on has not helped, so the next round stays where it is.
    patience.moves = false;
    if (!alone) yield { kind: 'alone' };
    alone = true;
    await pause(RETRY_AFTER, signal);
  }
}

/** Why a stream ended, where it may be opened again; throws where it may not. */
function breakOf(error: unknown, address: string): Failure {
  if (error instanceof Leaderless) return new Failure(EXIT.UNREACHABLE, error.message);
  const failure = failureOf(error, address);
  if (!mayOpenAgain(error)) throw failure;
  if (koiReason(error) !== undefined) return failure;
  return new Failure(failure.exitCode, 'the connection broke', ...failure.hints);
}

class Leaderless extends Error {}

/** One elector's stream, until it ends, breaks, or has known of no leader for too long. */
async function* streamFrom<Message>(
  { address, within }: { readonly address: string; readonly within: Duration },
  { open, led, signal }: StayOptions<Message>,
  patience: { moves: boolean },
): AsyncGenerator<Message, void, undefined> {
  const elector = await connect(address, { signal, within, keepalive: KEEPALIVE });
  const leaderless = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    const either = AbortSignal.any([signal, leaderless.signal]);
    for await (const message of open(elector.client, { signal: either })) {
      if (led(message)) {
        clearTimeout(timer);
        timer = undefined;
        patience.moves = true;
      } else if (patience.moves) {
        timer ??= setTimeout(() => leaderless.abort(), LEADERLESS_MAX);
      }
      yield message;
    }
  } catch (error) {
    if (leaderless.signal.aborted) throw new Leaderless('it knows of no leader');
    throw error;
  } finally {
    clearTimeout(timer);
    elector.close();
  }
}

function pause(duration: Duration, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, duration);
    signal.addEventListener('abort', end);
  });
}
