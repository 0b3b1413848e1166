// `koi-admin stop`: demotes and stops a runner's services until start.
import { StopRunnerResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { giveOrder } from '../give-order.ts';
import type { OpenSession } from '../session.ts';

/** Adds the command. */
export function addStop(program: Command, open: OpenSession): void {
  program
    .command('stop')
    .description("demote and stop a runner's services until `start`")
    .addHelpText('after', '\nExample:\n  $ koi-admin stop b')
    .argument('<name>', 'the runner')
    .action((runner: string) =>
      giveOrder(open(), StopRunnerResponseSchema, `${runner} is to be stopped`, (client, options) =>
        client.stopRunner({ runner }, options),
      ),
    );
}
