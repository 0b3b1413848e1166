// Am I master, and until when: one lease of one epoch, never two. What it holds is taken from
// assignments alone; that time ends it is found out by `expire`, before anything else is looked at.
import { KILL_SHARE } from '@koi/lib/ladder-times';
import { type Duration, describeDuration, type Instant, LONG_AGO, NEVER } from '@koi/lib/time';
import type { Assignment, Target } from './assignment.ts';
import type { MandateRecord, Told } from './record.ts';

/** Says one sentence to the log. */
export type Say = (level: 'info' | 'warn' | 'error', text: string) => void;

export interface MandateOptions {
  readonly session: string;
  readonly demoteGrace: Duration;
}

/** What this runner may be: the lease it holds, what it has given back, what it was told last. */
export class Mandate {
  readonly #options: MandateOptions;
  readonly #say: Say;
  #told: Told | undefined;
  #heard = false;
  #term = 0;
  #sequence = 0;
  #highestTerm = 0;
  #epoch = 0;
  #leaseEnd: Instant = LONG_AGO;
  #ended = false;
  #released = 0;
  #maintenance: { readonly on: boolean; readonly change: number } = { on: false, change: 0 };
  /** M8: a lease that ended in maintenance counts as ended from here, where nothing renews it. */
  #maintenanceEnd: Instant = LONG_AGO;
  #killAt: Instant = NEVER;
  #fenceAt: Instant = NEVER;
  #refusedEpoch = 0;

  /** `found`: what an earlier process of this runner held (M6). */
  constructor(options: MandateOptions, say: Say, found?: MandateRecord) {
    this.#options = options;
    this.#say = say;
    if (found === undefined) return;
    this.#epoch = found.epoch;
    this.#leaseEnd = found.leaseEnd;
    this.#ended = found.ended;
    this.#released = found.released;
    this.#highestTerm = found.highestTerm;
    this.#maintenance = found.maintenance;
    this.#maintenanceEnd = found.maintenanceEnd;
    this.#killAt = found.killAt;
    this.#fenceAt = found.fenceAt;
    this.#told = found.told;
  }

  /** What the next process has to know of it (M6). */
  get record(): MandateRecord {
    return {
      epoch: this.#epoch,
      leaseEnd: this.#leaseEnd,
      ended: this.#ended,
      released: this.#released,
      highestTerm: this.#highestTerm,
      maintenance: this.#maintenance,
      maintenanceEnd: this.#maintenanceEnd,
      killAt: this.#killAt,
      fenceAt: this.#fenceAt,
      told: this.#told,
    };
  }

