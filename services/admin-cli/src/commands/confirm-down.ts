// `koi-admin confirm-down`: takes an administrator's word that a runner is down. A wrong word makes
// two masters, so it is asked for twice.
import { ConfirmRunnerDownResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { EXIT, Failure } from '../failure.ts';
import { giveOrder } from '../give-order.ts';
import type { OpenSession, Session } from '../session.ts';

/** Adds the command. */
export function addConfirmDown(program: Command, open: OpenSession): void {
  program
    .command('confirm-down')
    .description('confirm that nothing of a master is promoted any more, and elect another at once')
    .argument('<name>', 'the runner that is certainly down')
    .option('--yes', 'do not ask back')
    .addHelpText('after', '\nExample:\n  $ koi-admin confirm-down b --yes')
    .action((runner: string, { yes = false }: { readonly yes?: boolean }) =>
      confirmDown(open(), runner, yes),
    );
}

async function confirmDown(session: Session, runner: string, yes: boolean): Promise<void> {
  if (!yes) await askBack(session, runner);
  const sentence = `${runner} is taken to be down`;
  await giveOrder(session, ConfirmRunnerDownResponseSchema, sentence, (client, options) =>
    client.confirmRunnerDown({ runner }, options),
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
    `Is ${runner} certainly powered off, fenced or not promoted? A wrong word makes two masters. ` +
    'Type its name to confirm: ';
  if ((await terminal.ask(question)).trim() === runner) return;
  throw new Failure(EXIT.REFUSED, 'not confirmed, nothing was changed');
}
