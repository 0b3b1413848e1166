// `koi-admin get-node`, also `status NODE`: one node, an elector, a runner or both.
import { GetNodeResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { ask } from '../ask.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { print } from '../print.ts';
import { nodePage } from '../render/node-page.ts';
import type { Session } from '../session.ts';

/** Shows it. */
export async function getNode(session: Session, name: string): Promise<ExitCode> {
  const response = await ask(session, (client, options) => client.getNode({ name }, options));
  print(session, GetNodeResponseSchema, response, (wide) => nodePage(response, wide));
  return EXIT.DONE;
}
