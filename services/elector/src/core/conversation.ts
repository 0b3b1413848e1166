// What other electors say, and what is replied: the one place where a message of theirs becomes a call of
// the voter, the candidacy, the leadership or the office.
import { unreachable } from '@koi/lib/assert';
import type { Instant } from '@koi/lib/time';
import { LONG_AGO } from '@koi/lib/time';
import type { Candidacy } from './candidacy.ts';
import type { Charter, Version } from './charter.ts';
import type { Leadership } from './leadership.ts';
import { RESIGN_HEARTBEATS } from './leadership.ts';
import type { Body, Message, RelayedReport } from './message.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import type { Peer, Peers } from './peers.ts';
import type { Preemption } from './preemption.ts';
import type { Assignment } from './report.ts';
import type { Voter } from './voter.ts';

/** The parts of an elector that a message can concern. */
export interface Parties {
  readonly options: ElectorOptions;
  readonly peers: Peers;
  readonly voter: Voter;
  readonly candidacy: Candidacy;
  readonly leadership: Leadership;
  readonly preemption: Preemption;
  readonly outputs: Outputs;
  /** C1: an elector has a version of ours on disk. */
  readonly onStored: (elector: string, version: Version, now: Instant) => void;
  /** C4: what an elector holds, as it says when a stream opens. */
  readonly onIntroduced: (elector: string, held: Version | undefined) => void;
  /** M9: another elector passes on a report that did not reach us. */
  readonly onRelayedReport: (relayed: RelayedReport, via: string, now: Instant) => void;
  /** M9: the leader's answer to a report that we passed on. */
  readonly onRelayedAssignment: (runner: string, assignment: Assignment) => void;
  /** P9: a higher-ranked elector asks us to hand over. */
  readonly onHandover: (peer: Peer, term: number, now: Instant) => void;
}

export class Conversation {
  private readonly parties: Parties;

  constructor(parties: Parties) {
    this.parties = parties;
  }

  connected(name: string): void {
    const { peers, outputs } = this.parties;
    const peer = peers.find(name);
    if (peer === undefined) return;
    peer.connected = true;
    outputs.send(name, { kind: 'hello', ...this.introduction() });
  }

  lost(name: string): void {
    const peer = this.parties.peers.find(name);
    if (peer !== undefined) peer.connected = false;
  }

  private introduction() {
    return { digest: this.parties.options.digest, charter: this.parties.voter.charter };
  }

  onMessage(from: string, message: Message, now: Instant): void {
    const { peers, outputs } = this.parties;
    const peer = peers.find(from);
    if (peer === undefined) return;
    if (!peers.heard(peer, now)) outputs.markChanged();
    peers.note(peer, message, now);
    if (message.body.kind === 'hello' || message.body.kind === 'welcome') this.greet(peer, message);
    else this.onBody(peer, message.body, now);
  }

  /** P1: electors whose digests differ say so. */
  private greet(peer: Peer, message: Message): void {
    const { peers, outputs } = this.parties;
    this.parties.onIntroduced(peer.name, peer.told?.charter?.version);
    if (!peers.agrees(peer)) {
      const text = `${peer.name} has another elector list or other protocol times: neither grants the other`;
      outputs.log('warn', text);
      outputs.markChanged();
    }
    if (message.body.kind === 'hello') {
      outputs.send(peer.name, { kind: 'welcome', ...this.introduction() });
    }
  }

  private onBody(
    peer: Peer,
    body: Exclude<Body, { kind: 'hello' | 'welcome' }>,
    now: Instant,
  ): void {
    const { candidacy, leadership } = this.parties;
    switch (body.kind) {
      case 'heartbeat':
        this.onHeartbeat(peer, body, now);
        break;
      case 'coordinator':
        this.noteLeading(peer, false, now);
        this.onAsked(peer, body.term, body.round, true, now);
        break;
      case 'election':
        candidacy.onElection(peer, body.probe, now);
        break;
      case 'answer':
        candidacy.onAnswer(peer, body, now);
        break;
      case 'prospect':
        candidacy.onProspect(peer, body, now);
        this.parties.preemption.onProspect(peer, body, now);
        break;
      case 'grant':
        leadership.onGrant(peer, body, now);
        break;
      case 'refusal':
        leadership.onRefusal(peer, body, now);
        break;
      case 'resign':
        this.onResign(peer, body.term, now);
        break;
      case 'store':
        this.onStore(peer, body.charter, now);
        break;
      case 'stored':
        this.parties.onStored(peer.name, body.version, now);
        break;
      case 'relayed-report':
        this.parties.onRelayedReport(body, peer.name, now);
        break;
      case 'relayed-assignment':
        this.parties.onRelayedAssignment(body.runner, body.assignment);
        break;
      case 'handover':
        this.parties.onHandover(peer, body.term, now);
        break;
      case 'heard':
        break;
      default:
        unreachable(body);
    }
  }

  private onHeartbeat(peer: Peer, body: Extract<Body, { kind: 'heartbeat' }>, now: Instant): void {
    this.noteLeading(peer, body.leading, now);
    if (body.leading) peer.ledTerm = body.term;
    if (this.parties.peers.noteAbsence(peer, body.absence, now)) this.parties.outputs.markChanged();
    if (body.leading) this.onAsked(peer, body.term, body.round, false, now);
    else this.parties.outputs.send(peer.name, { kind: 'heard', round: body.round });
  }

  private noteLeading(peer: Peer, leading: boolean, now: Instant): void {
    const { peers, outputs } = this.parties;
    if ((peers.leader(now)?.name === peer.name) !== leading) outputs.markChanged();
    peer.ledAt = leading ? now : LONG_AGO;
  }

  /** P6, P7: a claimant's Coordinator and a leader's heartbeat are answered alike. */
  private onAsked(peer: Peer, term: number, round: number, claims: boolean, now: Instant): void {
    const { voter, candidacy, outputs } = this.parties;
    const boundTo = voter.binding.to(now);
    const refused = voter.grant(peer.name, term, now, (then) => {
      const residue = voter.residue(term, then);
      // C2: every grant that answers a Coordinator carries the charter, or says that there is none.
      const charter = claims ? voter.charter : undefined;
      const grant = {
        kind: 'grant',
        term,
        round,
        residue,
        carriesCharter: claims,
        charter,
      } as const;
      outputs.send(peer.name, grant);
    });
    if (refused === undefined) {
      if (boundTo !== peer.name) candidacy.reset();
      return;
    }
    outputs.send(peer.name, {
      kind: 'refusal',
      term,
      round,
      reason: refused,
      boundTo,
      boundFor: voter.occupiedFor(peer.name, now),
    });
  }

  /** P8: bindings to that term end; nobody's probe waits for the resigner. */
  private onResign(peer: Peer, term: number, now: Instant): void {
    const { options, voter } = this.parties;
    if (voter.binding.to(now) === peer.name) voter.binding.free(term);
    peer.resignedUntil = now + RESIGN_HEARTBEATS * options.times.heartbeat;
    this.noteLeading(peer, false, now);
  }

  /** C1: a leader ignores a foreign version; a claimant of a lower term gives up. */
  private onStore(peer: Peer, charter: Charter, now: Instant): void {
    const { leadership, voter, outputs } = this.parties;
    if (leadership.leading) return;
    leadership.onForeignVersion(charter.version.term);
    const stored = voter.store(charter, peer.name, now, () => {
      outputs.send(peer.name, { kind: 'stored', version: charter.version });
    });
    if (!stored) return;
    this.noteLeading(peer, true, now);
    peer.ledTerm = charter.version.term;
    outputs.markChanged();
  }
}
