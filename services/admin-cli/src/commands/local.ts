// `koi-admin local`: what this host's own daemon says of itself. The elector's socket is asked
// first, then the runner's.
import { existsSync } from 'node:fs';
import { GetLocalResponseSchema, LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { writeDuration } from '@koi/lib/config-duration';
import { connected, openChannel, openClient } from '@koi/lib/grpc/client';
import { grpcDefinition } from '@koi/lib/grpc/definition';
import type { Command } from 'commander';
import { CONNECT_MAX } from '../ask.ts';
import { EXIT, Failure } from '../failure.ts';
import { failureOf, lateFailure } from '../reason.ts';
import { renderJson } from '../render/json.ts';
import { renderLocalDaemon } from '../render/local-daemon.ts';
import { painter } from '../render/paint.ts';
import { localSockets } from '../search.ts';
import type { OpenSession, Session } from '../session.ts';

const localDefinition = grpcDefinition(LocalService);

/** Adds the command. */
export function addLocal(program: Command, open: OpenSession): void {
  program
    .command('local')
    .description("show this host's own daemon: the elector, else the runner")
    .addHelpText('after', '\nExample:\n  $ sudo koi-admin local')
    .action(() => local(open()));
}

async function local(session: Session): Promise<void> {
  const { terminal, options } = session;
  const signal = AbortSignal.timeout(options.timeout);
  const silent: string[] = [];
  for (const socket of await localSockets(session)) {
    if (!existsSync(socket)) {
      silent.push(`${socket} (there is no such socket)`);
      continue;
    }
    const channel = openChannel(`unix:${socket}`, { connectTimeout: CONNECT_MAX });
    try {
      const error = await connected(channel, CONNECT_MAX, signal).catch((error: Error) => error);
      if (error !== undefined) {
        silent.push(`${socket} (${error.message})`);
        continue;
      }
      const response = await openClient(localDefinition, channel).getLocal({}, { signal });
      terminal.out(
        options.output === 'json'
          ? renderJson(GetLocalResponseSchema, response)
          : renderLocalDaemon(response, painter(terminal.colour)),
      );
      return;
    } catch (error) {
      if (signal.aborted) throw lateFailure(socket, writeDuration(options.timeout));
      throw failureOf(error, socket);
    } finally {
      channel.close();
    }
  }
  throw new Failure(
    EXIT.UNREACHABLE,
    'no daemon of this host answers',
    `asked ${silent.join(', ')}`,
    "the sockets are open to their daemons' user alone: is it run as root?",
  );
}