  /** M6: whether any leader was heard; before that no script runs but what a missing lease asks. */
  get heard(): boolean {
    return this.#heard;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The lease of `epoch` ended outside maintenance. Stays so until a higher epoch is leased. */
  get leaseEnded(): boolean {
    return this.#ended;
  }

  get released(): number {
    return this.#released;
  }

  get highestTerm(): number {
    return this.#highestTerm;
  }

  get maintenance(): boolean {
    return this.#maintenance.on;
  }

  get maintenanceChange(): number {
    return this.#maintenance.change;
  }

  get master(): string | undefined {
    return this.#told?.master;
  }

  get target(): Target {
    return this.#told?.target ?? 'standby';
  }

  /** The last assignment's reason. */
  get reason(): string {
    return this.#told?.reason ?? '';
  }

  /** When the present lease ends; long ago where there never was one. */
  get leaseEnd(): Instant {
    return this.#leaseEnd;
  }

  /** M4: when what is still promoted after a lease end is killed. */
  get killAt(): Instant {
    return this.#killAt;
  }

  /** The kill has been ordered: it is not ordered twice. One that comes too late has its time all the same. */
  noteKill(now: Instant): void {
    this.#killAt = NEVER;
    if (now < this.#fenceAt) return;
    this.#fenceAt = now + (1 - KILL_SHARE) * this.#options.demoteGrace;
  }

  /** M4: when what is still promoted after a lease end is for the self-fence hook. */
  get fenceAt(): Instant {
    return this.#fenceAt;
  }

  noteFence(): void {
    this.#fenceAt = NEVER;
  }

  /** When what is promoted without a renewal has to begin to go down: later only after maintenance (M8). */
  get demoteAt(): Instant {
    return Math.max(this.#leaseEnd, this.#maintenanceEnd);
  }

  /** Whether an epoch is held that was not given back, its lease over or not. */
  get unreleased(): boolean {
    return this.#epoch > this.#released;
  }

  /** The next moment at which time alone changes something here. */
  get deadline(): Instant {
    return this.#leaseMatters ? this.#leaseEnd : NEVER;
  }

  /** Whether a lease runs that was not given back. In maintenance its end does nothing (M8). */
  holding(now: Instant): boolean {
    if (this.#epoch === 0 || this.#epoch <= this.#released || this.#ended) return false;
    return now < this.#leaseEnd || this.#maintenance.on;
  }

  /** Whether it is told to be master and has the lease for it: the target alone is not obeyed. */
  mayBeMaster(now: Instant): boolean {
    const told = this.#told;
    return told?.target === 'master' && told.release < this.#epoch && this.holding(now);
  }

  /** Lets time do its work: a lease that has run out is over from here on (P10, M4). */
  expire(now: Instant): void {
    if (!this.#leaseMatters || now < this.#leaseEnd) return;
    this.#ended = true;
    if (!this.unreleased) return;
    const { demoteGrace } = this.#options;
    this.#killAt = this.demoteAt + KILL_SHARE * demoteGrace;
    this.#fenceAt = this.demoteAt + demoteGrace;
    const ago = describeDuration(now - this.#leaseEnd);
    this.#say('warn', `the lease of epoch ${this.#epoch} ended ${ago} ago`);
  }

  /** The lease is over, whatever is left of it. False: it was over already, or maintenance holds it. */
  cutOff(now: Instant): boolean {
    if (!this.#leaseMatters) return false;
    this.#leaseEnd = Math.min(this.#leaseEnd, now);
    this.expire(now);
    return true;
  }

  /**
   * Takes in an assignment. `sentAt` is when the report that it answers was sent; undefined where
   * that is not remembered. False: it was dropped.
   */
  accept(assignment: Assignment, sentAt: Instant | undefined, now: Instant): boolean {
    // P7: a term is known from whoever leads in it, also where the rest is not for us.
    this.#highestTerm = Math.max(this.#highestTerm, assignment.term);
    // M7: another session's, a lower term's, one not newer.
    if (assignment.session !== this.#options.session) return false;
    if (assignment.term < this.#term) return false;
    if (assignment.term === this.#term && assignment.sequence <= this.#sequence) return false;
    this.#term = assignment.term;
    this.#sequence = assignment.sequence;
    const before = this.#told;
    const { target, release, master, reason } = assignment;
    this.#told = { target, release, master, reason };
    this.#heard = true;
    this.#sayNews(before, assignment);
    this.#takeMaintenance(assignment, now);
    if (sentAt !== undefined) this.#takeLease(assignment, sentAt, now);
    return true;
  }

  /** M2: gives back what it was told to give back, once nothing is promoted any more. */
  release(promoted: boolean): void {
    const told = this.#told;
    if (promoted || told === undefined) return;
    if (told.release < this.#epoch || told.release <= this.#released) return;
    const held = this.#epoch > this.#released;
    this.#released = told.release;
    if (held) this.#say('info', `released epoch ${this.#epoch}: nothing is promoted here any more`);
  }

  get #leaseMatters(): boolean {
    return this.#epoch > 0 && !this.#ended && !this.#maintenance.on;
  }

  #takeMaintenance(assignment: Assignment, now: Instant): void {
    const news = assignment.maintenance;
    if (news === undefined || news.change <= this.#maintenance.change) return;
    const before = this.#maintenance.on;
    this.#maintenance = { on: news.on, change: news.change };
    if (news.on && !before) {
      this.#say('info', 'maintenance has begun: no script starts and no lease end matters');
    }
    if (!news.on && before) {
      this.#maintenanceEnd = now;
      this.#say('info', 'maintenance is over');
    }
  }

  #takeLease(assignment: Assignment, sentAt: Instant, now: Instant): void {
    const { lease } = assignment;
    if (lease === undefined) return;
    const end = sentAt + lease.duration;
    const obstacle = this.#obstacle(lease.epoch);
    if (obstacle !== '') {
      this.#sayRefused(lease.epoch, obstacle);
      return;
    }
    if (lease.epoch === this.#epoch) {
      // A renewal never shortens a lease.
      this.#leaseEnd = Math.max(this.#leaseEnd, end);
      return;
    }
    // One that was over on arrival never began here.
    if (assignment.target !== 'master' || end <= now) return;
    this.#epoch = lease.epoch;
    this.#leaseEnd = end;
    this.#ended = false;
    this.#killAt = NEVER;
    this.#fenceAt = NEVER;
    const left = describeDuration(end - now);
    this.#say('info', `leased epoch ${lease.epoch} for ${left}, renewed with every report`);
  }

  // M2: never again an epoch that was given back, nor one whose lease has ended.
  #obstacle(epoch: number): string {
    if (epoch <= this.#released) return 'this runner has released that epoch';
    if (epoch < this.#epoch) return `this runner holds epoch ${this.#epoch}`;
    if (epoch === this.#epoch && this.#ended) return 'its lease has ended here';
    return '';
  }

  #sayRefused(epoch: number, reason: string): void {
    // Once: a leader that does not know yet offers it with every report.
    if (epoch <= this.#refusedEpoch) return;
    this.#refusedEpoch = epoch;
    this.#say('warn', `did not obey a lease of epoch ${epoch}: ${reason}`);
  }

  #sayNews(before: Told | undefined, told: Assignment): void {
    if (before?.target === told.target && before.master === told.master) return;
    const who = told.master === undefined ? 'nobody is master' : `master is ${told.master}`;
    const why = told.reason === '' ? '' : `: ${told.reason}`;
    this.#say('info', `told to be ${told.target}, ${who} (leader of term ${told.term})${why}`);
  }
}
