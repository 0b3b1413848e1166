// What the live view shows, fitted into a window: the cluster above, the latest changes below. It
// shows no ages: they would change without anything having happened.
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { type Runner, RunnerMode, RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import { wishLines } from './cluster-page.ts';
import {
  type Block,
  cutLine,
  foldLine,
  type Line,
  layOut,
  line,
  type Row,
  span,
  tree,
} from './page.ts';
import type { Tone } from './paint.ts';
import { obstacles, readinessLine } from './readiness.ts';
import { roleSpan, runnerStateSpan, serviceStateSpan } from './words.ts';

/** A sentence and when it was heard. */
export interface NewsItem {
  readonly time: string;
  readonly text: string;
}

/** What is known. */
export interface WatchView {
  /** The last view that was sent; undefined: none was yet. */
  readonly cluster?: Cluster | undefined;
  /** Whose view it is. */
  readonly elector: string;
  /** What is wrong with the asking itself; empty: nothing. */
  readonly trouble: string;
  /** Oldest first. */
  readonly news: readonly NewsItem[];
}

/** How many lines the latest changes have at the least, where there are any. */
const NEWS_ROWS_MIN = 3;

/** Lines for a window of that size: never more, never wider. */
export function watchLines(
  view: WatchView,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): readonly Line[] {
  const head = layOut([titleLine(view)]);
  const body = view.cluster === undefined ? [] : bodyLines(view.cluster, columns);
  const wanted = Math.min(view.news.length, NEWS_ROWS_MIN);
  const room = Math.max(0, rows - head.length - (wanted > 0 ? wanted + 1 : 0));
  const shown =
    body.length <= room
      ? body
      : [
          ...body.slice(0, Math.max(0, room - 1)),
          [span(`… ${body.length - room + 1} more lines: enlarge the window`, 'warning')],
        ];
  const left = rows - head.length - shown.length - 1;
  const news = left > 0 ? layOut(newsBlocks(view.news.slice(-left))) : [];
  return [...head, ...shown, ...news].slice(0, rows).map((spans) => cutLine(spans, columns));
}

/** Sentences are folded, trees are cut: a tree that wraps is none. */
function bodyLines(cluster: Cluster, columns: number): readonly Line[] {
  return clusterBlocks(cluster).flatMap((block) => {
    const lines = layOut([block]);
    return block.kind === 'line' ? lines.flatMap((spans) => foldLine(spans, columns)) : lines;
  });
}

function titleLine({ cluster, elector, trouble }: WatchView): Block {
  const name = span(cluster === undefined ? 'koi' : `cluster ${cluster.name}`, 'heading');
  if (trouble !== '') return line(name, ': ', span(trouble, 'warning'));
  return line(name, `, as ${elector} sees it`, span(' (q quits)', 'quiet'));
}

function clusterBlocks(cluster: Cluster): readonly Block[] {
  const { leader, term, master, epoch, target, waiting, electors, runners } = cluster;
  return [
    leader === ''
      ? line('leader: ', span('nobody', 'bad'))
      : line(`leader: ${leader} (term ${term})`),
    line(
      'master: ',
      master === '' ? span('nobody', 'bad') : span(master, 'good'),
      epoch > 0n ? ` (epoch ${epoch})` : '',
    ),
    readinessLine(obstacles(cluster)),
    ...wishLines(cluster),
    ...(target === '' ? [] : [line(`target: ${target} is to become master`)]),
    ...(waiting === '' ? [] : [line(span(`waiting: ${waiting}`, 'warning'))]),
    line(span('electors', 'heading')),
    tree(
      electors.map((elector) => ({
        cells: [
          span(elector.name),
          roleSpan(elector),
          span(elector.heard && !elector.charter ? 'no charter' : '', 'warning'),
          span(elector.problem, 'bad'),
        ],
      })),
    ),
    line(span('runners', 'heading')),
    runners.length === 0
      ? line(span('└─ none has reported yet', 'warning'))
      : tree(runners.map(runnerRow)),
  ];
}

function runnerRow(runner: Runner): Row {
  const { name, state, services, rejected } = runner;
  const silent = state === RunnerState.DISCONNECTED;
  const failures = services.filter(({ failure }) => failure !== '');
  const marked = marks(runner);
  return {
    cells: [
      span(name),
      runnerStateSpan(state),
      silent ? span('') : span(services.map(describeService).join(', '), servicesTone(runner)),
    ],
    below: [
      ...(marked === '' ? [] : [line(span(marked, 'warning'))]),
      ...(rejected === '' ? [] : [line(span(`cannot become master: ${rejected}`, 'quiet'))]),
      ...failures.map((service) => line(span(`${service.name}: ${service.failure}`, 'bad'))),
    ],
  };
}

function marks({ state, mode, stopped, maintenance, promoted }: Runner): string {
  const orphaned = promoted && state !== RunnerState.MASTER && state !== RunnerState.DISCONNECTED;
  return [
    mode === RunnerMode.PASSIVE ? 'passive' : '',
    stopped ? 'stopped by an administrator' : '',
    maintenance ? 'in maintenance' : '',
    orphaned ? 'still promoted' : '',
  ]
    .filter((mark) => mark !== '')
    .join(', ');
}

function describeService({ name, state, action }: Runner['services'][number]): string {
  // A status round comes and goes; it changes nothing.
  const running = action === '' || action === 'status' ? '' : ` (${action} runs)`;
  return `${name} ${serviceStateSpan(state).text}${running}`;
}

const BAD: ReadonlySet<ServiceState> = new Set([ServiceState.FAILED, ServiceState.FAILING]);

function servicesTone({ services }: Runner): Tone {
  return services.some(({ state }) => BAD.has(state)) ? 'bad' : 'plain';
}

function newsBlocks(news: readonly NewsItem[]): readonly Block[] {
  if (news.length === 0) return [];
  return [
    line(span('latest changes (UTC)', 'heading')),
    ...news.map(({ time, text }) => line(span(time, 'quiet'), ` ${text}`)),
  ];
}
