// When a report is due and which number it has. A lease counts from the sending of the report that
// it answers (M1), so the moment of sending is remembered with the number, for a bounded while.
import { Absence } from '@koi/lib/absence';
import { type Duration, type Instant, LONG_AGO } from '@koi/lib/time';
import type { Report } from './assignment.ts';

/** How many reports' sending is remembered: an answer to an older one carries no lease for us. */
export const REPORTS_REMEMBERED = 64;

/** M9: a runner without an assignment for this long asks other electors to pass its reports on. */
export const UNHEARD_HEARTBEATS = 1.5;

/** A report before it has a number. */
export type ReportBody = Omit<Report, 'number' | 'away' | 'absence'>;

/** Numbers reports and decides when the next one leaves. */
export class Reporting {
  readonly #heartbeat: Duration;
  readonly #absence: Absence;
  readonly #sent = new Map<number, Instant>();
  #number = 0;
  #lastAt: Instant = LONG_AGO;
  #lastContent = '';
  #away: Duration = 0;
  #demanded = true;

  constructor(heartbeat: Duration) {
    this.#heartbeat = heartbeat;
    this.#absence = new Absence(heartbeat);
  }

  /** When the next report is due though nothing has changed. */
  get deadline(): Instant {
    return this.#demanded ? LONG_AGO : this.#lastAt + this.#heartbeat;
  }

  /** When a report was sent; undefined: not by us, or too long ago to be remembered. */
  sentAt(number: number): Instant | undefined {
    return this.#sent.get(number);
  }

  /** The loop was late. Returns whether by so much that the cluster is told of it for a while. */
  late(away: Duration, now: Instant): boolean {
    this.#away = Math.max(this.#away, away);
    return this.#absence.note(away, now);
  }

  /** A new reader wants to be told now. */
  demand(): void {
    this.#demanded = true;
  }

  /** The report to send now; undefined: nothing has changed and no heartbeat is due. */
  next(body: ReportBody, now: Instant): Report | undefined {
    const content = reportable(body);
    if (content === this.#lastContent && now < this.deadline) return undefined;
    this.#lastContent = content;
    this.#lastAt = now;
    this.#demanded = false;
    this.#number += 1;
    this.#sent.set(this.#number, now);
    this.#sent.delete(this.#number - REPORTS_REMEMBERED);
    const absence = this.#absence.told(now);
    const report = { number: this.#number, ...body, away: this.#away, absence };
    this.#away = 0;
    return report;
  }
}

// What is worth a report of its own. Ages grow by themselves, and a status script comes and goes
// without anybody acting on it, and neither does the silence of a leader: they travel with the next report.
function reportable(body: ReportBody): string {
  const services = body.services.map((service) => ({
    ...service,
    processId: 0,
    action: service.action === 'status' ? '' : service.action,
  }));
  const sinceFailure = body.sinceFailure !== undefined;
  return JSON.stringify({ ...body, uptime: 0, sinceFailure, services, leaderUnheard: false });
}
