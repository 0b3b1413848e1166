// What each runner is told: target, lease, release and maintenance, from the committed charter alone
// (C1, M1, M2, M7, M8).
import type { Instant } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import type { Replication } from './replication.ts';
import type { Assignment, Lease, Report, RunnerState, Target } from './report.ts';
import type { Roster, RosterEntry } from './roster.ts';
import type { Tenure } from './tenure.ts';

/** A master in one of these states loses the role. */
const LOST_STATES: readonly RunnerState[] = ['failed', 'disconnected', 'stopped'];

/** What orders are made of. */
export interface OrdersParts {
  readonly options: ElectorOptions;
  readonly outputs: Outputs;
  readonly roster: Roster;
  readonly replication: Replication;
  readonly tenure: Tenure;
  /** P7: until when this leader leads, if nobody grants anything more. */
  readonly leaseEnd: () => Instant;
}

export class Orders {
  private readonly options: ElectorOptions;
  private readonly outputs: Outputs;
  private readonly roster: Roster;
  private readonly replication: Replication;
  private readonly tenure: Tenure;
  private readonly leaseEnd: () => Instant;
  private sequence = 0;
  /** What each runner was told last, without what changes with every report. */
  private readonly told = new Map<string, string>();

  constructor(parts: OrdersParts) {
    this.options = parts.options;
    this.outputs = parts.outputs;
    this.roster = parts.roster;
    this.replication = parts.replication;
    this.tenure = parts.tenure;
    this.leaseEnd = parts.leaseEnd;
  }

  /** Tells a runner, in answer to its last report where that is young enough for a lease. */
  assign(entry: RosterEntry, now: Instant): void {
    const charter = this.replication.committed;
    if (charter === undefined || !this.roster.reaches(entry)) return;
    // M6: a session anew under the holder's name may have adopted the epoch: its first report tells.
    const isAnew = entry.name === charter.master && entry.session !== charter.masterSession;
    if (isAnew && entry.report === undefined) return;
    const orders = this.ordersFor(entry, charter);
    const lease = this.lease(entry, charter, now);
    this.sequence += 1;
    this.told.set(entry.name, `${entry.session} ${JSON.stringify(orders)}`);
    const assignment: Assignment = {
      ...orders,
      term: this.replication.term,
      sequence: this.sequence,
      session: entry.session,
      number: entry.report?.number ?? 0,
      lease,
      maintenance: this.maintenanceNews(entry, charter, orders.release, lease),
    };
    const { name: runner, session, via } = entry;
    if (via === undefined) this.outputs.add({ kind: 'assign', runner, session, assignment });
    else this.outputs.send(via, { kind: 'relayed-assignment', runner, assignment });
  }

  /** Orders without a lease need no report: a change is told at once. */
  assignIfChanged(entry: RosterEntry, now: Instant): void {
    const charter = this.replication.committed;
    if (charter === undefined || !this.roster.reaches(entry)) return;
    const orders = `${entry.session} ${JSON.stringify(this.ordersFor(entry, charter))}`;
    if (this.told.get(entry.name) !== orders) this.assign(entry, now);
  }

  private ordersFor(entry: RosterEntry, charter: Charter) {
    const holds = entry.name === charter.master && this.mayHold(entry, charter);
    const reason = holds ? this.reasonToGo(entry) : undefined;
    const stopped = charter.stopped.includes(entry.name);
    const stays = holds && reason === undefined;
    const target: Target = stopped ? 'stopped' : stays ? 'master' : 'standby';
    return {
      target,
      // M7: the epoch for a holder that is to go, the one before for everyone else.
      release: holds && !stays ? charter.epoch : Math.max(0, charter.epoch - 1),
      master: charter.master,
      recovery: charter.recovery[entry.name] ?? 0,
      reconfigure: charter.reconfigure[entry.name] ?? 0,
      maintenanceChange: charter.maintenanceChange,
      reason: reason ?? describeStay(entry.name, charter, holds, stopped),
    };
  }

