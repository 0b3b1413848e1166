// What is known of each runner: its session, its last report and when that arrived. Every elector keeps
// one, so that a new leader knows the runners before it leads (M1).
import type { Duration, Instant } from '@koi/lib/time';
import { LONG_AGO } from '@koi/lib/time';
import type { RelayedReport } from './message.ts';
import type { Times } from './options.ts';
import { HEARD_HEARTBEATS } from './peers.ts';
import type { Report, RunnerState } from './report.ts';

/** A report may be this much older than three heartbeats and its runner still be electable. */
export const ELECTABLE_SLACK = 50;

/** How many runners an elector remembers; the streams of further ones are refused. */
export const RUNNERS_MAX = 64;

/** One runner, by its present session. */
export interface RosterEntry {
  readonly name: string;
  readonly session: string;
  /** Of its protocol times (P1). */
  readonly digest: string;
  readonly connected: boolean;
  /** M9: the elector through which its last report came; undefined: it came directly. */
  readonly via: string | undefined;
  readonly report: Report | undefined;
  /** When the last report arrived; when the stream opened, before the first one. */
  readonly heardAt: Instant;
}

/** What a report says of its runner's uptime is as old as the report. */
export function uptimeNow(
  { report, heardAt }: RosterEntry & { report: Report },
  now: Instant,
): Duration {
  return report.uptime + (now - heardAt);
}

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly reason: string };

export class Roster {
  private readonly entries = new Map<string, RosterEntry>();
  private readonly heardFor: number;

  constructor(times: Times) {
    this.heardFor = HEARD_HEARTBEATS * times.heartbeat;
  }

  get(name: string | undefined): RosterEntry | undefined {
    return name === undefined ? undefined : this.entries.get(name);
  }

  /** By name. */
  all(): RosterEntry[] {
    return [...this.entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether a report arrived within three heartbeats. */
  heard(entry: RosterEntry | undefined, now: Instant): entry is RosterEntry & { report: Report } {
    return entry?.report !== undefined && now < entry.heardAt + this.heardFor;
  }

  /** Whether its last report is young enough to elect it by. */
  fresh(entry: RosterEntry | undefined, now: Instant): entry is RosterEntry & { report: Report } {
    return entry?.report !== undefined && now < entry.heardAt + this.heardFor + ELECTABLE_SLACK;
  }

  /** M7: a second session under a name whose earlier stream is open and heard is refused. */
  connect(name: string, session: string, digest: string, now: Instant): Admission {
    const present = this.entries.get(name);
    if (present === undefined && this.entries.size >= RUNNERS_MAX) {
      return { kind: 'refused', reason: `there are ${RUNNERS_MAX} runners already` };
    }
    const other = present !== undefined && present.session !== session;
    if (other && present.connected && now < present.heardAt + this.heardFor) {
      return {
        kind: 'refused',
        reason: `another runner named ${name} is connected and heard: give each runner a name of its own`,
      };
    }
    const same = present !== undefined && !other;
    this.entries.set(name, {
      name,
      session,
      digest,
      connected: true,
      via: undefined,
      report: same ? present.report : undefined,
      heardAt: same ? present.heardAt : now,
    });
    return { kind: 'admitted' };
  }

  disconnect(name: string, session: string): void {
    const present = this.entries.get(name);
    if (present?.session === session) this.entries.set(name, { ...present, connected: false });
  }

  /** Takes in a report. Undefined where it is dropped: another session, or not newer (M7). */
  report(name: string, session: string, report: Report, now: Instant): RosterEntry | undefined {
    const present = this.entries.get(name);
    if (present?.session !== session) return undefined;
    if (present.report !== undefined && report.number <= present.report.number) return undefined;
    const entry: RosterEntry = { ...present, report, heardAt: now, via: undefined };
    this.entries.set(name, entry);
    return entry;
  }

  /** M9: takes in a report that another elector passed on. Undefined where it is dropped (M7). */
  relayed(
    { runner, session, digest, report }: RelayedReport,
    via: string,
    now: Instant,
  ): RosterEntry | undefined {
    const present = this.entries.get(runner);
    const same = present?.session === session;
    if (present === undefined && this.entries.size >= RUNNERS_MAX) return undefined;
    if (present !== undefined && !same && now < present.heardAt + this.heardFor) return undefined;
    if (same && present.report !== undefined && report.number <= present.report.number)
      return undefined;
    const connected = same && present.connected;
    const entry: RosterEntry = {
      name: runner,
      session,
      digest,
      connected,
      via,
      report,
      heardAt: now,
    };
    this.entries.set(runner, entry);
    return entry;
  }

  /** Whether it can be told anything, directly or through the elector that passed on its last report. */
  reaches(entry: RosterEntry): boolean {
    return entry.connected || entry.via !== undefined;
  }

  forget(name: string): void {
    if (this.entries.get(name)?.connected !== true) this.entries.delete(name);
  }

  /** As the leader sees it. */
  state(entry: RosterEntry | undefined, now: Instant): RunnerState {
    return this.heard(entry, now) ? entry.report.state : 'disconnected';
  }

  /** M3: the highest epoch that any runner reports. */
  highestEpoch(): number {
    let highest = 0;
    for (const { report } of this.entries.values()) {
      highest = Math.max(highest, report?.epoch ?? 0, report?.released ?? 0);
    }
    return highest;
  }

  /** M8: the newest change of maintenance that any runner was told of. */
  highestMaintenanceChange(): number {
    let highest = 0;
    for (const { report } of this.entries.values()) {
      highest = Math.max(highest, report?.maintenanceChange ?? 0);
    }
    return highest;
  }

  /** The moments at which somebody falls silent or stops being electable. */
  deadlines(): readonly Instant[] {
    const deadlines: Instant[] = [];
    for (const { report, heardAt } of this.entries.values()) {
      const since = report === undefined ? LONG_AGO : heardAt;
      deadlines.push(since + this.heardFor, since + this.heardFor + ELECTABLE_SLACK);
    }
    return deadlines;
  }
}
