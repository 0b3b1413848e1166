// This host's own daemons, each on its socket: they answer without any elector.
import { existsSync } from 'node:fs';
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { writeDuration } from '@koi/lib/config-duration';
import { type CallOptions, type LightClient, LightConnection } from '@koi/lib/grpc/light-client';
import { ASK_MAX } from './ask.ts';
import { CONNECT_MAX } from './connect.ts';
import { EXIT, Failure } from './failure.ts';
import { failureOf, lateFailure } from './reason.ts';
import { localSockets } from './search.ts';
import type { Session } from './session.ts';

/** A call of a daemon's local API. */
export type AskLocal<Answer> = (
  client: LightClient<typeof LocalService>,
  options: CallOptions,
) => Promise<Answer>;

/**
 * Asks each daemon of this host that answers, the elector first. Throws a `Failure` where none
 * does.
 */
export async function* askDaemons<Answer>(
  session: Session,
  call: AskLocal<Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const { timeout = ASK_MAX } = session.options;
  const signal = AbortSignal.timeout(timeout);
  const silent: string[] = [];
  let answered = false;
  for (const socket of await localSockets(session)) {
    if (!existsSync(socket)) {
      silent.push(`${socket} (there is no such socket)`);
      continue;
    }
    const dialled = await LightConnection.dial(`unix:${socket}`, {
      within: CONNECT_MAX,
      signal,
    }).catch((error: Error) => error);
    if (dialled instanceof Error) {
      silent.push(`${socket} (${dialled.message})`);
      continue;
    }
    try {
      yield await call(dialled.client(LocalService), { signal });
      answered = true;
    } catch (error) {
      if (signal.aborted) throw lateFailure(socket, writeDuration(timeout));
      throw failureOf(error, socket);
    } finally {
      dialled.close();
    }
  }
  if (answered) return;
  throw new Failure(
    EXIT.UNREACHABLE,
    'no daemon of this host answers',
    `asked ${silent.join(', ')}`,
    "the sockets are open to their daemons' user alone: is it run as root?",
  );
}
