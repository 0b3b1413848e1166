// The runners that the charter knows: new ones are taken in, those that were not heard for long are forgotten.
import type { Instant } from '@koi/lib/time';
import { describeDuration, NEVER } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { ElectorOptions } from './options.ts';
import type { Replication } from './replication.ts';
import type { Roster } from './roster.ts';
import type { TimelineKeeper } from './timeline-keeper.ts';

/** What it goes by. */
export interface KnownRunnersParts {
  readonly options: ElectorOptions;
  readonly roster: Roster;
  readonly replication: Replication;
  readonly timeline: TimelineKeeper;
  readonly startedAt: Instant;
}

export class KnownRunners {
  private readonly parts: KnownRunnersParts;

  constructor(parts: KnownRunnersParts) {
    this.parts = parts;
  }

  /** Commits runners that are new, and forgets those that were not heard for long. */
  review(now: Instant): void {
    const { options, roster, replication, timeline } = this.parts;
    const { draft } = replication;
    const unknown = roster
      .all()
      .filter((entry) => entry.report !== undefined && !draft.runners.includes(entry.name))
      // One that an earlier leader forgot is not brought back by what was heard of it long ago.
      .filter((entry) => now < entry.heardAt + options.forgetAfter)
      .map((entry) => entry.name);
    const forgotten = draft.runners.filter((name) => now >= this.forgetAt(name));
    if (unknown.length === 0 && forgotten.length === 0) return;
    for (const name of forgotten) {
      roster.forget(name);
      const silence = describeDuration(options.forgetAfter);
      const text = `${name} is forgotten: it has not been heard for ${silence}`;
      timeline.note({ subject: name, rule: CHANGE.forgotten, text }, now);
    }
    const runners = [
      ...draft.runners.filter((name) => !forgotten.includes(name)),
      ...unknown,
    ].sort();
    const stopped = draft.stopped.filter((name) => !forgotten.includes(name));
    timeline.propose({ runners, stopped }, undefined, now, () => {});
  }

  private forgetAt(name: string): Instant {
    const { options, roster, replication, startedAt } = this.parts;
    const { draft } = replication;
    if (name === draft.master || name === draft.target) return NEVER;
    const heardAt = roster.get(name)?.heardAt ?? startedAt;
    return Math.max(heardAt, startedAt) + options.forgetAfter;
  }

  deadlines(): readonly Instant[] {
    return this.parts.replication.draft.runners.map((name) => this.forgetAt(name));
  }
}
