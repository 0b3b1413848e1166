// An order to the cluster: asked, answered with the revision that holds it, and said in one line.
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type Ask, type AskOptions, ask } from './ask.ts';
import { renderJson } from './render/json.ts';
import type { Session } from './session.ts';

/**
 * Gives an order and prints what is now wanted. It is on a majority's disks then; it may not be
 * done yet.
 */
export async function giveOrder<Schema extends DescMessage>(
  session: Session,
  schema: Schema,
  wanted: string,
  call: Ask<MessageShape<Schema> & { readonly revision: bigint }>,
  options: AskOptions<MessageShape<Schema> & { readonly revision: bigint }> = {},
): Promise<void> {
  const response = await ask(session, call, options);
  session.terminal.out(
    session.options.output === 'json'
      ? renderJson(schema, response)
      : `${wanted} (revision ${response.revision})\n`,
  );
}
