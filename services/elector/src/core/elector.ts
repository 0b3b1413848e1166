// The elector: composes who may be granted (voter), who stands (candidacy), who leads (leadership) and what
// a leader does (mastership). `step(input, now)` takes in one fact and returns what is to be done about it.
import { unreachable } from '@koi/lib/assert';
import type { Instant, WallTime } from '@koi/lib/time';
import { describeDuration, earliest } from '@koi/lib/time';
import { Candidacy } from './candidacy.ts';
import { describeCluster } from './cluster-view.ts';
import { Conversation } from './conversation.ts';
import type { Effect, ElectorRecord } from './effect.ts';
import { foundingCharter } from './founding.ts';
import type { Input } from './input.ts';
import { Leadership, type Succession } from './leadership.ts';
import { Mastership } from './mastership.ts';
import type { RelayedReport } from './message.ts';
import type { ElectorOptions } from './options.ts';
import { OrderDesk } from './order-desk.ts';
import { Outputs } from './outputs.ts';
import { Peers } from './peers.ts';
import { Preemption } from './preemption.ts';
import { ProbeNumbers } from './probe-numbers.ts';
import { Replication } from './replication.ts';
import type { Report } from './report.ts';
import { Roster, type RosterEntry } from './roster.ts';
import { Tenure } from './tenure.ts';
import type { ClusterView, ElectorRole } from './view.ts';
import { Voter } from './voter.ts';

type Kind<K extends Input['kind']> = Extract<Input, { kind: K }>;

export class Elector {
  private readonly options: ElectorOptions;
  private readonly peers: Peers;
  private readonly roster: Roster;
  private readonly outputs: Outputs;
  private readonly voter: Voter;
  private readonly candidacy: Candidacy;
  private readonly preemption: Preemption;
  private readonly leadership: Leadership;
  private readonly conversation: Conversation;
  private readonly desk: OrderDesk;
  /** What a leader does; undefined while this elector does not lead. */
  private office: Mastership | undefined;
  private now: Instant;
  private wallOffset: WallTime = 0;
  /** Who is heard, as of the last step. */
  private heardNow = '';

  /** `record`: what was found on disk. A fresh elector abstains from now on (P3). */
  constructor(options: ElectorOptions, record: ElectorRecord, now: Instant) {
    this.options = options;
    this.now = now;
    const peers = new Peers(options);
    const outputs = new Outputs(() => this.envelope());
    const voter = new Voter(options, peers, outputs, record, now);
    const onWon = (then: Instant) => this.leadership.begin(then);
    const numbers = new ProbeNumbers();
    const candidacy = new Candidacy(options, peers, voter, outputs, numbers, onWon);
    const office = {
      begin: (succession: Succession, then: Instant) => this.takeOffice(succession, then),
      end: (reason: string) => this.leaveOffice(reason),
    };
    this.peers = peers;
    this.outputs = outputs;
    this.voter = voter;
    this.candidacy = candidacy;
    this.preemption = new Preemption(options, peers, voter, outputs, numbers);
    this.roster = new Roster(options.times);
    this.desk = new OrderDesk(this.roster, outputs);
    this.leadership = new Leadership(options, peers, voter, candidacy, outputs, office, now);
    this.conversation = new Conversation({
      options,
      peers,
      voter,
      candidacy,
      leadership: this.leadership,
      preemption: this.preemption,
      outputs,
      onStored: (elector, version, then) =>
        this.office?.replication.acknowledge(elector, version, then),
      onIntroduced: (elector, held) => this.office?.replication.introduced(elector, held),
      onRelayedReport: (relayed, via, then) => this.onRelayedReport(relayed, via, then),
      onRelayedAssignment: (runner, assignment) =>
        outputs.add({ kind: 'assign', runner, session: assignment.session, assignment }),
      onHandover: (peer, term, then) => {
        // P9: not before C2's commit: the next leader must find what this one inherited.
        if (this.office?.ready === true) this.leadership.handOver(peer, term, then);
      },
    });
  }

