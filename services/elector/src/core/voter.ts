// Grants terms: at most one elector per term, nobody else while bound, nothing that the disk does not
// know first. Holds what this elector promised (P1 to P3) and stored (C1, C3, C4).
import type { Instant } from '@koi/lib/time';
import { LONG_AGO, latest } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import { newer } from './charter.ts';
import { Disk } from './disk.ts';
import type { ElectorRecord } from './effect.ts';
import { Binding } from './lease.ts';
import type { RefusalReason } from './message.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import type { Peer, Peers } from './peers.ts';

/** P1: an elector whose list differs from its charter's by more than this grants nothing. */
export const LIST_DIFFERENCE_MAX = 1;

export class Voter {
  readonly disk: Disk;
  readonly binding: Binding;
  private record: ElectorRecord;
  private readonly options: ElectorOptions;
  private readonly peers: Peers;
  /** P3: the elector that the grant found at the start names. */
  private readonly storedGrantee: string | undefined;
  private readonly abstainsUntil: Instant;
  /** The highest term told by anybody: a floor for our own claims (P6, P7). */
  private toldTerm = 0;
  /** The writes under which the present grant and charter are durable. 0: they were found on disk. */
  private grantWrite = 0;
  private charterWrite = 0;

  constructor(
    options: ElectorOptions,
    peers: Peers,
    outputs: Outputs,
    record: ElectorRecord,
    now: Instant,
  ) {
    this.options = options;
    this.peers = peers;
    this.record = record;
    this.disk = new Disk(outputs, options.times.heartbeat);
    this.binding = new Binding(options.times);
    this.storedGrantee = record.grantedTo;
    this.abstainsUntil = now + options.times.leaderLease * (1 + options.times.drift);
  }

  get charter(): Charter | undefined {
    return this.record.charter;
  }

  /** The highest term granted, claimed or stored: what every message says. */
  get term(): number {
    return Math.max(this.record.grantedTerm, this.record.charter?.version.term ?? 0);
  }

  /** The highest term known at all, told ones included (P4, P6). */
  get highestTerm(): number {
    return Math.max(this.term, this.toldTerm, this.peers.highestTerm());
  }

  /** P7: terms told by runners and peers are a floor for this elector's own claims. */
  tell(term: number): void {
    this.toldTerm = Math.max(this.toldTerm, term);
  }

  /** Whether it has just started and keeps to the elector that its stored grant names (P3). */
  abstains(towards: string, now: Instant): boolean {
    return now < this.abstainsUntil && towards !== this.storedGrantee;
  }

  /** P3: what a grant of this term carries as its residue. */
  residue(term: number, now: Instant): number {
    return Math.max(this.binding.residue(term, now), this.abstainsUntil - now, 0);
  }

  /** Why an elector would not be granted a fresh term now; undefined: it would. */
  objection(candidate: string, now: Instant): RefusalReason | undefined {
    if (candidate !== this.options.name && !this.agrees(candidate)) return 'digest';
    if (this.listDiffers()) return 'list';
    // C4: an empty disk beside one that is not may have promised anything.
    if (this.charter === undefined && this.peers.hearsCharter(now)) return 'empty';
    const boundTo = this.binding.to(now);
    if (boundTo !== undefined && boundTo !== candidate) return 'bound';
    if (this.abstains(candidate, now)) return 'abstaining';
    return undefined;
  }

  private agrees(candidate: string): boolean {
    const peer = this.peers.find(candidate);
    return peer?.listed !== undefined && this.peers.agrees(peer);
  }

  /** P1: our list is more than one elector away from the one that our charter names. */
  listDiffers(): boolean {
    const written = this.charter?.electors;
    if (written === undefined) return false;
    const own = this.options.electors.map((elector) => elector.name);
    const added = own.filter((name) => !written.includes(name)).length;
    const removed = written.filter((name) => !own.includes(name)).length;
    return added + removed > LIST_DIFFERENCE_MAX;
  }

