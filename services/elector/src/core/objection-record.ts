// Since when each runner cannot be master, for the reason that speaks against it now.
import type { Instant, WallTime } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { Rejection } from './charter.ts';
import { recordedStage } from './recorded.ts';
import { rejection, type Situation, unheard } from './rules.ts';

interface Objection {
  readonly key: string;
  readonly since: WallTime;
}

export class ObjectionRecord {
  private readonly found = new Map<string, Objection>();

  /** Looks at every runner that the charter knows. */
  look(situation: Situation, wall: (now: Instant) => WallTime): void {
    const { charter, roster, now } = situation;
    for (const name of this.found.keys()) {
      if (!charter.runners.includes(name)) this.found.delete(name);
    }
    for (const name of charter.runners) {
      const entry = roster.get(name);
      const against = entry === undefined ? unheard(name) : rejection(entry, situation);
      const key = against === undefined ? '' : keyOf(against);
      if (this.found.get(name)?.key === key) continue;
      const since = this.found.has(name)
        ? wall(now)
        : (recordedSince(situation, name, against) ?? wall(now));
      this.found.set(name, { key, since });
    }
  }

  /** Since when the reason that speaks against it does; undefined: not known, or none does. */
  since(against: Rejection): WallTime | undefined {
    const objection = this.found.get(against.runner);
    return objection?.key === keyOf(against) ? objection.since : undefined;
  }
}

/** What stays the same while the age in a reason grows. */
function keyOf({ rule, reason }: Rejection): string {
  return rule === 'not-standby' ? `${rule} ${reason}` : rule;
}

/** What a new leader finds was there before it, if the timeline tells of it. */
function recordedSince(
  { charter, roster }: Situation,
  name: string,
  against: Rejection | undefined,
): WallTime | undefined {
  const recorded = recordedStage(charter.decisions, name);
  if (against === undefined || recorded === undefined) return undefined;
  const stage =
    against.rule === 'not-heard' ? CHANGE.notHeard : (roster.get(name)?.report?.state ?? '');
  const tells = against.rule === 'not-heard' || against.rule === 'not-standby';
  return tells && stage === recorded.stage ? recorded.event.at : undefined;
}
