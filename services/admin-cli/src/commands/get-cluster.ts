// `koi-admin get-cluster`, also `status` and `tree`: the cluster as its leader sees it.
import { GetClusterResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Command } from 'commander';
import { ask } from '../ask.ts';
import { EXIT, Failure } from '../failure.ts';
import { renderJson } from '../render/json.ts';
import { painter } from '../render/paint.ts';
import { renderTree } from '../render/tree.ts';
import type { OpenSession, Session } from '../session.ts';

/** Adds the command. */
export function addGetCluster(program: Command, open: OpenSession): void {
  program
    .command('get-cluster')
    .aliases(['status', 'tree'])
    .description('show the cluster: leader, master, electors, runners, services')
    .addHelpText('after', '\nExample:\n  $ koi-admin get-cluster -o json')
    .action(() => getCluster(open()));
}

async function getCluster(session: Session): Promise<void> {
  const response = await ask(session, (client, options) => client.getCluster({}, options), {
    // An elector that is cut off knows no leader; another one may.
    accept: ({ cluster }) => cluster !== undefined && cluster.leader !== '',
  });
  const { cluster, elector } = response;
  const { terminal, options } = session;
  if (options.output === 'json') terminal.out(renderJson(GetClusterResponseSchema, response));
  else if (cluster !== undefined) {
    terminal.out(renderTree(cluster, elector, painter(terminal.colour)));
  }
  if (cluster === undefined || cluster.leader === '') {
    throw new Failure(
      EXIT.UNREACHABLE,
      'nobody leads',
      'a majority of the electors must run and reach each other; an election takes a second',
    );
  }
}
