// `koi-admin events`: the decisions that are remembered, each with its reason.
import { ListEventsResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { type Command, InvalidArgumentError } from 'commander';
import { ask } from '../ask.ts';
import { renderEventList } from '../render/event-list.ts';
import { renderJson } from '../render/json.ts';
import { painter } from '../render/paint.ts';
import type { OpenSession, Session } from '../session.ts';

/** Adds the command. */
export function addEvents(program: Command, open: OpenSession): void {
  program
    .command('events')
    .description('list the decisions that are remembered, with their reasons, oldest first')
    .option('--after <number>', 'only later ones than this', readNumber)
    .addHelpText('after', '\nExample:\n  $ koi-admin events --after 12')
    .action(({ after = 0n }: { readonly after?: bigint }) => events(open(), after));
}

function readNumber(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return BigInt(text);
}

async function events(session: Session, afterNumber: bigint): Promise<void> {
  const response = await ask(session, (client, options) =>
    client.listEvents({ afterNumber }, options),
  );
  const { terminal, options } = session;
  terminal.out(
    options.output === 'json'
      ? renderJson(ListEventsResponseSchema, response)
      : renderEventList(response.events, painter(terminal.colour)),
  );
}
