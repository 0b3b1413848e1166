// Claiming a term and leading it (P6 to P8): a lease of grants by a majority, given up in the instant in
// which it runs out. What a leader does with the office is in `mastership.ts`.
import type { Duration, Instant } from '@koi/lib/time';
import { LONG_AGO } from '@koi/lib/time';
import type { Candidacy } from './candidacy.ts';
import type { Charter } from './charter.ts';
import { LeaderLease } from './lease.ts';
import type { Body } from './message.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import type { Peer, Peers } from './peers.ts';
import { majority, outranks } from './peers.ts';
import { PREEMPT_INTERVAL } from './preemption.ts';
import type { Voter } from './voter.ts';
import { newestOf } from './voter.ts';

/** P6: a claim that is not granted within this many heartbeats is over. */
export const CLAIM_HEARTBEATS = 2.5;
/** P6: after a failed claim the next probe comes this long after its binding to itself has ended. */
export const CLAIM_PAUSE_HEARTBEATS = 0.6;
/** P8: a resigner neither stands nor answers for this long. */
export const RESIGN_HEARTBEATS = 2;
/** How many resigned terms are remembered, to answer late grants of them. */
export const RESIGNED_TERMS_MAX = 16;

/** The grants by which an elector leads, or is about to. */
interface Claim {
  readonly term: number;
  readonly startedAt: Instant;
  readonly lease: LeaderLease;
  /** C2: only grants that carried a charter, or said that there is none, count. */
  readonly grants: Map<
    string,
    { readonly charter: Charter | undefined; readonly residue: Duration }
  >;
  durable: boolean;
  leading: boolean;
}

/** What a new leader starts from. */
export interface Succession {
  readonly term: number;
  /** C2: the newest that the grants of its term carried. */
  readonly charter: Charter | undefined;
  /** M2: the largest residue of the grants by which it leads, its own included. */
  readonly residue: Duration;
}

/** What leadership tells the rest of the elector. */
export interface Office {
  begin(succession: Succession, now: Instant): void;
  end(reason: string, now: Instant): void;
}

export class Leadership {
  private readonly options: ElectorOptions;
  private readonly peers: Peers;
  private readonly voter: Voter;
  private readonly candidacy: Candidacy;
  private readonly outputs: Outputs;
  private readonly office: Office;
  private claim: Claim | undefined;
  private round = 0;
  private nextRoundAt: Instant;
  private overtakenAt: Instant = LONG_AGO;
  private handedOverAt: Instant = LONG_AGO;
  private readonly resignedTerms: number[] = [];

  constructor(
    options: ElectorOptions,
    peers: Peers,
    voter: Voter,
    candidacy: Candidacy,
    outputs: Outputs,
    office: Office,
    now: Instant,
  ) {
    this.options = options;
    this.peers = peers;
    this.voter = voter;
    this.candidacy = candidacy;
    this.outputs = outputs;
    this.office = office;
    this.nextRoundAt = now;
  }

  get leading(): boolean {
    return this.claim?.leading === true;
  }

  get claiming(): boolean {
    return this.claim !== undefined && !this.claim.leading;
  }

  /** The term that is led; 0: none. */
  get term(): number {
    return this.claim?.leading === true ? this.claim.term : 0;
  }

  /** P7: until when this leader leads, if nobody grants anything more. */
  get leaseEnd(): Instant {
    return this.claim?.leading === true ? this.claim.lease.end : LONG_AGO;
  }

  /** P6: a fresh term, above all that were told. */
  begin(now: Instant): void {
    const term = this.voter.highestTerm + 1;
    const claim: Claim = {
      term,
      startedAt: now,
      lease: new LeaderLease(this.options.times, majority(this.options)),
      grants: new Map(),
      durable: false,
      leading: false,
    };
    this.claim = claim;
    this.outputs.markChanged();
    this.outputs.log('info', `claiming term ${term}: a majority would grant it`);
    this.sendRound(now);
  }

  /** P7 first: a lease that has run out ends before anything else is looked at (P10). */
  expire(now: Instant): void {
    const { claim } = this;
    if (claim === undefined) return;
    if (claim.leading && now >= claim.lease.end) {
      this.outputs.log(
        'warn',
        `no longer leader: no majority has renewed the lease of term ${claim.term}`,
      );
      // Its last heartbeats may have bound others, by this or in a moment, to what nobody leads any more.
      this.withdraw(claim, now);
      this.office.end('its lease ran out: no majority of the electors answers it', now);
    } else if (!claim.leading && now >= this.claimEnd(claim)) {
      this.giveUp(`term ${claim.term} was not granted by a majority in time`);
    }
  }

  private claimEnd(claim: Claim): Instant {
    return claim.startedAt + CLAIM_HEARTBEATS * this.options.times.heartbeat;
  }

  /** P6: the term never leads; the next probe waits for the binding to itself and a little more. */
  private giveUp(reason: string): void {
    this.claim = undefined;
    this.outputs.log('info', `gave up claiming: ${reason}`);
    this.outputs.markChanged();
    const pause = CLAIM_PAUSE_HEARTBEATS * this.options.times.heartbeat;
    this.candidacy.pause(this.voter.binding.until + pause);
  }

  /** Sends what every other elector gets once per heartbeat, when it is due. Returns whether it was. */
  heartbeat(now: Instant): boolean {
    if (now < this.nextRoundAt) return false;
    this.sendRound(now);
    return true;
  }

  private sendRound(now: Instant): void {
    this.round += 1;
    this.nextRoundAt = now + this.options.times.heartbeat;
    const { claim } = this;
    if (claim !== undefined) this.grantOurselves(claim, now);
    const body = this.roundBody(now);
    for (const peer of this.peers.values()) {
      if (peer.connected) this.outputs.send(peer.name, body);
    }
  }

