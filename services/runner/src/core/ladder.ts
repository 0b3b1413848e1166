// M4: the ladder down from a lease that has ended: take the lock, demote, SIGKILL, the self-fence hook, each
// in its time, and one sentence about how close it was.
import { type Duration, describeDuration, earliest, type Instant, NEVER } from '@koi/lib/time';
import { Claim } from './claim.ts';
import type { Effect } from './effect.ts';
import type { Input } from './input.ts';
import { LostLease, type Margin } from './lost-lease.ts';
import type { Mandate, Say } from './mandate.ts';
import type { ServiceFailure, Supervision } from './supervision.ts';

export interface LadderOptions {
  readonly demoteGrace: Duration;
}

/** What has to happen when nothing covers what is promoted any more. */
export class Ladder {
  readonly #mandate: Mandate;
  readonly #supervision: Supervision;
  readonly #say: Say;
  readonly #emit: (effect: Effect) => void;
  readonly #claim: Claim;
  readonly #lostLease: LostLease;
  /** When the deadman was done; never, where it has done nothing. */
  #downAt: Instant = NEVER;

  constructor(
    { demoteGrace }: LadderOptions,
    mandate: Mandate,
    supervision: Supervision,
    emit: (effect: Effect) => void,
  ) {
    this.#mandate = mandate;
    this.#supervision = supervision;
    this.#emit = emit;
    this.#say = (level, text) => emit({ kind: 'log', level, text });
    this.#claim = new Claim(demoteGrace, this.#say, emit);
    this.#lostLease = new LostLease(demoteGrace);
  }

  /** The next moment at which time alone changes something here; the lease itself is the mandate's. */
  get deadline(): Instant {
    // While the deadman is at it the rest of the ladder is its own.
    if (this.barred) return this.#claim.deadline;
    return earliest(this.#mandate.killAt, this.#mandate.fenceAt);
  }

  /** Whether the deadman is at it, or may be: then no script runs here, and nothing promoted is killed. */
  get barred(): boolean {
    if (this.#claim.yielded) return true;
    return this.#losing && this.#supervision.promoted && !this.#claim.holds(this.#mandate.epoch);
  }

  /** A lease has ended and was not given back yet. */
  get #losing(): boolean {
    return this.#mandate.leaseEnded && this.#mandate.unreleased;
  }

  /** Lets time do its work. Returns what has failed by that. */
  expire(now: Instant): readonly ServiceFailure[] {
    const mandate = this.#mandate;
    const before = mandate.leaseEnded;
    mandate.expire(now);
    if (mandate.leaseEnded && !before) this.#supervision.goDown();
    if (this.#losing && this.#supervision.promoted) this.#claim.ask(mandate.epoch);
    // What a deadman that is ended had done by then nobody knows.
    if (this.#claim.expire(now)) this.#supervision.doubt();
    // Nothing is killed that the deadman may have demoted: who has the lock is known in a moment.
    if (this.barred) return [];
    const failures = now < mandate.killAt ? [] : this.#kill(now);
    if (now >= mandate.fenceAt) this.#fence(now);
    return failures;
  }

  onClaimed(epoch: number, by: 'runner' | 'deadman', now: Instant): void {
    if (by === 'deadman') this.#cutOff(epoch, now);
    this.#claim.onClaimed(epoch, by, now);
  }

  /** The deadman has taken down what was promoted. Returns what has failed by that. */
  onActed(
    { epoch, services, after }: Omit<Extract<Input, { kind: 'deadman-acted' }>, 'kind'>,
    now: Instant,
  ): readonly ServiceFailure[] {
    this.#cutOff(epoch, now);
    if (!this.#claim.onActed(epoch)) return [];
    const failures = services.flatMap(
      ({ name, outcome }) => this.#supervision.takenDown(name, outcome) ?? [],
    );
    // What it has left is for this process, and in which state it has left it only a status can tell.
    if (this.#supervision.promoted) this.#supervision.doubt();
    else this.#downAt = this.#mandate.demoteAt + after;
    return failures;
  }

  /** At the end of a step: the margin of a lost lease, once everything is down. */
  margin(now: Instant): Margin | undefined {
    if (!this.#losing) return undefined;
    const { epoch, demoteAt } = this.#mandate;
    const { promoted } = this.#supervision;
    const downAt = Math.min(now, this.#downAt);
    const margin = this.#lostLease.look({ epoch, since: demoteAt }, promoted, downAt);
    if (!promoted) this.#downAt = NEVER;
    if (margin !== undefined) this.#say(margin.inTime ? 'warn' : 'error', margin.text);
    return margin;
  }

  /** By the deadman's clock the lease is over, which is by a step of that clock before our own says so. */
  #cutOff(epoch: number, now: Instant): void {
    if (epoch !== this.#mandate.epoch || !this.#mandate.cutOff(now)) return;
    this.#supervision.goDown();
  }

  #kill(now: Instant): readonly ServiceFailure[] {
    this.#mandate.noteKill(now);
    const ago = describeDuration(now - this.#mandate.leaseEnd);
    return this.#supervision.killPromoted(`it is still promoted ${ago} after the end of its lease`);
  }

  #fence(now: Instant): void {
    const { epoch, demoteAt } = this.#mandate;
    this.#mandate.noteFence();
    if (!this.#supervision.promoted) return;
    const late = describeDuration(now - demoteAt);
    const reason = `something is still promoted ${late} after the lease of epoch ${epoch} ended`;
    this.#say('error', reason);
    this.#emit({ kind: 'fence', epoch, reason });
  }
}
