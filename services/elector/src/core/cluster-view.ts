// Makes what an elector shows of the cluster. The leader's view is complete; another elector shows what it
// holds and hears itself.
import type { Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import { blockedBy } from './failover-readiness.ts';
import type { Mastership } from './mastership.ts';
import type { ElectorOptions, ListedElector } from './options.ts';
import type { Peers } from './peers.ts';
import { outranks } from './peers.ts';
import type { Roster } from './roster.ts';
import { rejection } from './rules.ts';
import { problemOf } from './standing-view.ts';
import type { ClusterView, ElectorRole, ElectorView, FailureView, RunnerView } from './view.ts';
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
  /** Of this elector, where it leads. */
  readonly office: Mastership | undefined;
  readonly now: Instant;
}

export function describeCluster(vista: Vista): ClusterView {
  const { charter, now } = vista;
  const waiting = vista.office?.waiting;
  const electors = viewElectors(vista);
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
    electors,
    runners: [...names].sort().map((name) => viewRunner(name, vista)),
    waiting: waiting?.text ?? '',
    waitingFor:
      waiting === undefined || waiting.until === NEVER
        ? undefined
        : Math.max(0, waiting.until - now),
    blocked: blockedBy(vista, electors),
    failures: viewFailures(vista.roster),
    decisions: charter?.decisions ?? [],
  };
}

/** All electors of the list, the highest in rank first. */
export function viewElectors(vista: Vista): readonly ElectorView[] {
  return [...vista.options.electors]
    .sort((a, b) => (outranks(a, b) ? -1 : 1))
    .map((elector) => viewElector(elector, vista));
}

/** What the runners remember, the oldest first. */
function viewFailures(roster: Roster): readonly FailureView[] {
  return roster
    .all()
    .flatMap(({ name, report }) =>
      (report?.failures ?? []).map((failure) => ({ runner: name, ...failure })),
    )
    .sort((a, b) => a.at - b.at);
}

function viewElector(elector: ListedElector, vista: Vista): ElectorView {
  const { name, address, priority } = elector;
  const self = name === vista.options.name;
  const peer = self ? undefined : vista.peers.find(name);
  const heard = self || (peer !== undefined && vista.peers.heard(peer, vista.now));
  const follows = heard ? 'follower' : 'unknown';
  const role = self ? vista.role : name === vista.leader ? 'leader' : follows;
  const charter = self ? vista.voter.charter !== undefined : (peer?.hasCharter ?? false);
  const problem = self ? problemOf(vista) : heard ? peerProblem(peer, vista) : '';
  const absence = vista.peers.absenceOf(name, vista.now);
  return { name, address, priority, role, heard, charter, problem, absence };
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
