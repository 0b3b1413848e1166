// The runner's core: takes in one fact at a time and says what is to be done about it. It composes
// the mandate (am I master), the services, what is remembered of failures, and the reports.
import { assert } from '@koi/lib/assert';
import {
  type Duration,
  describeDuration,
  earliest,
  type Instant,
  NEVER,
  type WallTime,
} from '@koi/lib/time';
import type { Assignment, RunnerState, ServiceReport } from './assignment.ts';
import { Contact } from './contact.ts';
import { Departure } from './departure.ts';
import type { Effect } from './effect.ts';
import type { Input } from './input.ts';
import { Keeper } from './keeper.ts';
import { Ladder } from './ladder.ts';
import { Mandate, type Say } from './mandate.ts';
import { changeOptions, ownOptions, type RunnerOptions } from './options.ts';
import type { RunnerRecord } from './record.ts';
import { Recovery } from './recovery.ts';
import { type ReportBody, Reporting, UNHEARD_HEARTBEATS } from './reporting.ts';
import { describeStanding, stateOf } from './standing.ts';
import { type Orders, type ServiceFailure, Supervision } from './supervision.ts';
import type { Level } from './transition.ts';

type ScriptNews = Extract<Input, { kind: 'script-started' | 'script-ended' | 'killed' }>;

