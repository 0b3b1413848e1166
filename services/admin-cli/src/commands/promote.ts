// `koi-admin promote`: makes a runner master; the present one is demoted first.
import { PromoteRunnerResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { giveOrder } from '../give-order.ts';
import type { OpenSession } from '../session.ts';

/** Adds the command. */
export function addPromote(program: Command, open: OpenSession): void {
  program
    .command('promote')
    .description('make a runner master; refused with the reason where it cannot be')
    .addHelpText('after', '\nExample:\n  $ koi-admin promote b')
    .argument('<name>', 'the runner')
    .action((runner: string) =>
      giveOrder(
        open(),
        PromoteRunnerResponseSchema,
        `${runner} is to be master`,
        (client, options) => client.promoteRunner({ runner }, options),
      ),
    );
}
