// What the leader waits for before it can choose a master, written down when that lasts, and when it ends.
import type { Duration, Instant } from '@koi/lib/time';
import { describeDuration } from '@koi/lib/time';
import { CHANGE } from './change-rule.ts';
import type { Waiting } from './obstacle.ts';
import type { EventNote } from './timeline.ts';

/** An administrator's decision says these already. */
const SAID: readonly string[] = ['maintenance', 'manual'];

/** A wait under way. */
interface OpenWait {
  readonly waiting: Waiting;
  readonly since: Instant;
  written: boolean;
}

export class WaitingWatch {
  private readonly note: (note: EventNote, now: Instant) => void;
  private readonly patience: Duration;
  private open: OpenWait | undefined;

  /** `patience`: a wait that is over sooner is not worth a word. */
  constructor(note: (note: EventNote, now: Instant) => void, patience: Duration) {
    this.note = note;
    this.patience = patience;
  }

  /** What is waited for now. The same rule with other words is the same wait: ages in them change. */
  look(waiting: Waiting | undefined, now: Instant): void {
    if (waiting?.rule !== this.open?.waiting.rule) {
      this.end(now);
      if (waiting === undefined) return;
      this.open = { waiting, since: now, written: false };
    }
    const { open } = this;
    if (open === undefined || waiting === undefined || open.written) return;
    if (SAID.includes(waiting.rule) || now < open.since + this.patience) return;
    open.written = true;
    this.note({ subject: '', rule: CHANGE.waiting, text: waiting.text }, now);
  }

  /** A decision ends the wait. */
  end(now: Instant): void {
    const { open } = this;
    this.open = undefined;
    if (open?.written !== true) return;
    const text = `waited ${describeDuration(now - open.since)}: ${open.waiting.text}`;
    this.note({ subject: '', rule: CHANGE.waited, text }, now);
  }
}
