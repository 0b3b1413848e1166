// The cluster as people read it: what it does, what it waits for, its electors, its runners and
// their services.
import type { Cluster, Elector } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { type Block, line, type Page, span, tree } from './page.ts';
import { obstacles, readinessLine } from './readiness.ts';
import { runnerRow } from './runner-row.ts';
import { roleSpan, writeAbsence, writeAge } from './words.ts';

/** The whole cluster. `elector` is whose view it is. */
export function clusterPage(cluster: Cluster, elector: string, wide: boolean): Page {
  const { electors, runners } = cluster;
  return [
    ...headLines(cluster, elector),
    readinessLine(obstacles(cluster)),
    line(span('electors', 'heading')),
    tree(electors.map((one) => electorRow(one, wide))),
    line(span('runners', 'heading')),
    runners.length > 0
      ? tree(runners.map((runner) => runnerRow(runner, wide)))
      : line(span('└─ none has reported yet', 'warning')),
  ];
}

/** What the cluster does and waits for. */
function headLines(cluster: Cluster, elector: string): Page {
  const { leader, master, epoch, term, revision, target } = cluster;
  const lines = [
    line(
      span(`cluster ${cluster.name}`, 'heading'),
      `, revision ${revision}, as ${elector} sees it`,
    ),
    leader === ''
      ? line('leader: ', span('nobody', 'bad'))
      : line(`leader: ${leader} (term ${term})`),
    line(
      'master: ',
      master === '' ? span('nobody', 'bad') : span(master, 'good'),
      epoch > 0n ? ` (epoch ${epoch})` : '',
    ),
    ...wishLines(cluster),
  ];
  if (target !== '') lines.push(line(`target: ${target} is to become master`));
  if (cluster.waiting !== '') lines.push(line(span(`waiting: ${waitingOf(cluster)}`, 'warning')));
  return lines;
}

/** What an administrator has turned off. */
export function wishLines({ maintenance, manual }: Cluster): Block[] {
  const lines: Block[] = [];
  if (maintenance) {
    const text = 'maintenance: on, no script runs and nobody is elected or demoted';
    lines.push(line(span(text, 'warning')));
  }
  if (manual) {
    const text = 'manual: an administrator demoted the master, `elect` ends that';
    lines.push(line(span(text, 'warning')));
  }
  return lines;
}

/** What the leader waits for, and how long at the longest. */
export function waitingOf({ waiting, waitingFor }: Cluster): string {
  return waitingFor === undefined ? waiting : `${waiting} (${writeAge(waitingFor)} at most)`;
}

/** An elector with its troubles below it. */
export function electorRow(elector: Elector, wide: boolean) {
  const { name, heard, charter, address, priority, problem } = elector;
  const lacking = heard && !charter;
  return {
    cells: [
      span(name),
      roleSpan(elector),
      span(address, 'quiet'),
      span(`priority ${priority}`, 'quiet'),
      lacking ? span('no charter', 'warning') : span(wide && heard ? 'charter' : '', 'quiet'),
      span(writeAbsence(elector), 'warning'),
    ],
    below: problem === '' ? [] : [line(span(problem, 'bad'))],
  };
}
