// Finds an elector that answers and asks it. An elector that does not lead relays what it is asked.
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { writeDuration } from '@koi/lib/config-duration';
import { connected, openChannel, openClient } from '@koi/lib/grpc/client';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import type { Duration } from '@koi/lib/time';
import type { CallOptions, Client } from 'nice-grpc';
import { EXIT, Failure } from './failure.ts';
import { failureOf, lateFailure, mayAskAnother } from './reason.ts';
import { electorAddresses } from './search.ts';
import type { Session } from './session.ts';

/** How long one address may take to connect before the next one is tried. */
export const CONNECT_MAX: Duration = 300;

const adminDefinition = grpcDefinition(AdminService);

/** The admin API of one elector. */
export type AdminClient = Client<typeof adminDefinition>;

/** A call of the admin API. */
export type Ask<Answer> = (client: AdminClient, options: CallOptions) => Promise<Answer>;

/** How a call may be asked. */
export interface AskOptions<Answer> {
  /** Whether asking a second elector after a lost connection does no harm. True by default. */
  readonly repeatable?: boolean;
  /** Whether an answer is good enough; if not, the other electors are asked as well. */
  readonly accept?: (answer: Answer) => boolean;
}

/**
 * Asks the first elector that connects and knows what to do. If none has an acceptable answer the
 * first answer is returned; if none answers at all it throws a `Failure` with exit code 3.
 */
export async function ask<Answer>(
  session: Session,
  call: Ask<Answer>,
  { repeatable = true, accept = () => true }: AskOptions<Answer> = {},
): Promise<Answer> {
  const { timeout } = session.options;
  const signal = AbortSignal.timeout(timeout);
  const silent: string[] = [];
  let refusal: Failure | undefined;
  let second: { readonly answer: Answer } | undefined;
  for await (const address of electorAddresses(session)) {
    const channel = openChannel(address, { connectTimeout: CONNECT_MAX });
    try {
      await connected(channel, CONNECT_MAX, signal).catch((error: Error) => {
        throw new Silence(`${address} (${error.message})`);
      });
      const answer = await call(openClient(adminDefinition, channel), { signal });
      if (accept(answer)) return answer;
      second ??= { answer };
    } catch (error) {
      if (signal.aborted) throw lateFailure(address, writeDuration(timeout));
      if (error instanceof Silence) silent.push(error.message);
      else if (mayAskAnother(error, repeatable)) refusal ??= failureOf(error, address);
      else throw failureOf(error, address);
    } finally {
      channel.close();
    }
  }
  if (second !== undefined) return second.answer;
  if (refusal !== undefined) throw refusal;
  throw new Failure(
    EXIT.UNREACHABLE,
    'no elector answers',
    `asked ${silent.join(', ')}`,
    'is koi-elector running there, and does the configuration name the right addresses?',
  );
}

/** An address that did not even connect. */
class Silence extends Error {}