  /** M7: the epoch is for the session it was committed for, or one that reports holding it. */
  mayHold(entry: RosterEntry, charter: Charter): boolean {
    return entry.session === charter.masterSession || entry.report?.epoch === charter.epoch;
  }

  /** Why the holder is to go; undefined: it stays. */
  reasonToGo(entry: RosterEntry | undefined): string | undefined {
    const { draft, committed } = this.replication;
    const holder = committed?.master;
    if (committed === undefined || holder === undefined) return undefined;
    if (draft.master !== holder || draft.epoch !== committed.epoch) return 'its epoch is over';
    if (committed.manual) return 'an administrator demoted it';
    if (committed.stopped.includes(holder)) return 'an administrator stopped it';
    if (committed.target !== undefined && committed.target !== holder) {
      return `an administrator wants ${committed.target} as master`;
    }
    // M8: in maintenance nobody is demoted for what a report says.
    const report = entry?.name === holder ? entry.report : undefined;
    if (report === undefined || committed.maintenance) return undefined;
    return reasonInReport(report, committed.epoch);
  }

  /** Whether a lease would be given in answer to this runner's last report, however old it is. */
  renewable(entry: RosterEntry | undefined, now: Instant): boolean {
    const charter = this.replication.committed;
    if (entry === undefined || charter === undefined) return false;
    return this.lease(entry, charter, now, false) !== undefined;
  }

  /** M1, M2, M7: the lease that this runner gets now; counted at once, since it is sent in this step. */
  private lease(
    entry: RosterEntry,
    charter: Charter,
    now: Instant,
    counted = true,
  ): Lease | undefined {
    const { draft } = this.replication;
    const { report } = entry;
    if (report === undefined || entry.name !== charter.master) return undefined;
    if (!this.roster.reaches(entry)) return undefined;
    if (draft.master !== charter.master || draft.epoch !== charter.epoch) return undefined;
    if (entry.digest !== this.options.timesDigest) return undefined;
    if (!this.mayHold(entry, charter) || report.released >= charter.epoch) return undefined;
    const holding = report.epoch === charter.epoch;
    if (holding && report.leaseEnded) return undefined;
    // Beyond this charter's epoch (an old copy of it came back): it would obey none of ours.
    if (report.epoch > charter.epoch) return undefined;
    // One that was never leased and is to go needs none: it has nothing to demote.
    if (!holding && this.reasonToGo(entry) !== undefined) return undefined;
    const duration = this.tenure.leaseFor(entry.heardAt, this.leaseEnd(), now);
    if (duration === undefined) return undefined;
    if (counted) this.tenure.renewed(duration, entry.heardAt);
    return { epoch: charter.epoch, duration };
  }

  /** M8: a holder that owes an acknowledgement hears of the end only with a lease or a release. */
  private maintenanceNews(
    entry: RosterEntry,
    charter: Charter,
    release: number,
    lease: Lease | undefined,
  ): Assignment['maintenance'] {
    const news = { on: charter.maintenance, change: charter.maintenanceChange };
    const owes = charter.maintenanceAcknowledged < charter.maintenanceChange;
    const holds = entry.name === charter.master && this.mayHold(entry, charter);
    if (charter.maintenance || !owes || !holds) return news;
    return lease !== undefined || release >= charter.epoch ? news : undefined;
  }
}

function reasonInReport(report: Report, epoch: number): string | undefined {
  if (report.epoch === epoch && report.leaseEnded) return 'its lease ended';
  if (report.mode === 'passive') return 'it turned passive';
  if (!LOST_STATES.includes(report.state)) return undefined;
  const failed = report.services.find((service) => service.failure !== '');
  if (report.state === 'failed' && failed !== undefined)
    return `${failed.name} failed: ${failed.failure}`;
  return `it is ${report.state}`;
}

function describeStay(name: string, charter: Charter, holds: boolean, stopped: boolean): string {
  const { epoch, master } = charter;
  if (stopped) return 'an administrator stopped it';
  if (master === undefined) return 'nobody is master';
  if (master !== name) return `${master} is master`;
  if (holds) return `master under epoch ${epoch}`;
  return `epoch ${epoch} is leased to an earlier start of ${name}, which is waited for`;
}
