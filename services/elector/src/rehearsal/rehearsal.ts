// A cluster in the mind of a leader: the production cores of all electors that are heard, made from the present,
// and its runners, in virtual time. A fault can be given to it, to see what would come of it.
import type { Instant } from '@koi/lib/time';
import { NEVER } from '@koi/lib/time';
import { Elector } from '../core/elector.ts';
import type { Input } from '../core/input.ts';
import type { Body, Message } from '../core/message.ts';
import type { Present } from '../core/present.ts';
import type { ClusterView } from '../core/view.ts';
import { RehearsedRunner } from './rehearsed-runner.ts';
import { VirtualTime } from './virtual-time.ts';

/** One way between two hosts, in milliseconds; a write to disk takes as long. */
const DELAY = 1;

/** At the latest after so many leader leases the present is there again, or this is given up. */
const SETTLED_WITHIN_LEASES = 8;

/** So many heartbeats it goes on before anything fails: whatever is under way comes to its end. */
const STEADY_HEARTBEATS = 5;

export class Rehearsal {
  readonly time = new VirtualTime();
  private readonly present: Present;
  private readonly electors = new Map<string, Elector>();
  /** What an elector says of its deadline changes with its steps alone. */
  private readonly deadlines = new Map<string, Instant>();
  private readonly runners = new Map<string, RehearsedRunner>();
  private readonly gone = new Set<string>();
  /** Until the present leader leads here too, nobody else is let to try. */
  private settled = false;

  constructor(present: Present) {
    this.present = present;
    const { options, charter, term } = present;
    const record = { grantedTerm: term, grantedTo: undefined, charter };
    for (const name of present.electors) {
      this.electors.set(name, new Elector({ ...options, name }, record, 0));
    }
    for (const from of present.electors) {
      for (const to of present.electors) {
        if (from !== to) this.later(from, { kind: 'peer-connected', peer: to });
      }
    }
    for (const runner of present.runners) this.bring(new RehearsedRunner(runner, options.times));
  }

  private bring(runner: RehearsedRunner): void {
    const { name, session, digest } = runner;
    this.runners.set(name, runner);
    for (const elector of this.electors.keys()) {
      this.later(elector, { kind: 'runner-connected', runner: name, session, digest });
    }
    this.time.after(DELAY, () => this.tick(runner));
  }

  /** Lets time pass until something holds; false: it did not until then. Yields after each event. */
  *runUntil(holds: () => boolean, end: Instant): Generator<void, boolean> {
    while (!holds()) {
      const next = Math.min(this.time.next, this.nextDeadline());
      if (next > end) {
        this.time.pass(end);
        return holds();
      }
      if (this.time.next <= next) this.time.happen();
      else this.expire(next);
      yield;
    }
    return true;
  }

  /** Comes to the present. False: the electors that are heard could not elect this leader again. */
  *settle(): Generator<void, boolean> {
    const { options, charter } = this.present;
    const { heartbeat, leaderLease } = options.times;
    const leads = () => this.electors.get(options.name)?.role === 'leader';
    const master = charter.master === undefined ? undefined : this.runners.get(charter.master);
    const leased = () => leads() && (master === undefined || master.promoted);
    if (!(yield* this.runUntil(leased, SETTLED_WITHIN_LEASES * leaderLease))) return false;
    this.settled = true;
    yield* this.runUntil(() => false, this.time.now + STEADY_HEARTBEATS * heartbeat);
    return leads();
  }

  /** An elector is gone, without a word. */
  killElector(name: string): void {
    this.electors.delete(name);
    this.deadlines.delete(name);
    for (const other of this.electors.keys()) this.later(other, { kind: 'peer-lost', peer: name });
  }

  /** A runner is gone, without a word. */
  killRunner(name: string): void {
    const runner = this.runners.get(name);
    if (runner === undefined) return;
    this.gone.add(name);
    for (const elector of this.electors.keys()) {
      this.later(elector, { kind: 'runner-lost', runner: name, session: runner.session });
    }
  }

  /** A service of a runner fails, and the runner says so. */
  failService(name: string): void {
    const runner = this.runners.get(name);
    if (runner === undefined) return;
    runner.fail();
    this.tell(runner);
  }

  runner(name: string | undefined): RehearsedRunner | undefined {
    return name === undefined ? undefined : this.runners.get(name);
  }

  /** Who leads. */
  get leader(): string | undefined {
    for (const [name, elector] of this.electors) if (elector.role === 'leader') return name;
    return undefined;
  }

  /** What an elector shows; undefined: it is gone. */
  view(name: string | undefined): ClusterView | undefined {
    return name === undefined ? undefined : this.electors.get(name)?.cluster(this.time.now);
  }

  /** Who was promoted last, and is there. */
  get promoted(): RehearsedRunner | undefined {
    let last: RehearsedRunner | undefined;
    for (const runner of this.runners.values()) {
      if (this.gone.has(runner.name) || !runner.promoted) continue;
      if (last === undefined || runner.epoch > last.epoch) last = runner;
    }
    return last;
  }

  private nextDeadline(): Instant {
    let next = NEVER;
    for (const deadline of this.deadlines.values()) next = Math.min(next, deadline);
    return next;
  }

  private expire(at: Instant): void {
    this.time.pass(at);
    for (const [name, deadline] of this.deadlines) {
      if (deadline <= this.time.now) this.feed(name, { kind: 'time' });
    }
  }

  private later(elector: string, input: Input): void {
    this.time.after(DELAY, () => this.feed(elector, input));
  }

  private feed(name: string, input: Input): void {
    const elector = this.electors.get(name);
    if (elector === undefined) return;
    const effects = elector.step(input, this.time.now);
    this.deadlines.set(name, elector.deadline);
    for (const effect of effects) {
      if (effect.kind === 'persist') this.later(name, { kind: 'persisted', number: effect.number });
      if (effect.kind === 'send') this.deliver(name, effect.to, effect.message);
      if (effect.kind === 'assign') {
        const { runner, session, assignment } = effect;
        this.time.after(DELAY, () => {
          const there = this.gone.has(runner) ? undefined : this.runners.get(runner);
          if (there?.session !== session || !there.obey(assignment, this.time.now)) return;
          this.tell(there);
        });
      }
    }
  }

  private deliver(from: string, to: string, message: Message): void {
    const body = this.settled ? message.body : this.held(from, message.body);
    if (body === undefined) return;
    this.later(to, { kind: 'message', from, message: { ...message, body } });
  }

  /** The bully algorithm would elect the highest in rank, who need not be the one that leads. */
  private held(from: string, body: Body): Body | undefined {
    if (from === this.present.options.name) return body;
    if (body.kind === 'election' || body.kind === 'coordinator') return undefined;
    return body.kind === 'answer' ? { ...body, kind: 'prospect' } : body;
  }

  private tick(runner: RehearsedRunner): void {
    if (this.gone.has(runner.name)) return;
    this.tell(runner);
    this.time.after(this.present.options.times.heartbeat, () => this.tick(runner));
  }

  private tell(runner: RehearsedRunner): void {
    const report = runner.next(this.time.now);
    const { name, session } = runner;
    for (const elector of this.electors.keys()) {
      this.later(elector, { kind: 'report', runner: name, session, report });
    }
  }
}
