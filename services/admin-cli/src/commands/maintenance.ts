// `koi-admin maintenance`: turns maintenance on or off.
import { SetMaintenanceResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { Argument, type Command } from 'commander';
import { giveOrder } from '../give-order.ts';
import type { OpenSession } from '../session.ts';

/** Adds the command. */
export function addMaintenance(program: Command, open: OpenSession): void {
  program
    .command('maintenance')
    .description('turn maintenance on or off: while it is on no script runs')
    .addHelpText('after', '\nExample:\n  $ koi-admin maintenance on')
    .addArgument(new Argument('<on|off>').choices(['on', 'off']))
    .action((wish: string) =>
      giveOrder(open(), SetMaintenanceResponseSchema, `maintenance is ${wish}`, (client, options) =>
        client.setMaintenance({ on: wish === 'on' }, options),
      ),
    );
}
