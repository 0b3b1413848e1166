// `koi-admin demote`: demotes the master and elects nobody until told.
import { DemoteMasterResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { giveOrder } from '../give-order.ts';
import type { OpenSession } from '../session.ts';

/** Adds the command. */
export function addDemote(program: Command, open: OpenSession): void {
  program
    .command('demote')
    .description('demote the master and elect nobody until told (manual mode)')
    .addHelpText('after', '\nExample:\n  $ koi-admin demote')
    .action(() =>
      giveOrder(
        open(),
        DemoteMasterResponseSchema,
        'nobody is to be master until `koi-admin elect` or `koi-admin promote`',
        (client, options) => client.demoteMaster({}, options),
      ),
    );
}
