// Makes what an elector shows of the cluster. The leader's view is complete; another elector shows what it
// holds and hears itself.
import type { Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import type { Waiting } from './obstacle.ts';
import type { ElectorOptions, ListedElector } from './options.ts';
import type { Peers } from './peers.ts';
import { outranks } from './peers.ts';
import type { Roster } from './roster.ts';
import { rejection } from './rules.ts';
import type { ClusterView, ElectorRole, ElectorView, RunnerView } from './view.ts';
import type { Voter } from './voter.ts';

/** What a view is made of. */
export interface Vista {
  readonly options: ElectorOptions;
  readonly peers: Peers;
  readonly roster: Roster;
  readonly voter: Voter;
  readonly role: ElectorRole;
  /** Committed where this elector leads, else the newest it holds. */
  readonly charter: Charter | undefined;
  readonly leader: string | undefined;
  readonly term: number;
  readonly waiting: Waiting | undefined;
  readonly now: Instant;
}

export function describeCluster(vista: Vista): ClusterView {
  const { charter, waiting, now } = vista;
  const names = new Set([
    ...(charter?.runners ?? []),
    ...vista.roster.all().map(({ name }) => name),
  ]);
  return {
    revision: charter?.revision ?? 0,
    term: vista.term,
    leader: vista.leader,
    master: charter?.master,
    epoch: charter?.epoch ?? 0,
    maintenance: charter?.maintenance ?? false,
    manual: charter?.manual ?? false,
    target: charter?.target,
    electors: [...vista.options.electors]
      .sort((a, b) => (outranks(a, b) ? -1 : 1))
      .map((elector) => viewElector(elector, vista)),
    runners: [...names].sort().map((name) => viewRunner(name, vista)),
    waiting: waiting?.text ?? '',
    waitingFor:
      waiting === undefined || waiting.until === NEVER
        ? undefined
        : Math.max(0, waiting.until - now),
    decisions: charter?.decisions ?? [],
  };
}

function viewElector(elector: ListedElector, vista: Vista): ElectorView {
  const { name, address, priority } = elector;
  const self = name === vista.options.name;
  const peer = self ? undefined : vista.peers.find(name);
  const heard = self || (peer !== undefined && vista.peers.heard(peer, vista.now));
  const follows = heard ? 'follower' : 'unknown';
  const role = self ? vista.role : name === vista.leader ? 'leader' : follows;
  const charter = self ? vista.voter.charter !== undefined : (peer?.hasCharter ?? false);
  const problem = self ? ownProblem(vista) : heard ? peerProblem(peer, vista) : '';
  const absence = vista.peers.absenceOf(name, vista.now);
  return { name, address, priority, role, heard, charter, problem, absence };
}

function ownProblem(vista: Vista): string {
  const { voter, peers, now } = vista;
  if (!voter.disk.sound(now))
    return `its disk does not keep up: ${voter.disk.problem || 'a write is overdue'}`;
  if (voter.listDiffers())
    return "its elector list differs from the charter's by more than one elector";
  if (voter.charter === undefined && peers.hearsCharter(now))
    return 'its disk is empty: it waits for the charter';
  return '';
}

function peerProblem(peer: ReturnType<Peers['find']>, vista: Vista): string {
  if (peer === undefined || peer.digest === undefined) return '';
  if (!vista.peers.agrees(peer)) return 'its elector list or protocol times differ';
  if (!peer.hasCharter && vista.voter.charter !== undefined) return 'it has no charter yet';
  return '';
}

function viewRunner(name: string, vista: Vista): RunnerView {
  const { roster, charter, options, now } = vista;
  const entry = roster.get(name);
  const against =
    entry === undefined || charter === undefined
      ? undefined
      : rejection(entry, { charter, roster, options, now });
  const rejected = entry === undefined ? 'not heard' : (against?.reason ?? '');
  return {
    name,
    state: roster.state(entry, now),
    report: entry?.report,
    reportAge: entry?.report === undefined ? undefined : now - entry.heardAt,
    stopped: charter?.stopped.includes(name) ?? false,
    rejected: name === charter?.master && roster.heard(entry, now) ? '' : rejected,
  };
}
