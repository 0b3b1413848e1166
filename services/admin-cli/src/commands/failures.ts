// `koi-admin failures`: the failures that the runners remember.
import { ListFailuresResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { ask } from '../ask.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { print } from '../print.ts';
import { failurePage } from '../render/failure-page.ts';
import type { Session } from '../session.ts';

/** Of all runners (''), or one. */
export async function failures(session: Session, runner: string): Promise<ExitCode> {
  const response = await ask(session, (client, options) =>
    client.listFailures({ runner }, options),
  );
  print(session, ListFailuresResponseSchema, response, () =>
    failurePage(response.failures, runner),
  );
  return EXIT.DONE;
}
