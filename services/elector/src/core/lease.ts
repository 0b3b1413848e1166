// How long a grant binds: for the one who gave it (Binding) and for the one who leads by it (LeaderLease).
// The granter's time always outlasts the holder's: it starts later and runs longer by the drift.
import type { Duration, Instant } from '@koi/lib/time';
import { LONG_AGO, latest } from '@koi/lib/time';
import type { Times } from './options.ts';

/** P3: to whom this elector is bound, until when, and what is left of all it ever granted. */
export class Binding {
  private readonly length: Duration;
  private held: { readonly to: string; readonly term: number; readonly until: Instant } | undefined;
  /** The full length of every grant by term, whatever ended it early: the residue. */
  private readonly full = new Map<number, Instant>();

  constructor(times: Times) {
    this.length = times.leaderLease * (1 + times.drift);
  }

  /** P3: binds from the receipt of what is granted or renewed, the durable write pending or not. */
  bind(to: string, term: number, receivedAt: Instant): void {
    const until = receivedAt + this.length;
    this.held = { to, term, until };
    this.full.set(term, latest(until, this.full.get(term) ?? LONG_AGO));
    for (const [other, end] of this.full) if (end <= receivedAt) this.full.delete(other);
  }

  /** To whom it is bound now. */
  to(now: Instant): string | undefined {
    return this.held !== undefined && now < this.held.until ? this.held.to : undefined;
  }

  /** When the present binding ends; long ago where there is none. */
  get until(): Instant {
    return this.held?.until ?? LONG_AGO;
  }

  /** P8: the binding to a resigned term ends; its length still counts as residue. */
  free(term: number): void {
    if (this.held?.term === term) this.held = undefined;
  }

  /** P3: for how long it would still be bound by grants of other terms, had nothing ended them early. */
  residue(term: number, now: Instant): Duration {
    let longest = 0;
    for (const [other, end] of this.full) {
      if (other !== term) longest = Math.max(longest, end - now);
    }
    return longest;
  }
}

/** P7: the lease of a leader or claimant, counted from the sending of the rounds that were granted. */
export class LeaderLease {
  private readonly length: Duration;
  private readonly needed: number;
  private readonly sentAt = new Map<number, Instant>();
  private readonly granted = new Map<string, Instant>();

  /** `needed`: a majority of the configured electors. */
  constructor(times: Times, needed: number) {
    this.length = times.leaderLease;
    this.needed = needed;
  }

  /** Notes that a round leaves now. Rounds whose lease would be over are forgotten. */
  sent(round: number, now: Instant): void {
    this.sentAt.set(round, now);
    for (const [old, at] of this.sentAt) {
      if (at + this.length > now) break;
      this.sentAt.delete(old);
    }
  }

  /** Notes that an elector granted a round, and so all earlier ones. */
  grantedBy(elector: string, round: number): void {
    const at = this.sentAt.get(round);
    if (at === undefined) return;
    this.granted.set(elector, latest(at, this.granted.get(elector) ?? LONG_AGO));
  }

  /** Until when a majority has granted it; long ago where none has. */
  get end(): Instant {
    const newestFirst = [...this.granted.values()].sort((a, b) => b - a);
    const decisive = newestFirst[this.needed - 1];
    return decisive === undefined ? LONG_AGO : decisive + this.length;
  }
}
