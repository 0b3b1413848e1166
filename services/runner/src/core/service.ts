// One service: what it is, which script runs for it, and whether it may be promoted. It moves by
// the tables of transition.ts; it knows nothing of priorities, leases or other services.
import type { Instant } from '@koi/lib/time';
import type { ServiceReport, ServiceState } from './assignment.ts';
import type { Action, ScriptEnd, ServiceDefinition, TakenDown } from './input.ts';
import { describeEnd, outcomeOf } from './outcome.ts';
import type { ServiceRecord } from './record.ts';
import { type Level, lowerLevel, STEPS, type Step, TRANSITIONS } from './transition.ts';

/** The script that runs for a service; there is never more than one. */
export interface RunningScript {
  readonly run: number;
  readonly action: Action;
  readonly since: Instant;
  processId: number;
  /** It has been told to end early. */
  cutting: boolean;
}

/** What the end of a script came to, for the log and for those who have to react to it. */
export interface ScriptResult {
  readonly action: Action;
  /** What happened, half a sentence. */
  readonly text: string;
  readonly reason: string;
  readonly moved: boolean;
  /** The service has failed just now. */
  readonly failed: boolean;
  /** What is left of the service is to be killed. */
  readonly kill: boolean;
}

const UP: ReadonlySet<ServiceState> = new Set(['started', 'demoting', 'promoting', 'promoted']);
const RESTING: ReadonlySet<ServiceState> = new Set(['stopped', 'started', 'promoted']);

/** One service of this runner. */
export class Service {
  definition: ServiceDefinition;
  state: ServiceState = 'stopped';
  /** Is or may be promoted: from before its promote starts until something proves it is over. */
  promoted = false;
  promotable = false;
  /** A sentence about its failure; empty: none is remembered. */
  failure = '';
  running: RunningScript | undefined;
  /** Its entry has left the folder: it leaves as soon as it is down. */
  removed = false;
  statusDue = true;
  /** What it is wanted to be; `aim` says how far it may go towards that. */
  wanted: Level = 'stopped';
  #ceiling: Level = 'promoted';
  #begun = false;
  /**
   * What it is was seen by a script of its own, since the daemon's start and since the last maintenance:
   * so what runs already is not started a second time, and nobody builds on what was done by hand.
   */
  #proven = false;
  #remaining: readonly Action[] = [];
  /** The epoch under which it was promoted; 0: found promoted. */
  #epoch = 0;
  /** A kill is under way whose success would prove that nothing is promoted. */
  #killing = false;

  /** `found`: what the record of an earlier process says of it (M6). */
  constructor(definition: ServiceDefinition, found?: ServiceRecord) {
    this.definition = definition;
    if (found === undefined) return;
    this.state = found.state;
    this.promoted = found.promoted;
    this.promotable = found.promotable;
    this.failure = found.failure;
    this.removed = found.removed;
    this.#ceiling = found.ceiling;
    this.#begun = found.begun;
    this.#remaining = found.remaining;
    this.#epoch = found.epoch;
    this.#killing = found.killing;
    const { running } = found;
    if (running !== undefined) this.running = { ...running, processId: 0, cutting: false };
  }

  /** What the next process has to know of it (M6). */
  get record(): ServiceRecord {
    const { definition, state, promoted, promotable, failure, removed, running } = this;
    return {
      definition,
      state,
      promoted,
      promotable,
      failure,
      removed,
      ceiling: this.#ceiling,
      begun: this.#begun,
      remaining: this.#remaining,
      epoch: this.#epoch,
      killing: this.#killing,
      running: running && { run: running.run, action: running.action, since: running.since },
    };
  }

  get name(): string {
    return this.definition.name;
  }

  /** Runs, as a backup or more. */
  get up(): boolean {
    return UP.has(this.state);
  }

  /** Is down, or as far down as its scripts can bring it: nobody waits for it any longer. */
  get down(): boolean {
    if (this.state === 'failing') return this.next === undefined && this.running === undefined;
    return this.state === 'stopped' || this.state === 'failed';
  }

