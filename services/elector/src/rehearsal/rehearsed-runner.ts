// A runner in a rehearsal: its last report, gone on with as a healthy runner would. Scripts take no time, so that
// what is measured is the cluster's share of a failover.
import type { Instant } from '@koi/lib/time';
import { LONG_AGO, NEVER } from '@koi/lib/time';
import type { Times } from '../core/options.ts';
import type { PresentRunner } from '../core/present.ts';
import type { Assignment, Report } from '../core/report.ts';

export class RehearsedRunner {
  readonly name: string;
  readonly session: string;
  readonly digest: string;
  /** When it was promoted; never: it was not, in this rehearsal. */
  promotedAt: Instant = NEVER;
  private report: Report;
  private readonly times: Times;
  private readonly sentAt = new Map<number, Instant>();
  private leaseEnd: Instant;
  private term = 0;
  private sequence = 0;
  private assignedAt: Instant = LONG_AGO;

  constructor({ name, session, digest, report }: PresentRunner, times: Times) {
    this.name = name;
    this.session = session;
    this.digest = digest;
    this.times = times;
    this.report = { ...report, leaderUnheard: false, away: 0, failures: [] };
    // Its lease is of a leader that this rehearsal has not elected yet.
    this.leaseEnd = report.promoted ? NEVER : LONG_AGO;
  }

  get promoted(): boolean {
    return this.report.promoted;
  }

  /** How many reports it has sent, ever. */
  get reports(): number {
    return this.report.number;
  }

  get epoch(): number {
    return this.report.epoch;
  }

  /** Its next report. */
  next(now: Instant): Report {
    if (this.report.promoted && now >= this.leaseEnd) this.lose();
    const { heartbeat, masterLease } = this.times;
    const { report } = this;
    this.report = {
      ...report,
      number: report.number + 1,
      uptime: report.uptime + heartbeat,
      sinceFailure: report.sinceFailure === undefined ? undefined : report.sinceFailure + heartbeat,
      leaderUnheard: now >= this.assignedAt + 2 * heartbeat,
    };
    this.sentAt.set(this.report.number, now);
    for (const [number, at] of this.sentAt) {
      if (at < now - masterLease) this.sentAt.delete(number);
    }
    return this.report;
  }

  /** Obeys. True: there is something new to report at once. */
  obey(assignment: Assignment, now: Instant): boolean {
    const { term, sequence, session, target, lease, release, number, maintenance } = assignment;
    if (session !== this.session || term < this.term) return false;
    if (term === this.term && sequence <= this.sequence) return false;
    this.term = term;
    this.sequence = sequence;
    this.assignedAt = now;
    const before = JSON.stringify(this.report);
    this.report = { ...this.report, highestTerm: Math.max(this.report.highestTerm, term) };
    if (maintenance !== undefined) {
      this.report = {
        ...this.report,
        maintenance: maintenance.on,
        maintenanceChange: maintenance.change,
      };
    }
    if (lease !== undefined) this.hold(lease, this.sentAt.get(number), now);
    if (target !== 'master' && this.report.promoted) this.demote();
    if (!this.report.promoted && release > this.report.released) {
      this.report = { ...this.report, released: release };
    }
    return before !== JSON.stringify(this.report);
  }

  /** One of its services fails. */
  fail(): void {
    this.report = { ...this.report, state: 'failed', promoted: false, sinceFailure: 0 };
  }

  private hold(
    { epoch, duration }: NonNullable<Assignment['lease']>,
    sentAt: Instant | undefined,
    now: Instant,
  ): void {
    const { report } = this;
    const over = epoch === report.epoch && report.leaseEnded;
    if (sentAt === undefined || epoch <= report.released || epoch < report.epoch || over) return;
    const end = sentAt + duration;
    this.leaseEnd = this.leaseEnd === NEVER ? end : Math.max(this.leaseEnd, end);
    if (report.state === 'failed' || report.promoted || end <= now) return;
    this.promotedAt = now;
    this.report = { ...report, state: 'master', epoch, leaseEnded: false, promoted: true };
  }

  private demote(): void {
    const state = this.report.state === 'master' ? 'standby' : this.report.state;
    this.report = { ...this.report, state, promoted: false };
  }

  private lose(): void {
    this.demote();
    this.report = { ...this.report, leaseEnded: true };
  }
}
