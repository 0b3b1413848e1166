// What happens to runners, as their leader sees it: states with their cause, failures, the end of promotions and
// the release of epochs. It only looks; nothing is decided by it.
import type { Duration, Instant, WallTime } from '@koi/lib/time';
import { describeDuration } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { Charter, Decision } from './charter.ts';
import { failureNote, failuresSince, failuresUnrecorded } from './failure-news.ts';
import { recordedEpoch, recordedStage } from './recorded.ts';
import type { FailureReport, Report } from './report.ts';
import type { Roster, RosterEntry } from './roster.ts';
import { CHOICE_RULES, describeState } from './rules.ts';
import type { EventNote } from './timeline.ts';

/** What a watch looks at. */
export interface WatchParts {
  readonly leader: string;
  readonly roster: Roster;
  /** The newest version, committed or not. */
  readonly charter: () => Charter;
  readonly wallOffset: () => WallTime;
  readonly startedAt: Instant;
  /** Who was not heard before gets so long after the leader's start until that is said. */
  readonly heardFor: Duration;
  readonly note: (note: EventNote, now: Instant) => void;
}

/** What was written down of a runner last. */
interface Told {
  stage: string | undefined;
  /** Its newest failure says already that it is failed. */
  failed: boolean;
  /** Undefined: it has not told this leader of any yet. */
  failures: readonly FailureReport[] | undefined;
  promoted: number;
  released: number;
}

export class RunnerWatch {
  private readonly parts: WatchParts;
  private readonly told = new Map<string, Told>();

  constructor(parts: WatchParts) {
    this.parts = parts;
  }

  look(now: Instant): void {
    const charter = this.parts.charter();
    for (const name of this.told.keys()) {
      if (!charter.runners.includes(name)) this.told.delete(name);
    }
    for (const name of charter.runners) this.lookAt(name, charter, now);
  }

  private begin(name: string, events: readonly Decision[]): Told {
    const stage = recordedStage(events, name)?.stage;
    const promoted = recordedEpoch(events, name, [CHANGE.promoted, CHANGE.master]);
    const told: Told = {
      stage,
      failed: false,
      failures: undefined,
      // Of one of which nothing is remembered nobody knows any more when it was promoted.
      promoted: stage === undefined ? this.parts.charter().epoch : promoted,
      released: recordedEpoch(events, name, [CHANGE.demoted]),
    };
    this.told.set(name, told);
    return told;
  }

  private lookAt(name: string, charter: Charter, now: Instant): void {
    const told = this.told.get(name) ?? this.begin(name, charter.decisions);
    const entry = this.parts.roster.get(name);
    if (entry?.report !== undefined) {
      this.lookAtFailures(name, told, entry.report.failures, now);
      this.lookAtRelease(name, told, entry.report, now);
    }
    const stage = this.stageOf(entry, now);
    if (stage === undefined) return;
    const promotes = stage === CHANGE.master && this.holds(entry, charter);
    if (stage === told.stage && !(promotes && told.promoted !== charter.epoch)) return;
    told.stage = stage;
    if (stage === CHANGE.failed && told.failed) return;
    told.failed = false;
    const { note } = this.parts;
    if (promotes && told.promoted !== charter.epoch) {
      told.promoted = charter.epoch;
      note({ subject: name, rule: CHANGE.promoted, text: this.describePromotion(name, now) }, now);
    } else {
      const text = this.describeStage(name, stage, promotes, entry, now);
      note({ subject: name, rule: stage, text }, now);
    }
  }

  /** Undefined: it is on its way to another one, or nothing can be said yet. */
  private stageOf(entry: RosterEntry | undefined, now: Instant): string | undefined {
    const { roster, startedAt, heardFor } = this.parts;
    if (!roster.heard(entry, now)) {
      const known = entry?.report !== undefined;
      return known || now >= startedAt + heardFor ? CHANGE.notHeard : undefined;
    }
    const { state, services } = entry.report;
    // It hears no leader yet, which is for a moment only.
    if (state === 'disconnected') return undefined;
    if (state !== 'master') return state;
    return services.every((service) => service.state === 'promoted') ? CHANGE.master : undefined;
  }

  private holds(entry: RosterEntry | undefined, { master, epoch }: Charter): boolean {
    return entry !== undefined && entry.name === master && entry.report?.epoch === epoch;
  }

  private lookAtFailures(
    name: string,
    told: Told,
    failures: readonly FailureReport[],
    now: Instant,
  ): void {
    const known = told.failures;
    if (known === failures) return;
    told.failures = failures;
    const fresh =
      known === undefined
        ? failuresUnrecorded(
            this.parts.charter().decisions,
            name,
            failures,
            this.parts.wallOffset() + now,
          )
        : failuresSince(known, failures);
    for (const failure of fresh) {
      this.parts.note(failureNote(name, failure), now);
      if (failure.service !== '' && told.stage !== CHANGE.failed) told.failed = true;
    }
  }

  private lookAtRelease(name: string, told: Told, report: Report, now: Instant): void {
    const { master, epoch } = this.parts.charter();
    if (name !== master || report.released < epoch || told.released === epoch) return;
    told.released = epoch;
    const text = `${name} has released epoch ${epoch}: nothing of it is promoted any more`;
    this.parts.note({ subject: name, rule: CHANGE.demoted, text }, now);
  }

  private describePromotion(name: string, now: Instant): string {
    const { epoch, decisions } = this.parts.charter();
    const decision = decisions.findLast(
      (event) => event.kind === 'decision' && event.epoch === epoch && CHOICE_RULES.has(event.rule),
    );
    const text = `${name} is master (epoch ${epoch})`;
    if (decision === undefined) return text;
    const took = Math.max(0, this.parts.wallOffset() + now - decision.at);
    return `${text}: everything is promoted ${describeDuration(took)} after the decision`;
  }

  private describeStage(
    name: string,
    stage: string,
    holds: boolean,
    entry: RosterEntry | undefined,
    now: Instant,
  ): string {
    const report = entry?.report;
    if (stage === CHANGE.notHeard) {
      if (entry === undefined || report === undefined) {
        return `${name} has not been heard since ${this.parts.leader} leads`;
      }
      const stream = entry.connected ? '' : ': its stream is broken';
      return `${name} has not been heard for ${describeDuration(now - entry.heardAt)}${stream}`;
    }
    if (stage === CHANGE.master) {
      return holds
        ? `${name} is master (epoch ${report?.epoch})`
        : `${name} says that it is master under epoch ${report?.epoch}, which is over`;
    }
    const caused = stage === CHANGE.failed || stage === CHANGE.live;
    return `${name} is ${caused && report !== undefined ? describeState(report) : stage}`;
  }
}
