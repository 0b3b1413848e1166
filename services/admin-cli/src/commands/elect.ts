// `koi-admin elect`: ends the manual mode that demote began.
import { ElectMasterResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { giveOrder } from '../give-order.ts';
import type { OpenSession } from '../session.ts';

/** Adds the command. */
export function addElect(program: Command, open: OpenSession): void {
  program
    .command('elect')
    .description('elect a master again after `demote`')
    .addHelpText('after', '\nExample:\n  $ koi-admin elect')
    .action(() =>
      giveOrder(open(), ElectMasterResponseSchema, 'a master is to be elected', (client, options) =>
        client.electMaster({}, options),
      ),
    );
}