  private envelope() {
    return { term: this.voter.term, hasCharter: this.voter.charter !== undefined };
  }

  /** The earliest moment at which time alone changes anything; never where none does. */
  get deadline(): Instant {
    const all = [
      ...this.peers.deadlines(),
      ...this.voter.deadlines(),
      ...this.leadership.deadlines(),
      ...this.roster.deadlines(),
      ...(this.standing ? [...this.candidacy.deadlines(), ...this.preemption.deadlines()] : []),
      ...(this.office?.deadlines() ?? []),
    ];
    return earliest(...all.filter((instant) => instant > this.now));
  }

  /** Neither claiming nor leading: a candidate, or one that waits. */
  private get standing(): boolean {
    return !this.leadership.leading && !this.leadership.claiming;
  }

  /** Who leads as far as this elector knows, itself included. */
  get leader(): string | undefined {
    return this.leadership.leading ? this.options.name : this.peers.leader(this.now)?.name;
  }

  get role(): ElectorRole {
    if (this.leadership.leading) return 'leader';
    if (this.leadership.claiming) return 'claimant';
    return this.candidacy.probing ? 'candidate' : 'follower';
  }

  /** What it shows of the cluster. */
  cluster(now: Instant): ClusterView {
    return describeCluster({
      options: this.options,
      peers: this.peers,
      roster: this.roster,
      voter: this.voter,
      role: this.role,
      charter: this.office?.replication.committed ?? this.voter.charter,
      leader: this.leader,
      term: this.leadership.leading ? this.leadership.term : this.voter.term,
      waiting: this.office?.waiting,
      now,
    });
  }

  /** Takes in one fact. P10: what has run out ends first, then the fact is looked at. */
  step(input: Input, now: Instant): readonly Effect[] {
    this.now = now;
    this.leadership.expire(now);
    this.voter.disk.expire(now);
    this.take(input, now);
    if (this.voter.adopt(now)) {
      this.outputs.log('info', 'its disk was empty: took the newest charter that the others hold');
    }
    if (this.standing) {
      this.candidacy.expire(now);
      this.preemption.expire(now);
    } else {
      this.preemption.rest();
    }
    if (this.leadership.heartbeat(now)) this.office?.replication.repeat(now);
    this.office?.decide(now);
    this.noteSilence(now);
    return this.outputs.take();
  }

  /** That somebody is not heard any more changes the view, though nothing has arrived. */
  private noteSilence(now: Instant): void {
    let heard = '';
    for (const peer of this.peers.values())
      if (this.peers.heard(peer, now)) heard += `${peer.name} `;
    for (const entry of this.roster.all())
      if (this.roster.heard(entry, now)) heard += `/${entry.name}`;
    if (heard !== this.heardNow) this.outputs.markChanged();
    this.heardNow = heard;
  }

  private take(input: Input, now: Instant): void {
    switch (input.kind) {
      case 'time':
        break;
      case 'peer-connected':
        this.conversation.connected(input.peer);
        break;
      case 'peer-lost':
        this.conversation.lost(input.peer);
        break;
      case 'message':
        this.conversation.onMessage(input.from, input.message, now);
        break;
      case 'runner-connected':
        this.onRunnerConnected(input, now);
        break;
      case 'runner-lost':
        this.roster.disconnect(input.runner, input.session);
        break;
      case 'report':
        this.onReport(input, now);
        break;
      case 'command':
        this.desk.take(input, this.office, now);
        break;
      case 'persisted':
        this.voter.disk.persisted(input.number, now);
        break;
      case 'persist-failed':
        this.onPersistFailed(input, now);
        break;
      case 'wall':
        this.wallOffset = input.offset;
        break;
      case 'late':
        if (!this.peers.absence.note(input.away, now)) break;
        this.outputs.log('warn', `its loop stood still for ${describeDuration(input.away)}`);
        this.outputs.markChanged();
        break;
      case 'stop':
        this.leadership.resign('it was stopped', now);
        this.candidacy.stop();
        break;
      default:
        unreachable(input);
    }
  }