  get aim(): Level {
    return lowerLevel(this.wanted, this.#ceiling);
  }

  /** Sets what it is to be; `epoch` is the one under which it would be promoted. */
  want(level: Level, epoch: number): void {
    this.wanted = level;
    if (level !== 'promoted' || !this.promoted) return;
    // M3: what an older epoch promoted goes down before it is promoted under a new one.
    if (this.#epoch === 0) this.#epoch = epoch;
    if (this.#epoch !== epoch) this.#ceiling = lowerLevel(this.#ceiling, 'started');
  }

  /** The script that has to run next, status apart; undefined: none, whoever may act. */
  get next(): Step | undefined {
    if (this.state === 'failing') {
      const action = this.#remaining[0];
      return action && { action, during: 'failing', reason: 'it failed' };
    }
    const step = STEPS[this.state]?.[this.aim];
    const rises = step?.action === 'start' || step?.action === 'promote';
    return rises && !this.#proven ? undefined : step;
  }

  /** Whether its state is more than a guess. */
  get proven(): boolean {
    return this.#proven;
  }

  /** M8: maintenance is over; what it is now only its status can tell. */
  doubt(): void {
    this.#proven = false;
    this.statusDue = true;
  }

  /** Whether its status is to be asked for now. */
  get wantsStatus(): boolean {
    return this.statusDue && RESTING.has(this.state) && this.next === undefined;
  }

  /** Notes that a script starts. */
  begin(step: Step, run: number, epoch: number, now: Instant): void {
    const { action } = step;
    this.running = { run, action, since: now, processId: 0, cutting: false };
    this.state = step.during;
    if (action === 'status') this.statusDue = false;
    if (action === 'start') {
      this.#begun = true;
      this.promotable = false;
    }
    if (action === 'promote') {
      this.promoted = true;
      this.#epoch = epoch;
    }
    if (this.state === 'failing') this.#remaining = this.#remaining.slice(1);
  }

  /** Takes in the end of its script. In maintenance nothing that rises can fail (M8). */
  end(end: ScriptEnd, maintenance: boolean): ScriptResult {
    const action = this.running?.action ?? 'status';
    const before = this.state;
    let outcome = outcomeOf(action, end);
    this.running = undefined;
    const text = describeEnd(action, end);
    // A demote succeeds as well where nothing runs any more.
    const telling = action !== 'demote' && outcome !== 'cut-short' && outcome !== 'unknown';
    this.#proven ||= !maintenance && telling;
    if (maintenance && outcome === 'failed') {
      if (action === 'status') outcome = 'cut-short';
      if (action === 'start' || action === 'promote') outcome = 'succeeded';
    }
    const removal = this.#endOfRemoved(action, outcome, text);
    if (removal !== undefined) return removal;
    if (before === 'failing' && this.#remaining.length > 0 && action !== 'stop') {
      return { action, text, reason: '', moved: false, failed: false, kill: false };
    }
    const row = TRANSITIONS[before][outcome];
    if (row === undefined) {
      return { action, text, reason: '', moved: false, failed: false, kill: false };
    }
    // Where its stop came first, its failed script is still to run.
    this.state = this.#remaining.length > 0 && before === 'failing' ? before : row.next;
    this.promoted = row.promoted ?? this.promoted;
    this.promotable = row.promotable ?? this.promotable;
    this.#begun = row.begun ?? this.#begun;
    this.#ceiling = row.ceiling ?? this.#ceiling;
    this.statusDue = row.statusDue ?? this.statusDue;
    if (outcome === 'found-promoted') this.#epoch = before === 'promoted' ? this.#epoch : 0;
    const failed = row.next === 'failing';
    if (failed) this.#fail(text, row.remaining ?? []);
    if (row.kill) this.#killing = true;
    const { reason } = row;
    return {
      action,
      text,
      reason,
      moved: this.state !== before,
      failed,
      kill: row.kill === true,
    };
  }

  /** The deadman has taken it down while this process could not. */
  takenDown(outcome: TakenDown): void {
    // What a script of ours was still to do the deadman has ended, or waited for without a word about it.
    const stopping = this.running?.action === 'stop' && outcome === 'demoted';
    this.running = undefined;
    this.promoted = false;
    this.#killing = false;
    this.#ceiling = 'promoted';
    this.doubt();
    if (outcome !== 'demoted') this.#begun = false;
    if (outcome === 'killed') {
      this.state = 'failed';
      this.promotable = false;
      this.#remaining = [];
      this.failure = `${this.name} had to be killed by the deadman`;
    } else if (this.state === 'failing') {
      // It had failed before that, and runs all the same.
      const left = this.#remaining.filter((action) => action !== 'stop' || this.#begun);
      this.#remaining = stopping ? ['stop', ...left] : left;
      if (this.#remaining.length === 0) this.state = 'failed';
    } else if (this.state !== 'failed') {
      this.state = outcome === 'demoted' ? 'started' : 'stopped';
    }
  }

  /** M4: it did not go down in time, and is killed. True: it counts as failed from now on. */
  kill(text: string): boolean {
    this.#killing = true;
    if (this.state === 'failing' || this.state === 'failed') return false;
    this.state = 'failing';
    this.promotable = false;
    // What a kill does not take down, an address for one, its stop script does: that is more urgent.
    this.#fail(text, ['stop', 'failed']);
    return true;
  }

  /** Nothing of its process tree is left. */
  killed(): void {
    if (!this.#killing) return;
    this.#killing = false;
    // M2: an address or a mount has no process to kill. Its stop script is still to run, and tells.
    if (this.#stopAhead) return;
    this.promoted = false;
    // Killed because it had left, not because it failed (it may have come back since).
    if (this.state !== 'failing' || this.failure !== '') return;
    this.state = 'stopped';
    this.#begun = false;
    this.#ceiling = 'promoted';
  }

  /** Whether a failing service has its stop script still before it, or in progress. */
  get #stopAhead(): boolean {
    if (this.state !== 'failing') return false;
    return this.#remaining.includes('stop') || this.running?.action === 'stop';
  }

  /** A kill is under way, or did not come to an end. */
  get killing(): boolean {
    return this.#killing;
  }

  /** A kill did not come to an end, or nobody was told: it is worth another try. */
  get unfinishedKill(): boolean {
    return this.#killing && this.running === undefined && this.state !== 'stopped' && this.down;
  }

  /** Forgets its failure, if all that followed from that is done. */
  forget(): void {
    if (this.state !== 'failed') return;
    this.failure = '';
    this.statusDue = true;
    // What a kill could not end is taken for promoted, so that it is demoted first.
    this.state = this.promoted ? 'promoted' : 'stopped';
    this.#ceiling = this.promoted ? 'started' : 'promoted';
    // A kill of before proves nothing about what is promoted from now on.
    this.#killing = false;
  }

  report(): ServiceReport {
    const { name, priority } = this.definition;
    return {
      name,
      priority,
      state: this.state,
      promotable: this.up && this.promotable,
      action: this.running?.action ?? '',
      processId: this.running?.processId ?? 0,
      failure: this.failure,
    };
  }

  #fail(text: string, remaining: readonly Action[]): void {
    this.failure = text;
    this.#remaining = remaining.filter((action) => action !== 'stop' || this.#begun);
  }

  // A removed service has often lost its scripts: what they cannot end is killed, and the runner
  // does not count as failed for a service that it no longer has.
  #endOfRemoved(action: Action, outcome: string, text: string): ScriptResult | undefined {
    if (!this.removed || outcome !== 'failed' || this.failure !== '') return undefined;
    if (action === 'status' && this.state === 'stopped') return undefined;
    this.state = 'failing';
    this.#remaining = [];
    this.#killing = true;
    const reason = 'it has left the services folder: what is left of it is killed';
    return { action, text, reason, moved: true, failed: false, kill: true };
  }
}
