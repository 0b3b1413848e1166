// `koi-admin local`: what this host's own daemons say of themselves.
import { GetLocalResponseSchema } from '@koi/gen/koi/local/v1/local_service_pb';
import { EXIT, type ExitCode } from '../failure.ts';
import { askDaemons } from '../local-daemons.ts';
import { printNext } from '../print.ts';
import { daemonPage } from '../render/daemon-page.ts';
import type { Session } from '../session.ts';

/** Shows each daemon that answers, the elector first. */
export async function local(session: Session): Promise<ExitCode> {
  for await (const response of askDaemons(session, (client, call) => client.getLocal({}, call))) {
    printNext(session, GetLocalResponseSchema, response, (wide) => daemonPage(response, wide));
  }
  return EXIT.DONE;
}
