// Bully before the claim: who may stand, who is asked, who is deferred to (P4, P5). A probe costs nothing:
// no term is spent and no leader disturbed.
import type { Instant } from '@koi/lib/time';
import { LONG_AGO, NEVER } from '@koi/lib/time';
import type { Prospect } from './message.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import type { Peer, Peers } from './peers.ts';
import { majority, outranks, rankOf } from './peers.ts';
import type { ProbeNumbers } from './probe-numbers.ts';
import type { Voter } from './voter.ts';

/** P4: the r-th in rank starts this many heartbeats × r after it is free. */
export const STAGGER_HEARTBEATS = 0.15;
/** P5: a probe waits for replies no longer than this. */
export const PROBE_HEARTBEATS = 0.5;
/** P5: who was answered waits this long for the answerer's claim. */
export const DEFER_HEARTBEATS = 1.5;
/** P5: after a failed probe the next one comes at the latest after this. */
export const RETRY_HEARTBEATS = 1;

interface Probe {
  readonly number: number;
  readonly endsAt: Instant;
  readonly asked: ReadonlySet<string>;
  readonly awaited: readonly string[];
  readonly replies: Map<string, { readonly wouldGrant: boolean; readonly freeAt: Instant }>;
}

/** An elector's way to a claim. */
export class Candidacy {
  private readonly options: ElectorOptions;
  private readonly peers: Peers;
  private readonly voter: Voter;
  private readonly outputs: Outputs;
  /** A majority would grant a claim of a term above all that were told. */
  private readonly onWon: (now: Instant) => void;
  private readonly stagger: number;
  private readonly numbers: ProbeNumbers;
  /** Of the last probe. */
  private number = 0;
  private probe: Probe | undefined;
  private freeSince: Instant | undefined;
  /** No probe before this: the last one failed, and nothing can be different earlier. */
  private retryAt: Instant = LONG_AGO;
  /** Neither stands nor answers before this: a claim failed (P6) or it resigned (P8). */
  private pausedUntil: Instant = LONG_AGO;
  private deferUntil: Instant | undefined;
  /** To whom this round defers, and who is not deferred to in it because it did not claim (P5). */
  private deferredTo = new Set<string>();
  private passedOver = new Set<string>();
  private stopping = false;

  constructor(
    options: ElectorOptions,
    peers: Peers,
    voter: Voter,
    outputs: Outputs,
    numbers: ProbeNumbers,
    onWon: (now: Instant) => void,
  ) {
    this.options = options;
    this.peers = peers;
    this.voter = voter;
    this.outputs = outputs;
    this.numbers = numbers;
    this.onWon = onWon;
    this.stagger = rankOf(options, options.name) * STAGGER_HEARTBEATS * options.times.heartbeat;
  }

  /** Whether a probe is under way. */
  get probing(): boolean {
    return this.probe !== undefined;
  }

  /** P4: everything but the stagger. */
  canStand(now: Instant): boolean {
    return (
      !this.stopping &&
      now >= this.pausedUntil &&
      this.voter.objection(this.options.name, now) === undefined &&
      this.voter.binding.to(now) === undefined &&
      !this.peers.hearsLeader(now) &&
      this.peers.reachesMajority(now) &&
      this.voter.disk.sound(now)
    );
  }

  /** P6, P8: neither stands nor answers until then. */
  pause(until: Instant): void {
    this.pausedUntil = until;
    this.reset();
  }

  /** P7: it stands again at once. */
  standAtOnce(now: Instant): void {
    this.pausedUntil = LONG_AGO;
    this.reset();
    if (this.canStand(now)) this.start(now);
  }

  /** A clean stop: it stands no more. */
  stop(): void {
    this.stopping = true;
    this.reset();
  }

  /** Somebody was granted, or leads: what was under way is over. */
  reset(): void {
    this.probe = undefined;
    this.deferUntil = undefined;
    this.deferredTo = new Set();
    this.passedOver = new Set();
    this.freeSince = undefined;
    this.retryAt = LONG_AGO;
  }

  /** What time alone changes, while this elector neither claims nor leads. */
  expire(now: Instant): void {
    if (!this.canStand(now)) {
      if (this.freeSince !== undefined) this.reset();
      return;
    }
    this.freeSince ??= now;
    if (this.probe !== undefined) {
      if (now >= this.probe.endsAt) this.evaluate(this.probe, now);
    } else if (this.deferUntil !== undefined) {
      if (now >= this.deferUntil) this.passOver(now);
    } else if (now >= Math.max(this.freeSince + this.stagger, this.retryAt)) {
      this.start(now);
    }
  }

  /** P5: who answered and did not claim is not deferred to in the next round. */
  private passOver(now: Instant): void {
    const names = [...this.deferredTo].join(', ');
    this.outputs.log(
      'warn',
      `${names} ranks higher and answered, but did not claim: asking again without waiting for it`,
    );
    this.passedOver = this.deferredTo;
    this.deferredTo = new Set();
    this.deferUntil = undefined;
    this.start(now);
  }