  private roundBody(now: Instant): Body {
    const { claim, round } = this;
    const { absence } = this.peers;
    if (claim !== undefined && !claim.leading) {
      return { kind: 'coordinator', term: claim.term, round };
    }
    const led =
      claim === undefined ? { leading: false, term: 0 } : { leading: true, term: claim.term };
    return { kind: 'heartbeat', ...led, round, absence: absence.told(now) };
  }

  /** P3: our grant to ourselves binds like any other, from each round that we send. */
  private grantOurselves(claim: Claim, now: Instant): void {
    const { round } = this;
    claim.lease.sent(round, now);
    const refused = this.voter.grant(this.options.name, claim.term, now, (then) => {
      if (this.claim !== claim) return;
      claim.durable = true;
      claim.lease.grantedBy(this.options.name, round);
      this.leadIfGranted(claim, then);
    });
    if (refused !== undefined && !claim.leading)
      this.giveUp(`our own grant is not to be had (${refused})`);
  }

  onGrant(from: Peer, grant: Extract<Body, { kind: 'grant' }>, now: Instant): void {
    // P8: a grant of a term that was resigned is answered by the resignation again.
    if (this.resignedTerms.includes(grant.term)) {
      this.outputs.send(from.name, { kind: 'resign', term: grant.term });
      return;
    }
    const { claim } = this;
    if (claim === undefined || claim.term !== grant.term || from.listed === undefined) return;
    if (!claim.leading && !grant.carriesCharter) return;
    claim.lease.grantedBy(from.name, grant.round);
    if (claim.leading) return;
    const earlier = claim.grants.get(from.name);
    const residue = Math.max(grant.residue, earlier?.residue ?? 0);
    const charter = newestOf([grant.charter, earlier?.charter]);
    claim.grants.set(from.name, { charter, residue });
    this.leadIfGranted(claim, now);
  }

  /** P6: it leads when a majority, itself included, has granted that term. */
  private leadIfGranted(claim: Claim, now: Instant): void {
    if (claim.leading || !claim.durable) return;
    if (claim.grants.size + 1 < majority(this.options) || now >= claim.lease.end) return;
    claim.leading = true;
    const granted = [...claim.grants.values()];
    const residues = granted.map((grant) => grant.residue);
    this.outputs.log('info', `leader of term ${claim.term}, granted by ${this.granters(claim)}`);
    this.outputs.markChanged();
    this.office.begin(
      {
        term: claim.term,
        charter: newestOf([...granted.map((grant) => grant.charter), this.voter.charter]),
        residue: Math.max(this.voter.residue(claim.term, now), ...residues),
      },
      now,
    );
  }

  private granters(claim: Claim): string {
    return [this.options.name, ...claim.grants.keys()].sort().join(', ');
  }

  onRefusal(from: Peer, refusal: Extract<Body, { kind: 'refusal' }>, now: Instant): void {
    if (refusal.reason !== 'term' || refusal.term !== this.term || !this.peers.agrees(from)) return;
    this.overtaken(
      `${from.name} has granted a higher term and can grant ${this.term} no more`,
      now,
    );
  }

  /** P7: resigns and claims above every term told, at most once a leaderLease. */
  overtaken(reason: string, now: Instant): void {
    if (!this.leading || now < this.overtakenAt + this.options.times.leaderLease) return;
    this.overtakenAt = now;
    this.resign(reason, now);
    this.candidacy.standAtOnce(now);
  }

  /** P9: resigns in favour of a higher-ranked elector that names its term, at most once a minute. */
  handOver(to: Peer, term: number, now: Instant): void {
    if (!this.options.preempt || !this.leading || term !== this.term) return;
    const self = this.options.electors.find(({ name }) => name === this.options.name);
    if (self === undefined || to.listed === undefined || !this.peers.agrees(to)) return;
    if (!outranks(to.listed, self) || now < this.handedOverAt + PREEMPT_INTERVAL) return;
    this.handedOverAt = now;
    this.resign(`${to.name} ranks higher and takes over (preempt)`, now);
  }

  /** P8: bindings to the term end; they count as residue. A claim that is stopped ends in the same way. */
  resign(reason: string, now: Instant): void {
    const { claim } = this;
    if (claim === undefined) return;
    this.withdraw(claim, now);
    this.outputs.log('info', `resigned term ${claim.term}: ${reason}`);
    if (claim.leading) this.office.end(`it resigned: ${reason}`, now);
  }

  /** From here on the term is led by nobody, and whoever is bound to it is told so. */
  private withdraw(claim: Claim, now: Instant): void {
    this.claim = undefined;
    this.voter.binding.free(claim.term);
    this.resignedTerms.push(claim.term);
    if (this.resignedTerms.length > RESIGNED_TERMS_MAX) this.resignedTerms.shift();
    for (const peer of this.peers.values()) {
      if (peer.connected) this.outputs.send(peer.name, { kind: 'resign', term: claim.term });
    }
    this.candidacy.pause(now + RESIGN_HEARTBEATS * this.options.times.heartbeat);
    this.outputs.markChanged();
  }

  /** C1: a claimant of a lower term gives up when a leader's version arrives. */
  onForeignVersion(term: number): void {
    if (this.claiming && this.claim !== undefined && term > this.claim.term) {
      this.giveUp(`term ${term} has a leader`);
    }
  }

  deadlines(): readonly Instant[] {
    const { claim } = this;
    if (claim === undefined) return [this.nextRoundAt];
    return [this.nextRoundAt, claim.leading ? claim.lease.end : this.claimEnd(claim)];
  }
}
