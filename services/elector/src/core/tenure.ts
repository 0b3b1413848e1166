// How long the holder of the role may still act on a lease, as far as this leader must assume (M1, M2, M8).
// Every bound only ever moves forward.
import type { Duration, Instant } from '@koi/lib/time';
import { LONG_AGO, latest } from '@koi/lib/time';
import type { Times } from './options.ts';

/** The bound of one leader on the holder it found or elected. */
export class Tenure {
  private readonly times: Times;
  /** M2: until then a holder that this leader cannot know may be promoted. */
  private bound: Instant;
  /** The epoch that this leader elected and has not leased yet; 0: none. */
  private unleased = 0;
  private given: Duration | undefined;

  /** M2: counts from the leader's start, by the largest residue of the grants by which it leads. */
  constructor(times: Times, residue: Duration, startedAt: Instant) {
    this.times = times;
    this.bound = startedAt + (residue + this.delta + times.demoteGrace) * (1 + times.drift);
  }

  private get delta(): Duration {
    return this.times.masterLease - this.times.leaderLease;
  }

  /** When the last holder is counted out, if it is not renewed. */
  get countedOutAt(): Instant {
    return this.bound;
  }

  /** The lease that this leader gave last; undefined: none. */
  get lastLease(): Duration | undefined {
    return this.given;
  }

  /**
   * M1: the lease that answers a report received then; undefined where it would be no longer than the
   * report is old.
   */
  leaseFor(receivedAt: Instant, leaderLeaseEnd: Instant, now: Instant): Duration | undefined {
    const { masterLease } = this.times;
    const duration = Math.min(masterLease, leaderLeaseEnd + this.delta - receivedAt);
    return duration > now - receivedAt ? duration : undefined;
  }

  /** M2: a renewal never shortens a bound. */
  renewed(duration: Duration, receivedAt: Instant): void {
    this.unleased = 0;
    this.given = duration;
    const { demoteGrace, drift } = this.times;
    this.bound = latest(this.bound, receivedAt + (duration + demoteGrace) * (1 + drift));
  }

  /** M8: after a holder acknowledged the end of maintenance it has demoteGrace to be down. */
  acknowledged(receivedAt: Instant): void {
    const { demoteGrace, drift } = this.times;
    this.bound = latest(this.bound, receivedAt + demoteGrace * (1 + drift));
  }

  /** The role was released or confirmed down: nobody is left to wait for. */
  freed(): void {
    this.bound = LONG_AGO;
  }

  /** M2: a holder that this leader elected and never leased is counted out at once. */
  elected(epoch: number): void {
    this.unleased = epoch;
    this.given = undefined;
  }

  neverLeased(epoch: number): boolean {
    return this.unleased === epoch && epoch !== 0;
  }
}
