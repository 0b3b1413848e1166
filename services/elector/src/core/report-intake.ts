// Takes in what runners say, directly or through another elector (M1, M7, M9), and passes on what is meant for
// another one.
import type { Instant } from '@koi/lib/time';
import type { Input } from './input.ts';
import type { Leadership } from './leadership.ts';
import type { Mastership } from './mastership.ts';
import type { RelayedReport } from './message.ts';
import type { ElectorOptions } from './options.ts';
import type { Outputs } from './outputs.ts';
import { differs, type Report } from './report.ts';
import type { Roster, RosterEntry } from './roster.ts';
import type { Voter } from './voter.ts';

type Kind<K extends Input['kind']> = Extract<Input, { kind: K }>;

/** The parts of an elector that a report can concern. */
export interface IntakeParts {
  readonly options: ElectorOptions;
  readonly roster: Roster;
  readonly voter: Voter;
  readonly outputs: Outputs;
  readonly leadership: Leadership;
  /** Undefined while this elector does not lead. */
  readonly office: () => Mastership | undefined;
}

export class ReportIntake {
  private readonly parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.parts = parts;
  }

  connected({ runner, session, digest }: Kind<'runner-connected'>, now: Instant): void {
    const { roster, outputs, options } = this.parts;
    const admission = roster.connect(runner, session, digest, now);
    if (admission.kind === 'refused') {
      outputs.add({ kind: 'refuse-runner', runner, session, reason: admission.reason });
    } else if (digest !== options.timesDigest) {
      outputs.log('warn', `runner ${runner} has other protocol times: it gets no lease`);
    }
  }

  report({ runner, session, report }: Kind<'report'>, now: Instant): void {
    const { roster, outputs, office } = this.parts;
    const before = roster.get(runner)?.report;
    const entry = roster.report(runner, session, report, now);
    if (entry === undefined) return;
    this.weigh(entry, before, report, now);
    if (office()?.ready !== true)
      outputs.add({ kind: 'heard', runner, session, number: report.number });
    this.relay(entry, report, now);
  }

  /** M9: a report whose runner hears no leader is passed on to the one that this elector is bound to. */
  private relay(
    { name: runner, session, digest }: RosterEntry,
    report: Report,
    now: Instant,
  ): void {
    const { office, voter, options, outputs } = this.parts;
    if (!report.leaderUnheard || office() !== undefined) return;
    const leader = voter.binding.to(now);
    if (leader === undefined || leader === options.name) return;
    outputs.send(leader, { kind: 'relayed-report', runner, session, digest, report });
  }

  relayed(relayed: RelayedReport, via: string, now: Instant): void {
    const { roster } = this.parts;
    const before = roster.get(relayed.runner)?.report;
    const entry = roster.relayed(relayed, via, now);
    if (entry !== undefined) this.weigh(entry, before, relayed.report, now);
  }

  /** What a report means, however it came. */
  private weigh(
    entry: RosterEntry,
    before: Report | undefined,
    report: Report,
    now: Instant,
  ): void {
    const { outputs, voter, leadership, office } = this.parts;
    if (before === undefined || differs(before, report)) outputs.markChanged();
    // P7: a term that a runner has heard is a floor for every claim of ours.
    voter.tell(report.highestTerm);
    if (report.highestTerm > leadership.term) {
      leadership.overtaken(`runner ${entry.name} has heard term ${report.highestTerm}`, now);
    }
    const leading = office();
    if (leading?.ready === true) leading.onReport(entry, now);
  }
}