/** One runner. Deterministic: the same inputs at the same instants give the same effects. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #born: Instant;
  readonly #mandate: Mandate;
  readonly #supervision: Supervision;
  readonly #recovery: Recovery;
  readonly #reporting: Reporting;
  readonly #contact: Contact;
  readonly #departure: Departure;
  readonly #ladder: Ladder;
  readonly #keeper = new Keeper();
  readonly #say: Say = (level, text) => this.#effects.push({ kind: 'log', level, text });
  #effects: Effect[] = [];
  #now: Instant;
  #wallOffset: WallTime = 0;
  #roundAt: Instant;
  /** When the last assignment was taken. */
  #assignedAt: Instant;
  #reconfigure: number | undefined;
  #exited = false;
  #detached = false;

  /** `found`: the record of an earlier process of this host's present life, by this clock (M6). */
  constructor(given: RunnerOptions, now: Instant, found?: RunnerRecord) {
    const options = ownOptions(given);
    const emit = (effect: Effect): void => {
      this.#effects.push(effect);
    };
    const say = this.#say;
    this.#options = options;
    this.#born = now;
    this.#now = now;
    this.#roundAt = now;
    this.#assignedAt = now;
    this.#mandate = new Mandate(options, say, found?.mandate);
    this.#supervision = new Supervision(options, emit, found);
    this.#recovery = new Recovery(options.recovery, found?.recovery);
    this.#ladder = new Ladder(options, this.#mandate, this.#supervision, emit);
    this.#reporting = new Reporting(options.heartbeat);
    this.#contact = new Contact(options.heartbeat, say);
    this.#departure = new Departure(options.heartbeat, say);
    if (this.#supervision.failed) this.#recovery.resume(now);
  }

  /** When time alone changes something next; not later than the next heartbeat. */
  get deadline(): Instant {
    if (this.#exited) return NEVER;
    return earliest(
      this.#mandate.deadline,
      this.#reporting.deadline,
      this.#departure.begun ? NEVER : this.#roundAt,
      this.#contact.deadline,
      this.#supervision.forgettable ? this.#recovery.forgetAt : NEVER,
      this.#departure.deadline,
      this.#ladder.deadline,
    );
  }

  /** What this runner is, as of the last step. */
  get state(): RunnerState {
    return stateOf({
      supervision: this.#supervision,
      mandate: this.#mandate,
      master: this.#mandate.mayBeMaster(this.#now),
      leaving: this.#departure.begun,
      inTouch: this.#contact.open,
    });
  }

  /** Its services, in the order in which they start. */
  get services(): readonly ServiceReport[] {
    return this.#supervision.reports;
  }

  get promoted(): boolean {
    return this.#supervision.promoted;
  }

  /** The epoch it holds or held last, and the newest it has given back. */
  get mandate(): Pick<Mandate, 'epoch' | 'released'> {
    return this.#mandate;
  }

  get maintenance(): boolean {
    return this.#mandate.maintenance;
  }

  /** What is left of the lease as of the last step; undefined: none runs. */
  get leaseLeft(): Duration | undefined {
    if (!this.#mandate.holding(this.#now)) return undefined;
    return Math.max(0, this.#mandate.leaseEnd - this.#now);
  }

  /** What it is and why, as a sentence for people. */
  get description(): string {
    return describeStanding(this.state, this.#mandate, this.leaseLeft);
  }

  /** Takes in one fact and returns what is to be done about it, in order. */
  step(input: Input, now: Instant): readonly Effect[] {
    assert(now >= this.#now, 'time runs forward');
    if (this.#exited) return [];
    this.#effects = [];
    this.#now = now;
    // P10: first what has run out, then the mail. What the mail brings may be over as well: a lease
    // that ended in maintenance and that the end of it did not renew (M8), an order to recover.
    this.#expire(now);
    this.#take(input, now);
    this.#expire(now);
    while (this.#supervision.settle(this.#orders(now), now));
    this.#mandate.release(this.#supervision.promoted);
    const margin = this.#ladder.margin(now);
    if (margin !== undefined) this.#recovery.note(now + this.#wallOffset, 'lease', margin.text);
    this.#report(now);
    this.#leave(now);
    this.#keepRecord();
    return this.#effects;
  }

  #expire(now: Instant): void {
    for (const failure of this.#ladder.expire(now)) this.#onFailure(failure, now);
    this.#contact.expire(now);
    const spared = this.#mandate.maintenance || this.#ladder.barred;
    const failures = this.#departure.expire(this.#supervision, spared, now);
    for (const failure of failures) this.#onFailure(failure, now);
    if (now >= this.#roundAt && !this.#departure.begun) {
      this.#roundAt = now + this.#options.statusInterval;
      this.#effects.push({ kind: 'read-folder' });
    }
    this.#forgetFailures(now);
  }

  #keepRecord(): void {
    const { epoch, demoteAt, maintenance } = this.#mandate;
    const record = {
      mandate: this.#mandate.record,
      recovery: this.#recovery.record,
      ...this.#supervision.record,
    };
    const kept = this.#keeper.changes(record, { epoch, end: demoteAt, maintenance });
    if (kept.length > 0) this.#effects = [...kept, ...this.#effects];
  }

  #forgetFailures(now: Instant): void {
    const recovery = this.#recovery;
    if (now < recovery.forgetAt || !this.#supervision.forgettable) return;
    this.#supervision.forget();
    this.#say('info', recovery.forget());
  }

  #take(input: Input, now: Instant): void {
    switch (input.kind) {
      case 'time':
        break;
      case 'folder':
        this.#supervision.onFolder(input.services);
        break;
      case 'folder-failed':
        this.#say('error', `the services folder cannot be read: ${input.reason}`);
        this.#supervision.demandStatus();
        break;
      case 'elector-connected':
        this.#contact.hear(now);
        this.#reporting.demand();
        break;
      case 'elector-lost':
        this.#say('warn', `the stream to elector ${input.elector} is lost`);
        break;
      case 'elector-heard':
        this.#contact.hear(now);
        break;
      case 'assignment':
        this.#contact.hear(now);
        this.#onAssignment(input.assignment, now);
        break;
      case 'wall':
        this.#wallOffset = input.offset;
        break;
      case 'late':
        if (!this.#reporting.late(input.away, now)) break;
        this.#say('warn', `this daemon was away for ${describeDuration(input.away)}`);
        break;
      case 'options':
        changeOptions(this.#options, input.options);
        this.#roundAt = earliest(this.#roundAt, now + input.options.statusInterval);
        break;
      case 'stop':
        this.#onStop(now);
        break;
      case 'detach':
        this.#say('info', 'told to detach: everything stays as it is for the next runner');
        this.#detached = true;
        break;
      case 'demotion-claimed':
        this.#ladder.onClaimed(input.epoch, input.by, now);
        break;
      case 'deadman-acted':
        for (const failure of this.#ladder.onActed(input, now)) this.#onFailure(failure, now);
        break;
      default:
        this.#takeScriptNews(input, now);
    }
  }

  #takeScriptNews(input: ScriptNews, now: Instant): void {
    switch (input.kind) {
      case 'script-started':
        this.#supervision.onStarted(input.run, input.processId);
        break;
      case 'script-ended': {
        const { maintenance } = this.#mandate;
        const failure = this.#supervision.onEnded(input.run, input.end, maintenance, now);
        if (failure !== undefined) this.#onFailure(failure, now);
        break;
      }
      case 'killed':
        this.#supervision.onKilled(input.service);
        break;
    }
  }

  #onAssignment(assignment: Assignment, now: Instant): void {
    const { maintenance } = this.#mandate;
    const sentAt = this.#reporting.sentAt(assignment.number);
    if (!this.#mandate.accept(assignment, sentAt, now)) return;
    this.#assignedAt = now;
    if (maintenance && !this.#mandate.maintenance) this.#supervision.doubt();
    if (this.#recovery.hear(assignment.recovery)) {
      this.#say('info', 'told to forget failures');
      if (!this.#supervision.failed) this.#recovery.settle();
    }
    const before = this.#reconfigure;
    this.#reconfigure = assignment.reconfigure;
    if (before === undefined || assignment.reconfigure <= before) return;
    this.#say('info', 'told to read the configuration again');
    this.#effects.push({ kind: 'reconfigure' });
  }

  #onFailure(failure: ServiceFailure, now: Instant): void {
    this.#say('warn', this.#recovery.fail(now, now + this.#wallOffset, failure));
  }

  #onStop(now: Instant): void {
    const { maintenance } = this.#mandate;
    if (!this.#departure.begun) {
      const services = maintenance ? 'stay as they are: maintenance' : 'are taken down first';
      this.#departure.begin(`services ${services}`, now);
      return;
    }
    const spared = maintenance || this.#ladder.barred;
    this.#departure.hurry('the daemon was told twice to end', this.#supervision, spared);
  }

  #level(now: Instant): Level {
    if (this.#departure.begun || this.#supervision.failed) return 'stopped';
    if (this.#mandate.heard && this.#mandate.target === 'stopped') return 'stopped';
    return this.#mandate.mayBeMaster(now) ? 'promoted' : 'started';
  }

  #orders(now: Instant): Orders {
    const { epoch, master } = this.#mandate;
    return {
      level: this.#level(now),
      scripts: this.#permission,
      holding: this.#mandate.holding(now),
      leaving: this.#departure.begun,
      environment: { state: this.state, epoch, master },
    };
  }

  get #permission(): Orders['scripts'] {
    if (this.#detached || this.#ladder.barred) return 'none';
    if (this.#mandate.maintenance) return 'demotions';
    // M6: nobody knows yet whether there is maintenance; only the end of the daemon does not wait.
    return this.#mandate.heard || this.#departure.begun ? 'all' : 'demotions';
  }

  #report(now: Instant): void {
    const report = this.#reporting.next(this.#reportBody(now), now);
    if (report !== undefined) this.#effects.push({ kind: 'report', report });
  }

  #reportBody(now: Instant): ReportBody {
    const { mode, priority } = this.#options;
    const { epoch, leaseEnded, released, maintenance, maintenanceChange } = this.#mandate;
    return {
      state: this.state,
      mode,
      priority,
      uptime: now - this.#born,
      epoch,
      leaseEnded,
      released,
      promoted: this.#supervision.promoted,
      maintenance,
      maintenanceChange,
      highestTerm: this.#mandate.highestTerm,
      leaderUnheard: now >= this.#assignedAt + UNHEARD_HEARTBEATS * this.#options.heartbeat,
      sinceFailure: this.#recovery.sinceFailure(now),
      services: this.services,
      failures: this.#recovery.failures,
    };
  }

  // The last report has left before this: a leader that reads it need not count this runner out.
  #leave(now: Instant): void {
    if (this.#detached) {
      this.#exited = true;
      this.#effects.push({ kind: 'exit', detached: true });
      return;
    }
    const { down, goingDown } = this.#supervision;
    const frozen = this.#mandate.maintenance && !goingDown;
    const releasable = !frozen && this.#contact.open && this.#mandate.holding(now);
    if (!this.#departure.over({ done: down || frozen, releasable }, now)) return;
    this.#exited = true;
    this.#say('info', 'everything that had to be done is done: the daemon ends');
    this.#effects.push({ kind: 'exit', detached: frozen || this.#ladder.barred });
  }
}
