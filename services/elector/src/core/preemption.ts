// P9, where the configuration wants it: a higher-ranked elector that came back asks the leader to hand over.
// Only after it has heard a majority for a minute, and only if a majority would grant it.
import type { Duration, Instant } from '@koi/lib/time';
import { LONG_AGO, NEVER } from '@koi/lib/time';
import { PROBE_HEARTBEATS } from './candidacy.ts';
import type { Prospect } from './message.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import { majority, outranks, type Peer, type Peers } from './peers.ts';
import type { ProbeNumbers } from './probe-numbers.ts';
import type { Voter } from './voter.ts';

/** P9: a majority is heard unbroken for so long first; a leader hands over no more often. */
export const PREEMPT_INTERVAL: Duration = 60_000;

interface Probe {
  readonly number: number;
  readonly endsAt: Instant;
  readonly leader: Peer;
  readonly asked: ReadonlySet<string>;
  readonly willing: Map<string, boolean>;
}

export class Preemption {
  private readonly options: ElectorOptions;
  private readonly peers: Peers;
  private readonly voter: Voter;
  private readonly outputs: Outputs;
  private readonly numbers: ProbeNumbers;
  private heardSince: Instant | undefined;
  private askedAt: Instant = LONG_AGO;
  private probe: Probe | undefined;

  constructor(
    options: ElectorOptions,
    peers: Peers,
    voter: Voter,
    outputs: Outputs,
    numbers: ProbeNumbers,
  ) {
    this.options = options;
    this.peers = peers;
    this.voter = voter;
    this.outputs = outputs;
    this.numbers = numbers;
  }

  /** What time alone changes, while this elector neither claims nor leads. */
  expire(now: Instant): void {
    if (!this.options.preempt) return;
    const leader = this.unseatable(now);
    if (!this.peers.hearsMajority(now)) this.heardSince = undefined;
    else this.heardSince ??= now;
    if (leader === undefined || this.heardSince === undefined) this.probe = undefined;
    else if (this.probe !== undefined && now >= this.probe.endsAt) this.evaluate(this.probe, now);
    else if (this.probe === undefined && now >= this.dueAt) this.start(leader, now);
  }

  /** It leads or claims itself: there is nobody to unseat. */
  rest(): void {
    this.probe = undefined;
    this.heardSince = undefined;
  }

  private get dueAt(): Instant {
    if (this.heardSince === undefined) return NEVER;
    return Math.max(this.heardSince, this.askedAt) + PREEMPT_INTERVAL;
  }

  /** The leader, if this elector ranks above it and could lead in its place. */
  private unseatable(now: Instant): Peer | undefined {
    const leader = this.peers.leader(now);
    const self = this.options.electors.find(({ name }) => name === this.options.name);
    if (leader?.listed === undefined || self === undefined) return undefined;
    if (!this.peers.agrees(leader) || !outranks(self, leader.listed)) return undefined;
    const objection = this.voter.objection(self.name, now);
    const free = objection === undefined || this.voter.binding.to(now) === leader.name;
    return free && !this.voter.listDiffers() && this.voter.disk.sound(now) ? leader : undefined;
  }

  private start(leader: Peer, now: Instant): void {
    this.askedAt = now;
    const asked = this.peers
      .listed()
      .filter((peer) => peer.connected && this.peers.heard(peer, now))
      .map(({ name }) => name);
    const number = this.numbers.next();
    const endsAt = now + PROBE_HEARTBEATS * this.options.times.heartbeat;
    this.probe = { number, endsAt, leader, asked: new Set(asked), willing: new Map() };
    for (const name of asked) this.outputs.send(name, { kind: 'election', probe: number });
  }

  /** Others would grant, or are bound to nobody but the leader that is to free them. */
  onProspect(from: Peer, prospect: Prospect, now: Instant): void {
    const { probe } = this;
    if (probe === undefined || prospect.probe !== probe.number || !probe.asked.has(from.name))
      return;
    const boundToLeader = prospect.reason === 'bound' && prospect.boundTo === probe.leader.name;
    probe.willing.set(from.name, prospect.wouldGrant || boundToLeader);
    if (probe.willing.size === probe.asked.size) this.evaluate(probe, now);
  }

  private evaluate(probe: Probe, now: Instant): void {
    this.probe = undefined;
    const willing = [...probe.willing.values()].filter(Boolean).length;
    if (willing + 1 < majority(this.options) || this.unseatable(now) !== probe.leader) return;
    const { name, ledTerm } = probe.leader;
    this.outputs.log('info', `asking ${name} to hand over: this elector ranks higher (preempt)`);
    this.outputs.send(name, { kind: 'handover', term: ledTerm });
  }

  deadlines(): readonly Instant[] {
    return this.options.preempt ? [this.probe?.endsAt ?? this.dueAt] : [];
  }
}
