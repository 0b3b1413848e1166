// Writes the timeline of one leader: every version that it proposes takes along the changes seen since the last
// one. Where nothing is decided for long, they get a version of their own; no decision ever waits for them.
import type { Duration, Instant, WallTime } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { Charter } from './charter.ts';
import type { Outputs } from './outputs.ts';
import type { Replication } from './replication.ts';
import type { EventContext, EventNote, FreshEvent } from './timeline.ts';
import { eventOf, withEvents } from './timeline.ts';

/** How long a change waits for a commit that it can ride with, before it gets one of its own: but for `promoted`. */
export const EVENTS_LATEST: Duration = 5_000;

/** Where time alone will bring a decision this soon, changes wait for that. */
export const EVENTS_ASIDE: Duration = 1_000;

/** How many changes may wait for a commit; what comes then is counted, and the count is written down. */
export const CHANGES_WAITING_MAX = 64;

/** What a keeper is made with. */
export interface TimelineParts {
  readonly replication: Replication;
  readonly outputs: Outputs;
  /** What the wall clock is ahead of our own. */
  readonly wallOffset: () => WallTime;
}

export class TimelineKeeper {
  private readonly parts: TimelineParts;
  private waiting: FreshEvent[] = [];
  private leftOut = 0;
  /** When the oldest change that waits gets a version of its own. */
  private dueAt: Instant = NEVER;
  /** A version that carries nothing but changes is not committed yet. */
  private underWay = false;

  constructor(parts: TimelineParts) {
    this.parts = parts;
  }

  private context(kind: EventContext['kind'], epoch: number, now: Instant): EventContext {
    return { kind, term: this.parts.replication.term, epoch, at: this.parts.wallOffset() + now };
  }

  /** Remembers a change until it can be written down. */
  note(note: EventNote, now: Instant): void {
    if (this.waiting.length >= CHANGES_WAITING_MAX) {
      this.leftOut += 1;
      return;
    }
    const { epoch } = this.parts.replication.draft;
    this.waiting.push(eventOf(note, this.context('change', epoch, now)));
    // The end of a failover or a switchover: administrators wait for it, and nothing else is about to be decided.
    const patience = note.rule === CHANGE.promoted ? 0 : EVENTS_LATEST;
    this.dueAt = Math.min(this.dueAt, now + patience);
  }

  /** Commits any change of the charter, with the decision behind it where there is one. */
  propose(
    change: Partial<Charter>,
    decision: EventNote | undefined,
    now: Instant,
    onCommit: (charter: Charter, now: Instant) => void,
  ): void {
    const { replication, outputs } = this.parts;
    const fresh = this.take(now);
    if (decision !== undefined) {
      const epoch = change.epoch ?? replication.draft.epoch;
      fresh.push(eventOf(decision, this.context('decision', epoch, now)));
    }
    const decisions = fresh.length === 0 ? {} : { decisions: withEvents(replication.draft, fresh) };
    replication.propose({ ...change, ...decisions }, now, (charter, then) => {
      if (fresh.length > 0) outputs.markChanged();
      onCommit(charter, then);
    });
  }

  /** Gives changes that have waited long enough a version of their own; not just before a decision. */
  flush(decisionAt: Instant, now: Instant): void {
    if (now < this.dueAt || this.underWay || this.parts.replication.full) return;
    if (decisionAt > now && decisionAt <= now + EVENTS_ASIDE) return;
    this.underWay = true;
    this.propose({}, undefined, now, () => {
      this.underWay = false;
    });
  }

  /** Those that wait, in order; none waits any more. */
  private take(now: Instant): FreshEvent[] {
    const fresh = this.waiting;
    if (this.leftOut > 0) {
      const text = `${this.leftOut} changes are left out: more than ${CHANGES_WAITING_MAX} waited for a commit`;
      const { epoch } = this.parts.replication.draft;
      const note = { subject: '', rule: CHANGE.leftOut, text };
      fresh.push(eventOf(note, this.context('change', epoch, now)));
    }
    this.waiting = [];
    this.leftOut = 0;
    this.dueAt = NEVER;
    return fresh;
  }

  get deadline(): Instant {
    return this.dueAt;
  }
}
