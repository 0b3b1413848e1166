// `koi-admin start`: ends stop: a runner's services start again.
import { StartRunnerResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { giveOrder } from '../give-order.ts';
import type { OpenSession } from '../session.ts';

/** Adds the command. */
export function addStart(program: Command, open: OpenSession): void {
  program
    .command('start')
    .description("start a stopped runner's services again")
    .addHelpText('after', '\nExample:\n  $ koi-admin start b')
    .argument('<name>', 'the runner')
    .action((runner: string) =>
      giveOrder(open(), StartRunnerResponseSchema, `${runner} is to run`, (client, options) =>
        client.startRunner({ runner }, options),
      ),
    );
}
