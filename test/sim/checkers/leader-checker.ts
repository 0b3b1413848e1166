// At most one valid leader lease at any instant of true time, and no assignment without one. The lease is
// worked out here a second time, from the rounds that left and the grants that came back (P7).
import type { Message } from '../../../services/elector/src/core/message.ts';
import type { Times } from '../../../services/elector/src/core/options.ts';
import type { Assignment } from '../../../services/elector/src/core/report.ts';
import type { Observer } from '../observer.ts';
import type { SimElector } from '../sim-elector.ts';
import type { World } from '../world.ts';

/** The term that an elector claims or leads, with what was sent and granted, by its own clock. */
interface Claim {
  readonly term: number;
  readonly sentAt: Map<number, number>;
  readonly granted: Map<string, number>;
}

export class LeaderChecker implements Observer {
  readonly #world: World;
  readonly #times: Times;
  readonly #claims = new Map<string, Claim>();
  readonly #led: SimElector[] = [];
  /** Other leaders' assignments, on their way to a runner that does not hear them (M9). */
  readonly #relayed = new WeakSet<Assignment>();
  /** How many terms were led. */
  terms = 0;
  #highestLed = 0;

  constructor(world: World, times: Times) {
    this.#world = world;
    this.#times = times;
  }

  electorStarted(elector: SimElector): void {
    this.#claims.delete(elector.name);
    const at = this.#led.findIndex(({ name }) => name === elector.name);
    if (at >= 0) this.#led.splice(at, 1);
    this.#led.push(elector);
  }

  electorSends(elector: SimElector, _to: string, message: Message): void {
    const { body } = message;
    if (body.kind === 'relayed-assignment') this.#checkAssignment(elector, body.runner);
    const claims = body.kind === 'coordinator' || (body.kind === 'heartbeat' && body.leading);
    if (!claims) return;
    let claim = this.#claims.get(elector.name);
    if (claim?.term !== body.term) {
      claim = { term: body.term, sentAt: new Map(), granted: new Map() };
      this.#claims.set(elector.name, claim);
    }
    if (claim.sentAt.has(body.round)) return;
    claim.sentAt.set(body.round, elector.host.clock.now());
  }

  electorHears(elector: SimElector, from: string, { body }: Message): void {
    if (body.kind === 'relayed-assignment') this.#relayed.add(body.assignment);
    const claim = this.#claims.get(elector.name);
    if (body.kind !== 'grant' || claim?.term !== body.term) return;
    const at = claim.sentAt.get(body.round);
    if (at === undefined) return;
    claim.granted.set(from, Math.max(at, claim.granted.get(from) ?? at));
  }

  /** Until when an elector leads by its own clock; it grants itself whatever it sends. */
  leaseEnd(elector: SimElector): number {
    const others = Math.floor(elector.options.electors.length / 2);
    if (others === 0) return Number.POSITIVE_INFINITY;
    const claim = this.#claims.get(elector.name);
    const granted = [...(claim?.granted.values() ?? [])].sort((a, b) => b - a);
    const decisive = granted[others - 1];
    return decisive === undefined ? 0 : decisive + this.#times.leaderLease;
  }

  /** Leads, and its lease has not run out; also where it is paused and does not know the time. */
  valid(elector: SimElector): boolean {
    if (!elector.alive || !elector.leading) return false;
    return elector.host.clock.now() < this.leaseEnd(elector);
  }

  electorStepped(elector: SimElector): void {
    if (!elector.leading) return;
    const term = this.#claims.get(elector.name)?.term ?? 0;
    if (term > this.#highestLed) {
      this.#highestLed = term;
      this.terms += 1;
    }
    if (!this.valid(elector)) return;
    const other = this.#led.find((one) => one !== elector && this.valid(one));
    if (other === undefined) return;
    const its = this.#claims.get(other.name)?.term;
    const text = `${elector.name} leads term ${term} while ${other.name} leads term ${its}`;
    this.#world.violate('at most one valid leader lease', text);
  }

  assigned(elector: SimElector, runner: string, assignment: Assignment): void {
    if (!this.#relayed.has(assignment)) this.#checkAssignment(elector, runner);
  }

  #checkAssignment(elector: SimElector, runner: string): void {
    if (this.valid(elector)) return;
    const text = `${elector.name} assigns to ${runner} without a lease of its own`;
    this.#world.violate('no assignment without a majority', text);
  }
}
