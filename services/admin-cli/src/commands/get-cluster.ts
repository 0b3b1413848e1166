// `koi-admin get-cluster`, also `status` and `tree`: the cluster as its leader sees it. With
// --check one line and an exit code for monitoring.
import {
  type GetClusterResponse,
  GetClusterResponseSchema,
} from '@koi/gen/koi/admin/v1/admin_service_pb';
import { ask } from '../ask.ts';
import { asClause, EXIT, type ExitCode, Failure } from '../failure.ts';
import { print, printPage } from '../print.ts';
import { clusterPage } from '../render/cluster-page.ts';
import { line } from '../render/page.ts';
import { checkLine, obstacles } from '../render/readiness.ts';
import type { Session } from '../session.ts';

/** Shows it; exits 3 where nobody leads. */
export async function getCluster(session: Session): Promise<ExitCode> {
  const response = await fetchCluster(session);
  const { cluster, elector } = response;
  print(session, GetClusterResponseSchema, response, (wide) =>
    cluster === undefined ? [] : clusterPage(cluster, elector, wide),
  );
  if (cluster !== undefined && cluster.leader !== '') return EXIT.DONE;
  throw new Failure(
    EXIT.UNREACHABLE,
    'nobody leads',
    'a majority of the electors must run and reach each other; an election takes a second',
  );
}

/**
 * One line on standard output, whatever comes: 0 a failover would happen by itself, 1 it would not
 * or there is no master, 3 nobody leads or no elector answers.
 */
export async function checkCluster(session: Session): Promise<ExitCode> {
  try {
    const response = await fetchCluster(session);
    const { cluster } = response;
    const led = cluster !== undefined && cluster.leader !== '';
    print(session, GetClusterResponseSchema, response, () =>
      led ? [checkLine(cluster)] : [line('UNKNOWN: nobody leads')],
    );
    if (!led) return EXIT.UNREACHABLE;
    return obstacles(cluster).length === 0 ? EXIT.DONE : EXIT.REFUSED;
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== EXIT.UNREACHABLE) throw error;
    const details = error.hints.length === 0 ? '' : ` (${asClause(error.hints[0] ?? '')})`;
    printPage(session, [line(`UNKNOWN: ${asClause(error.message)}${details}`)]);
    return EXIT.UNREACHABLE;
  }
}

function fetchCluster(session: Session): Promise<GetClusterResponse> {
  return ask(session, (client, options) => client.getCluster({}, options), {
    // An elector that is cut off knows no leader; another one may.
    accept: ({ cluster }) => cluster !== undefined && cluster.leader !== '',
  });
}