  /** For how long it is bound to another or abstains from now: what a prospect and a refusal tell. */
  occupiedFor(candidate: string, now: Instant): number {
    const bound = this.binding.to(now) === candidate ? LONG_AGO : this.binding.until;
    const abstains = this.abstains(candidate, now) ? this.abstainsUntil : LONG_AGO;
    return Math.max(0, latest(bound, abstains) - now);
  }

  /**
   * Grants or renews a term, or says why not. P3: it binds from this moment, before the disk knows.
   * `onDurable` runs when it may be told (P2), at once for a renewal; not at all if overtaken before.
   */
  grant(
    to: string,
    term: number,
    now: Instant,
    onDurable: (now: Instant) => void,
  ): RefusalReason | undefined {
    const objection = this.objection(to, now);
    if (objection === 'digest') return objection;
    if (this.exhausted(to, term)) return 'term';
    if (objection !== undefined) return objection;
    if (term > this.record.grantedTerm) {
      this.record = { ...this.record, grantedTerm: term, grantedTo: to };
      this.grantWrite = this.disk.write(this.record, now);
    }
    this.binding.bind(to, term, now);
    this.disk.whenDurable(`grant to ${to}`, this.grantWrite, now, (then) => {
      if (this.record.grantedTerm === term && this.record.grantedTo === to) onDurable(then);
    });
    return undefined;
  }

  /** P2: this term can never be granted to that elector any more. */
  private exhausted(to: string, term: number): boolean {
    if (term < this.term) return true;
    return term === this.record.grantedTerm && this.record.grantedTo !== to;
  }

  /** C1: stores a leader's version; `onDurable` runs when it may be acknowledged. */
  store(charter: Charter, from: string, now: Instant, onDurable: (now: Instant) => void): boolean {
    if (charter.version.term < this.term) return false;
    if (newer(charter.version, this.charter?.version)) {
      const raises = charter.version.term > this.record.grantedTerm;
      const granted = raises ? { grantedTerm: charter.version.term, grantedTo: from } : {};
      this.record = { ...this.record, ...granted, charter };
      this.charterWrite = this.disk.write(this.record, now);
      if (raises) this.grantWrite = this.charterWrite;
    }
    this.disk.whenDurable(`charter of ${from}`, this.charterWrite, now, onDurable);
    return true;
  }

  /**
   * C4: an elector without a charter takes the newest one told, and only grants higher terms, once all
   * others have told what they hold, and each holds one or none of them ever had a master. Not while a
   * leader is heard, nor before the abstention is over and one would have been: a leader sends its
   * charter, and refusing its term would only make it resign.
   */
  adopt(now: Instant): boolean {
    if (this.charter !== undefined || now < this.abstainsUntil) return false;
    if (this.peers.hearsLeader(now)) return false;
    const told = this.peers.listed().map((peer: Peer) => peer.told);
    const charters: Charter[] = [];
    let term = this.record.grantedTerm;
    for (const holding of told) {
      if (holding === undefined) return false;
      if (holding.charter !== undefined) charters.push(holding.charter);
      term = Math.max(term, holding.term);
    }
    const newest = newestOf(charters);
    if (newest === undefined) return false;
    const founding = charters.every((charter) => charter.epoch === 0);
    if (charters.length < told.length && !founding) return false;
    this.record = { grantedTerm: term, grantedTo: undefined, charter: newest };
    this.charterWrite = this.disk.write(this.record, now);
    this.grantWrite = this.charterWrite;
    return true;
  }

  /** The moments at which time alone frees this elector. */
  deadlines(): readonly Instant[] {
    return [this.disk.deadline, this.abstainsUntil, this.binding.until];
  }
}

/** The newest of some charters; undefined where there is none. */
export function newestOf(charters: readonly (Charter | undefined)[]): Charter | undefined {
  let newest: Charter | undefined;
  for (const charter of charters) {
    if (charter !== undefined && newer(charter.version, newest?.version)) newest = charter;
  }
  return newest;
}
