// What is known of every other elector: whether it is heard, what it holds, whether its configuration agrees,
// and how long it, or this one itself, stood still.
import { Absence, type AbsenceNews } from '@koi/lib/absence';
import type { Duration, Instant } from '@koi/lib/time';
import { LONG_AGO } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import type { Message } from './message.ts';
import type { ElectorOptions, ListedElector } from './options.ts';

/** How many electors that are not in our list we remember; later ones are ignored (P1). */
export const UNLISTED_MAX = 8;

/** Who was silent for more heartbeats than this is not heard. */
export const HEARD_HEARTBEATS = 3;

/** Another elector as this one knows it. */
export interface Peer {
  readonly name: string;
  readonly listed: ListedElector | undefined;
  /** Our own stream to it is open. */
  connected: boolean;
  heardAt: Instant;
  /** Of its list and times; unknown before its introduction. */
  digest: string | undefined;
  hasCharter: boolean;
  /** The highest term it said it granted, claimed or stored. */
  term: number;
  /** What it held when a stream opened in this process's life (C4). */
  told: { readonly term: number; readonly charter: Charter | undefined } | undefined;
  /** P8: no probe waits for it before this. */
  resignedUntil: Instant;
  /** When it last said that it leads. */
  ledAt: Instant;
  /** The term that it then led. */
  ledTerm: number;
  /** How long it stood still of late, as it said when it was heard last. */
  absence: (AbsenceNews & { readonly saidAt: Instant }) | undefined;
}

/** All other electors. */
export class Peers {
  /** How long this elector itself stood still. */
  readonly absence: Absence;
  private readonly all = new Map<string, Peer>();
  private readonly options: ElectorOptions;
  private readonly heardFor: Duration;

  constructor(options: ElectorOptions) {
    this.options = options;
    this.absence = new Absence(options.times.heartbeat);
    this.heardFor = HEARD_HEARTBEATS * options.times.heartbeat;
    for (const listed of options.electors) {
      if (listed.name !== options.name) this.add(listed.name, listed);
    }
  }

  private add(name: string, listed: ListedElector | undefined): Peer {
    const peer: Peer = {
      name,
      listed,
      connected: false,
      heardAt: LONG_AGO,
      digest: undefined,
      hasCharter: false,
      term: 0,
      told: undefined,
      resignedUntil: LONG_AGO,
      ledAt: LONG_AGO,
      ledTerm: 0,
      absence: undefined,
    };
    this.all.set(name, peer);
    return peer;
  }

  /** The elector of that name; undefined where it is ourselves or one unlisted elector too many. */
  find(name: string): Peer | undefined {
    if (name === this.options.name) return undefined;
    const known = this.all.get(name);
    if (known !== undefined) return known;
    return this.all.size < this.options.electors.length + UNLISTED_MAX
      ? this.add(name, undefined)
      : undefined;
  }

  values(): IterableIterator<Peer> {
    return this.all.values();
  }

  /** The electors of our list, without ourselves. */
  listed(): Peer[] {
    return [...this.all.values()].filter((peer) => peer.listed !== undefined);
  }

  /** Takes in what every message says of its sender. A hello counts as heard (P4). */
  note(peer: Peer, message: Message, now: Instant): void {
    peer.heardAt = now;
    peer.term = Math.max(peer.term, message.term);
    peer.hasCharter = message.hasCharter;
    const { body } = message;
    if (body.kind !== 'hello' && body.kind !== 'welcome') return;
    peer.digest = body.digest;
    peer.told = { term: message.term, charter: body.charter };
  }

  /** Takes in how long a peer says it stood still. Returns whether that is news. */
  noteAbsence(peer: Peer, absence: AbsenceNews | undefined, now: Instant): boolean {
    const news = peer.absence?.longest !== absence?.longest;
    peer.absence = absence === undefined ? undefined : { ...absence, saidAt: now };
    return news;
  }

  /** How long an elector stood still of late, this one or another. */
  absenceOf(name: string, now: Instant): AbsenceNews | undefined {
    if (name === this.options.name) return this.absence.told(now);
    const said = this.all.get(name)?.absence;
    return said && { longest: said.longest, since: said.since + (now - said.saidAt) };
  }

  heard(peer: Peer, now: Instant): boolean {
    return now < this.heardUntil(peer);
  }

  /** When a peer heard now will count as silent, if it says nothing more. */
  heardUntil(peer: Peer): Instant {
    return peer.heardAt + this.heardFor;
  }

  /** The elector that said within three heartbeats that it leads; of several, the last to say so. */
  leader(now: Instant): Peer | undefined {
    let leader: Peer | undefined;
    for (const peer of this.all.values()) {
      const leads = now < peer.ledAt + this.heardFor && peer.listed !== undefined;
      if (leads && (leader === undefined || peer.ledAt > leader.ledAt)) leader = peer;
    }
    return leader;
  }

  hearsLeader(now: Instant): boolean {
    return this.leader(now) !== undefined;
  }

  /** The moments at which somebody falls silent, if nothing more is heard. */
  deadlines(): readonly Instant[] {
    const deadlines: Instant[] = [];
    for (const peer of this.all.values()) {
      deadlines.push(this.heardUntil(peer), peer.ledAt + this.heardFor, peer.resignedUntil);
    }
    return deadlines;
  }

  agrees(peer: Peer): boolean {
    return peer.digest === this.options.digest;
  }

  /** The highest term that any of them has told. */
  highestTerm(): number {
    let highest = 0;
    for (const peer of this.all.values()) highest = Math.max(highest, peer.term);
    return highest;
  }

  /** P4: this elector and the listed ones it hears are a majority. */
  hearsMajority(now: Instant): boolean {
    const heard = this.listed().filter((peer) => this.heard(peer, now)).length;
    return heard + 1 >= majority(this.options);
  }

  /** Who can be asked: listed, heard, and our own stream to it is open. */
  reached(now: Instant): readonly Peer[] {
    return this.listed().filter((peer) => peer.connected && this.heard(peer, now));
  }

  /** P4: this elector and those that it can ask are a majority: else no probe of it can succeed. */
  reachesMajority(now: Instant): boolean {
    return this.reached(now).length + 1 >= majority(this.options);
  }

  /** C4: one that is heard, listed or not, has a charter. */
  hearsCharter(now: Instant): boolean {
    for (const peer of this.all.values()) {
      if (peer.hasCharter && this.heard(peer, now)) return true;
    }
    return false;
  }
}

/** How many electors of the configured list are a majority of it. */
export function majority(options: ElectorOptions): number {
  return Math.floor(options.electors.length / 2) + 1;
}

/** Whether one elector ranks above another: by priority, then by name. */
export function outranks(a: ListedElector, b: ListedElector): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.name > b.name);
}

/** An elector's place in rank: 0 for the highest. */
export function rankOf(options: ElectorOptions, name: string): number {
  const self = options.electors.find((elector) => elector.name === name);
  if (self === undefined) return options.electors.length;
  return options.electors.filter((elector) => outranks(elector, self)).length;
}
