// Finds an elector that answers and asks it. An elector that does not lead relays what it is asked.
import { writeDuration } from '@koi/lib/config-duration';
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
import type { Failure } from './failure.ts';
import { failureOf, lateFailure, mayAskAnother } from './reason.ts';
import type { Session } from './session.ts';

/** How long an answer may take unless --timeout says otherwise. */
export const ASK_MAX: Duration = 5_000;

/** A call of the admin API. */
export type Ask<Answer> = (client: AdminClient, options: CallOptions) => Promise<Answer>;

/** How a call may be asked. */
export interface AskOptions<Answer> {
  /** Whether asking a second elector after a lost connection does no harm. True by default. */
  readonly repeatable?: boolean;
  /** Whether an answer is good enough; if not, the other electors are asked as well. */
  readonly accept?: (answer: Answer) => boolean;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/**
 * Asks the first elector that connects and knows what to do. If none has an acceptable answer the
 * first answer is returned; if none answers at all it throws a `Failure` with exit code 3.
 */
export async function ask<Answer>(
  session: Session,
  call: Ask<Answer>,
  { repeatable = true, accept = () => true, signal: ended }: AskOptions<Answer> = {},
): Promise<Answer> {
  const { timeout = ASK_MAX } = session.options;
  const late = AbortSignal.timeout(timeout);
  const signal = ended === undefined ? late : AbortSignal.any([late, ended]);
  const silences = new Map<string, Silence>();
  let refusal: Failure | undefined;
  let second: { readonly answer: Answer } | undefined;
  for await (const { address, within } of attempts(session, silences)) {
    // Those that were silent are asked again only where nobody else has said anything.
    if (within > CONNECT_MAX && (second !== undefined || refusal !== undefined)) break;
    try {
      const elector = await connect(address, { signal, within });
      try {
        const answer = await call(elector.client, { signal });
        if (accept(answer)) return answer;
        second ??= { answer };
      } finally {
        elector.close();
      }
    } catch (error) {
      if (signal.aborted) throw lateFailure(address, writeDuration(timeout));
      if (error instanceof Silence) silences.set(address, error);
      else if (mayAskAnother(error, repeatable)) refusal ??= failureOf(error, address);
      else throw failureOf(error, address);
    }
  }
  if (second !== undefined) return second.answer;
  if (refusal !== undefined) throw refusal;
  throw nobodyAnswers(silences);
}
