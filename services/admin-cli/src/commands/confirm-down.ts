// `koi-admin confirm-down`: takes an administrator's word that a runner is down. A wrong word makes
// two masters, so it is asked for twice.
import { ConfirmRunnerDownResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { EXIT, type ExitCode, Failure } from '../failure.ts';
import { giveOrder, type OrderOptions } from '../give-order.ts';
import { confirmedDownGoal } from '../goal.ts';
import { neutral } from '../render/neutral.ts';
import type { Session } from '../session.ts';

/** Asks back unless told not to, then gives the order. */
export async function confirmDown(
  session: Session,
  runner: string,
  { yes, ...options }: OrderOptions & { readonly yes: boolean },
): Promise<ExitCode> {
  if (!yes) await askBack(session, runner);
  const order = {
    schema: ConfirmRunnerDownResponseSchema,
    wanted: `${runner} is taken to be down`,
    goal: confirmedDownGoal(runner),
  };
  return await giveOrder(
    session,
    { ...order, call: (client, call) => client.confirmRunnerDown({ runner }, call) },
    options,
  );
}

async function askBack({ terminal }: Session, runner: string): Promise<void> {
  if (terminal.ask === undefined) {
    throw new Failure(
      EXIT.USAGE,
      'confirm-down needs --yes where nobody can be asked back',
      `make certain that ${runner} is powered off or fenced: a wrong word makes two masters`,
    );
  }
  const question =
    `Is ${neutral(runner)} certainly powered off, fenced or not promoted? ` +
    'A wrong word makes two masters. Type its name to confirm: ';
  if ((await terminal.ask(question)).trim() === runner) return;
  throw new Failure(EXIT.REFUSED, 'not confirmed, nothing was changed');
}