  private start(now: Instant): void {
    this.number = this.numbers.next();
    const asked = this.peers.reached(now);
    const probe: Probe = {
      number: this.number,
      endsAt: now + PROBE_HEARTBEATS * this.options.times.heartbeat,
      asked: new Set(asked.map(({ name }) => name)),
      // P8: a resigner's word counts, but nobody waits for it.
      awaited: asked.filter((peer) => now >= peer.resignedUntil).map(({ name }) => name),
      replies: new Map(),
    };
    this.probe = probe;
    this.outputs.markChanged();
    for (const { name } of asked) {
      this.outputs.send(name, { kind: 'election', probe: this.number });
    }
    if (asked.length === 0) this.evaluate(probe, now);
  }

  /** Another elector asks who would grant it. */
  onElection(from: Peer, number: number, now: Instant): void {
    const prospect = this.prospectFor(from, number, now);
    if (!this.answers(from, now)) {
      this.outputs.send(from.name, { kind: 'prospect', ...prospect });
      return;
    }
    this.outputs.send(from.name, { kind: 'answer', ...prospect });
    this.freeSince ??= now;
    if (this.probe === undefined && this.deferUntil === undefined) this.start(now);
  }

  /** P4: a higher-ranked elector with the same digest that could stand answers, and stands at once. */
  private answers(from: Peer, now: Instant): boolean {
    const self = this.options.electors.find((elector) => elector.name === this.options.name);
    if (self === undefined || from.listed === undefined || !this.peers.agrees(from)) return false;
    return outranks(self, from.listed) && this.canStand(now);
  }

  private prospectFor(from: Peer, probe: number, now: Instant): Prospect {
    const reason = this.voter.objection(from.name, now);
    return {
      probe,
      wouldGrant: reason === undefined,
      reason,
      boundTo: this.voter.binding.to(now),
      boundFor: this.voter.occupiedFor(from.name, now),
      highestTerm: this.voter.highestTerm,
    };
  }

  onProspect(from: Peer, prospect: Prospect, now: Instant): void {
    this.voter.tell(prospect.highestTerm);
    const { probe } = this;
    if (probe === undefined || prospect.probe !== probe.number || !probe.asked.has(from.name))
      return;
    const { wouldGrant, boundFor } = prospect;
    const freeAt = !wouldGrant && boundFor > 0 ? now + boundFor : NEVER;
    probe.replies.set(from.name, { wouldGrant, freeAt });
    const all = probe.replies.size === probe.asked.size;
    const awaited = probe.awaited.every((name) => probe.replies.has(name));
    if (all || (awaited && this.missing(probe) <= 0)) this.evaluate(probe, now);
  }

  onAnswer(from: Peer, prospect: Prospect, now: Instant): void {
    if (prospect.probe !== this.number) return;
    if (this.passedOver.has(from.name)) {
      this.onProspect(from, prospect, now);
      return;
    }
    this.voter.tell(prospect.highestTerm);
    if (this.probe === undefined && this.deferUntil === undefined) return;
    this.probe = undefined;
    this.deferredTo.add(from.name);
    this.deferUntil ??= now + DEFER_HEARTBEATS * this.options.times.heartbeat;
    this.outputs.markChanged();
  }

  /** P6: nobody it defers to answered; it claims where a majority would grant. */
  private evaluate(probe: Probe, now: Instant): void {
    this.probe = undefined;
    this.passedOver = new Set();
    this.outputs.markChanged();
    if (!this.canStand(now)) return;
    const missing = this.missing(probe);
    if (missing <= 0) {
      this.reset();
      this.onWon(now);
      return;
    }
    this.retryAt = this.retryTime(probe, missing, now);
  }

  /** How many more would have to grant. */
  private missing(probe: Probe): number {
    const willing = [...probe.replies.values()].filter((reply) => reply.wouldGrant).length;
    return majority(this.options) - 1 - willing;
  }

  /** P5: when enough refusers will be free by what they said, at the latest after a heartbeat. */
  private retryTime(probe: Probe, missing: number, now: Instant): Instant {
    const freeAt = [...probe.replies.values()].map((reply) => reply.freeAt).sort((a, b) => a - b);
    const enough = freeAt[missing - 1] ?? NEVER;
    return Math.min(enough, now + RETRY_HEARTBEATS * this.options.times.heartbeat);
  }

  deadlines(): readonly Instant[] {
    const own = [this.pausedUntil, this.probe?.endsAt ?? NEVER, this.deferUntil ?? NEVER];
    if (this.freeSince !== undefined && this.probe === undefined && this.deferUntil === undefined) {
      own.push(Math.max(this.freeSince + this.stagger, this.retryAt));
    }
    return own;
  }
}
