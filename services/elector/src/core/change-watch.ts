// All that a leader watches for the timeline: runners, electors, what it waits for, and since when each runner
// cannot be master. It only looks: no decision depends on what was seen here.
import type { Instant, WallTime } from '@koi/lib/time';
import { ElectorWatch } from './elector-watch.ts';
import { ObjectionRecord } from './objection-record.ts';
import type { Waiting } from './obstacle.ts';
import type { ElectorOptions } from './options.ts';
import { HEARD_HEARTBEATS } from './peers.ts';
import type { Replication } from './replication.ts';
import type { Roster } from './roster.ts';
import type { Situation } from './rules.ts';
import { RunnerWatch } from './runner-watch.ts';
import type { EventNote } from './timeline.ts';
import type { ElectorView } from './view.ts';
import { WaitingWatch } from './waiting-watch.ts';

/** What a leader watches, and how it is written down. */
export interface ChangeWatchParts {
  readonly options: ElectorOptions;
  readonly roster: Roster;
  readonly replication: Replication;
  readonly wallOffset: () => WallTime;
  readonly startedAt: Instant;
  /** What this elector shows of all electors. */
  readonly electors: (now: Instant) => readonly ElectorView[];
  readonly note: (note: EventNote, now: Instant) => void;
}

export class ChangeWatch {
  readonly objections = new ObjectionRecord();
  private readonly wallOffset: () => WallTime;
  private readonly runners: RunnerWatch;
  private readonly electors: ElectorWatch;
  private readonly waits: WaitingWatch;

  constructor(parts: ChangeWatchParts) {
    const { options, replication, note } = parts;
    const watched = {
      ...parts,
      leader: options.name,
      charter: () => replication.draft,
      heardFor: HEARD_HEARTBEATS * options.times.heartbeat,
    };
    this.wallOffset = parts.wallOffset;
    this.runners = new RunnerWatch(watched);
    this.electors = new ElectorWatch(watched);
    this.waits = new WaitingWatch(note, watched.heardFor);
  }

  /** Before anything is decided: what has happened stands in the timeline before what was made of it. */
  look(situation: Situation): void {
    const { now } = situation;
    this.runners.look(now);
    this.electors.look(now);
    this.objections.look(situation, (then) => this.wallOffset() + then);
  }

  /** What the leader waits for now. */
  waiting(waiting: Waiting | undefined, now: Instant): void {
    this.waits.look(waiting, now);
  }

  /** Something is decided: whatever was waited for is over. */
  decided(now: Instant): void {
    this.waits.end(now);
  }
}
