// The elector: composes who may be granted (voter), who stands (candidacy), who leads (leadership) and what
// a leader does (mastership). `step(input, now)` takes in one fact and returns what is to be done about it.
import { unreachable } from '@koi/lib/assert';
import type { Instant, WallTime } from '@koi/lib/time';
import { describeDuration, earliest } from '@koi/lib/time';
import { Candidacy } from './candidacy.ts';
import type { Charter, Decision } from './charter.ts';
import { describeCluster, type Vista, viewElectors } from './cluster-view.ts';
import { Conversation } from './conversation.ts';
import type { Effect, ElectorRecord } from './effect.ts';
import { explain } from './explanation.ts';
import { foundingCharter } from './founding.ts';
import type { Input } from './input.ts';
import { Leadership, type Succession } from './leadership.ts';
import { Mastership } from './mastership.ts';
import type { ElectorOptions } from './options.ts';
import { OrderDesk } from './order-desk.ts';
import { Outputs } from './outputs.ts';
import { Peers } from './peers.ts';
import { Preemption } from './preemption.ts';
import { describePresent, type Present } from './present.ts';
import { ProbeNumbers } from './probe-numbers.ts';
import { Replication } from './replication.ts';
import { ReportIntake } from './report-intake.ts';
import { Roster } from './roster.ts';
import { describeStanding } from './standing-view.ts';
import { Tenure } from './tenure.ts';
import type {
  ClusterView,
  ElectorRole,
  ExplainRefusal,
  ExplainView,
  StandingView,
} from './view.ts';
import { Voter } from './voter.ts';

type Kind<K extends Input['kind']> = Extract<Input, { kind: K }>;

export class Elector {
  /** Shared with every part: what a reload changes, all of them see. */
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
  private readonly intake: ReportIntake;
  /** What a leader does; undefined while this elector does not lead. */
  private office: Mastership | undefined;
  private now: Instant;
  private wallOffset: WallTime = 0;
  /** Who is heard and who leads, as of the last step. */
  private heardNow = '';
  /** The version that was committed as of the last step. */
  private committedNow: Charter | undefined;

  /** `record`: what was found on disk. A fresh elector abstains from now on (P3). */
  constructor(given: ElectorOptions, record: ElectorRecord, now: Instant) {
    const options = { ...given };
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
    const { roster, leadership } = this;
    const present = () => this.office;
    this.intake = new ReportIntake({
      options,
      roster,
      voter,
      outputs,
      leadership,
      office: present,
    });
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
      onRelayedReport: (relayed, via, then) => this.intake.relayed(relayed, via, then),
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
      ...(this.idle ? [...this.candidacy.deadlines(), ...this.preemption.deadlines()] : []),
      ...(this.office?.deadlines() ?? []),
    ];
    return earliest(...all.filter((instant) => instant > this.now));
  }

  /** Neither claiming nor leading: a candidate, or one that waits. */
  private get idle(): boolean {
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
    return describeCluster(this.vista(now));
  }

  /** Why all that is so, or was in an earlier epoch (not 0); all runners, or one. */
  explain(runner: string | undefined, epoch: number, now: Instant): ExplainView | ExplainRefusal {
    return explain(this.vista(now), runner, epoch, this.wallOffset);
  }

  private vista(now: Instant): Vista {
    return {
      options: this.options,
      peers: this.peers,
      roster: this.roster,
      voter: this.voter,
      role: this.role,
      charter: this.office?.replication.committed ?? this.voter.charter,
      leader: this.leader,
      term: this.leadership.leading ? this.leadership.term : this.voter.term,
      office: this.office,
      now,
    };
  }

  /**
   * The events that nobody can take back: those of the committed charter. Undefined while this elector does not
   * lead, or has not yet committed what it inherited (C2).
   */
  get events(): readonly Decision[] | undefined {
    return this.office?.replication.committed?.decisions;
  }

  /** What it is by itself. */
  standing(now: Instant): StandingView {
    return describeStanding(this.vista(now));
  }

  /** What a rehearsal begins with; undefined: it does not lead, or has committed nothing yet (C2). */
  present(now: Instant): Present | undefined {
    const charter = this.office?.replication.committed;
    if (charter === undefined) return undefined;
    const { options, peers, roster } = this;
    return describePresent({ options, peers, roster, term: this.leadership.term, charter }, now);
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
    if (this.idle) {
      this.candidacy.expire(now);
      this.preemption.expire(now);
    } else {
      this.preemption.rest();
    }
    if (this.leadership.heartbeat(now)) this.office?.replication.repeat(now);
    this.office?.decide(now);
    this.noteChanges(now);
    return this.outputs.take();
  }

  /** That somebody is not heard any more, or leads no more, changes the view, though nothing has arrived. */
  private noteChanges(now: Instant): void {
    const committed = this.office?.replication.committed;
    if (committed !== this.committedNow) this.outputs.markChanged();
    this.committedNow = committed;
    let heard = `${this.leader ?? ''}:`;
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
        this.intake.connected(input, now);
        break;
      case 'runner-lost':
        this.roster.disconnect(input.runner, input.session);
        break;
      case 'report':
        this.intake.report(input, now);
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
      case 'options':
        // The parts hold this very object.
        Object.assign(this.options, input.options);
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
      electors: (then) => viewElectors(this.vista(then)),
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