  private onPersistFailed(input: Kind<'persist-failed'>, now: Instant): void {
    const text = `cannot write its record: ${input.reason}; it grants no new term until it can`;
    this.outputs.log('warn', text);
    this.voter.disk.failed(input.number, input.reason, now);
  }

  private onRunnerConnected(input: Kind<'runner-connected'>, now: Instant): void {
    const { runner, session, digest } = input;
    const admission = this.roster.connect(runner, session, digest, now);
    if (admission.kind === 'refused') {
      this.outputs.add({ kind: 'refuse-runner', runner, session, reason: admission.reason });
    } else if (digest !== this.options.timesDigest) {
      this.outputs.log('warn', `runner ${runner} has other protocol times: it gets no lease`);
    }
  }

  private onReport(input: Kind<'report'>, now: Instant): void {
    const { runner, session, report } = input;
    const before = this.roster.get(runner)?.report;
    const entry = this.roster.report(runner, session, report, now);
    if (entry === undefined) return;
    this.weigh(entry, before, report, now);
    if (this.office?.ready !== true)
      this.outputs.add({ kind: 'heard', runner, session, number: report.number });
    this.relay(entry, report, now);
  }

  /** M9: a report whose runner hears no leader is passed on to the one that this elector is bound to. */
  private relay(
    { name: runner, session, digest }: RosterEntry,
    report: Report,
    now: Instant,
  ): void {
    if (!report.leaderUnheard || this.office !== undefined) return;
    const leader = this.voter.binding.to(now);
    if (leader === undefined || leader === this.options.name) return;
    this.outputs.send(leader, { kind: 'relayed-report', runner, session, digest, report });
  }

  private onRelayedReport(relayed: RelayedReport, via: string, now: Instant): void {
    const before = this.roster.get(relayed.runner)?.report;
    const entry = this.roster.relayed(relayed, via, now);
    if (entry !== undefined) this.weigh(entry, before, relayed.report, now);
  }

  /** What a report means, however it came. */
  private weigh(
    entry: RosterEntry,
    before: Report | undefined,
    report: Report,
    now: Instant,
  ): void {
    if (before === undefined || differs(before, report)) this.outputs.markChanged();
    // P7: a term that a runner has heard is a floor for every claim of ours.
    this.voter.tell(report.highestTerm);
    if (report.highestTerm > this.leadership.term) {
      this.leadership.overtaken(`runner ${entry.name} has heard term ${report.highestTerm}`, now);
    }
    if (this.office?.ready === true) this.office.onReport(entry, now);
  }

  /** C2: takes the newest charter that its grants carried, and commits it before it decides anything. */
  private takeOffice(succession: Succession, now: Instant): void {
    const { options, roster, peers, voter, outputs } = this;
    const { term, residue } = succession;
    const inherited = succession.charter ?? foundingCharter();
    const office = new Mastership({
      options,
      roster,
      outputs,
      replication: new Replication(term, inherited, options, peers, voter, outputs),
      tenure: new Tenure(options.times, residue, now),
      leaseEnd: () => this.leadership.leaseEnd,
      wallOffset: () => this.wallOffset,
      startedAt: now,
    });
    this.office = office;
    const text = `${options.name} leads (term ${term})`;
    office.propose({}, { subject: options.name, rule: 'leader', text }, now, (_charter, then) =>
      this.desk.open(office, then),
    );
  }

  private leaveOffice(reason: string): void {
    this.office?.replication.close();
    this.office = undefined;
    this.desk.close(reason);
  }
}

/** Whether two reports show anything different but their ages. */
function differs(a: Report, b: Report): boolean {
  const stable = (report: Report) =>
    JSON.stringify({
      ...report,
      number: 0,
      uptime: 0,
      sinceFailure: undefined,
      away: 0,
      absence: report.absence?.longest,
      leaderUnheard: false,
    });
  return stable(a) !== stable(b);
}
