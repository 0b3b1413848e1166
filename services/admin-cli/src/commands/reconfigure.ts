// `koi-admin reconfigure`: has the configuration file read again, by this host's daemons or, through
// the cluster, by a runner or all of them.
import { ReconfigureResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { type ReloadResponse, ReloadResponseSchema } from '@koi/gen/koi/local/v1/local_service_pb';
import { EXIT, type ExitCode } from '../failure.ts';
import { giveOrder } from '../give-order.ts';
import { askDaemons } from '../local-daemons.ts';
import { printNext } from '../print.ts';
import { line, type Page, span } from '../render/page.ts';
import type { Session } from '../session.ts';

/** This host's daemons read the file again, and say what has changed by that. */
export async function reconfigureHere(session: Session): Promise<ExitCode> {
  const reloads = askDaemons(session, async (client, call) => {
    const { program, configuration } = await client.getLocal({}, call);
    return { program, configuration, response: await client.reload({}, call) };
  });
  for await (const { program, configuration, response } of reloads) {
    printNext(session, ReloadResponseSchema, response, () =>
      reloadPage(`${program} has read ${configuration} again`, response),
    );
  }
  return EXIT.DONE;
}

function reloadPage(done: string, { applied, restart }: ReloadResponse): Page {
  if (applied.length + restart.length === 0) return [line(`${done}: nothing has changed`)];
  const page = [line(done)];
  if (applied.length > 0) page.push(line(`in force now: ${applied.join(', ')}`));
  if (restart.length > 0) {
    page.push(line(span(`needs a restart: ${restart.join(', ')}`, 'warning')));
  }
  return page;
}

/** A runner, or all of them (''), is told through the cluster. */
export function reconfigure(session: Session, runner: string): Promise<ExitCode> {
  const who = runner === '' ? 'every runner' : runner;
  const order = {
    schema: ReconfigureResponseSchema,
    wanted: `${who} is to read its configuration again, its log tells what comes of it`,
    // Each call counts: it is not asked twice.
    repeatable: false,
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.reconfigure({ runner }, call) },
    {},
  );
}
