// `koi-admin why`: who is master and by which rule, who could follow, and what would fail next.
import { ExplainResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { ask } from '../ask.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { print } from '../print.ts';
import { whyPage } from '../render/why-page.ts';
import type { Session } from '../session.ts';

/** Explains the present (epoch 0n) or a remembered epoch, of all runners ('') or one. */
export async function why(session: Session, runner: string, epoch: bigint): Promise<ExitCode> {
  const response = await ask(session, (client, options) =>
    client.explain({ runner, epoch }, options),
  );
  print(session, ExplainResponseSchema, response, (wide) =>
    whyPage(response, { runner, past: epoch > 0n }, wide),
  );
  return EXIT.DONE;
}
