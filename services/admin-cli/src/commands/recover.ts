// `koi-admin recover`: makes a runner, or all of them, forget failures.
import { RecoverRunnerResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { giveOrder } from '../give-order.ts';
import type { OpenSession } from '../session.ts';

/** Adds the command. */
export function addRecover(program: Command, open: OpenSession): void {
  program
    .command('recover')
    .description('make a runner, or all of them, forget failures and start again')
    .addHelpText('after', '\nExample:\n  $ koi-admin recover b')
    .argument('[name]', 'the runner; without it all of them')
    .action((runner: string = '') =>
      giveOrder(
        open(),
        RecoverRunnerResponseSchema,
        `${runner === '' ? 'every runner' : runner} is to forget its failures`,
        (client, options) => client.recoverRunner({ runner }, options),
        // Each call counts: it is not asked twice.
        { repeatable: false },
      ),
    );
}
