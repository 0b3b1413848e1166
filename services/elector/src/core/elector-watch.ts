// What happens to the electors, as their leader sees it: who is heard, and what keeps one from taking part.
import type { Duration, Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { Charter } from './charter.ts';
import { recordedElector } from './recorded.ts';
import type { EventNote } from './timeline.ts';
import type { ElectorView } from './view.ts';

/** What it looks at. */
export interface ElectorWatchParts {
  readonly electors: (now: Instant) => readonly ElectorView[];
  readonly charter: () => Charter;
  readonly startedAt: Instant;
  /** Who was not heard before gets so long; a problem that is gone sooner is not worth a word. */
  readonly heardFor: Duration;
  readonly note: (note: EventNote, now: Instant) => void;
}

/** What was written down of an elector last. */
interface Told {
  heard: boolean;
  problem: string;
  /** Since when its problem is another one. */
  since: Instant;
}

export class ElectorWatch {
  private readonly parts: ElectorWatchParts;
  private readonly told = new Map<string, Told>();

  constructor(parts: ElectorWatchParts) {
    this.parts = parts;
  }

  look(now: Instant): void {
    for (const view of this.parts.electors(now)) {
      const { name } = view;
      let told = this.told.get(name);
      if (told === undefined) {
        told = { ...recordedElector(this.parts.charter().decisions, name), since: NEVER };
        this.told.set(name, told);
      }
      this.lookAt(view, told, now);
    }
  }

  private lookAt({ name, heard, problem }: ElectorView, told: Told, now: Instant): void {
    const { startedAt, heardFor, note } = this.parts;
    if (heard !== told.heard && (heard || now >= startedAt + heardFor)) {
      told.heard = heard;
      const rule = heard ? CHANGE.electorHeard : CHANGE.electorNotHeard;
      const text = `elector ${name} is ${heard ? 'heard again' : 'not heard any more'}`;
      note({ subject: name, rule, text }, now);
    }
    const text = problem === '' ? '' : `elector ${name}: ${problem}`;
    if (!heard || text === told.problem) {
      told.since = NEVER;
      return;
    }
    told.since = Math.min(told.since, now);
    if (now < told.since + heardFor) return;
    told.problem = text;
    told.since = NEVER;
    const rule = text === '' ? CHANGE.electorWell : CHANGE.electorProblem;
    const words = text === '' ? `elector ${name} takes part again` : text;
    note({ subject: name, rule, text: words }, now);
  }
}
