// The services of one host as they really are, and the scripts that change them: slow, hanging, failing,
// deaf to SIGTERM. What is promoted is observed here, in true time, never from a core's own words: from
// the moment a promote script begins until a demote or stop has succeeded or the processes are killed.
import type { ScriptEnvironment } from '../../services/runner/src/core/effect.ts';
import type { Action, Input, ScriptEnd } from '../../services/runner/src/core/input.ts';
import type { ScriptManners } from './plan.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** As in the production script runner: from SIGTERM to SIGKILL. */
const TERM_GRACE = 1_000;

/** How long a SIGKILL takes to end a process, and its end to be noticed. */
const KILL_TAKES_MAX = 8;

/** An order of the core. */
export interface ScriptOrder {
  readonly run: number;
  readonly service: string;
  readonly action: Action;
  readonly timeout: number;
  readonly environment: ScriptEnvironment;
  /** Told instead of the daemon: it was begun by somebody else. */
  readonly onEnd?: (end: ScriptEnd) => void;
}

/** What the rest of the simulation is told. */
export interface ScriptEvents {
  begins(order: ScriptOrder): void;
  ended(order: ScriptOrder, succeeded: boolean): void;
  /** By the daemon, and not by whoever else has begun something. */
  disturbed(service: string, how: 'cut short' | 'killed'): void;
  promotionChanged(): void;
  /** For the daemon. False: there is none, and what a script left is kept for the next one. */
  tell(news: Input): boolean;
}

interface Truth {
  up: boolean;
  promoted: boolean;
  /** Counts promotions, so that a kill ends no later one. */
  promotions: number;
  /** It no longer works, whatever its start script said. */
  broken: boolean;
  /** SIGKILLs that are on their way to all that it has running. */
  kills: number;
}

/** What a service really is. */
export interface Standing {
  readonly up: boolean;
  readonly promoted: boolean;
  /** It is up, and its status says so. */
  readonly works: boolean;
  /** A SIGKILL is on its way to all of it. */
  readonly dying: boolean;
}

interface Running {
  readonly order: ScriptOrder;
  readonly deaf: boolean;
  reason: ScriptEnd | undefined;
  callOff: () => void;
}

export class SimulatedScripts {
  readonly #world: World;
  readonly #random: Random;
  readonly #scale: number;
  #manners: ScriptManners;
  #events: ScriptEvents;
  readonly #truths = new Map<string, Truth>();
  readonly #running = new Map<number, Running>();
  /** How scripts ended that nobody was there to see (M6). */
  readonly #unseen = new Map<number, ScriptEnd>();
  readonly #idle = new Map<string, (() => void)[]>();
  /** While this is set, whatever begins hangs until it is ended. */
  hanging = false;
  /** Told of each script that hangs for that. */
  onHang: (() => void) | undefined;
  /** Counts the host's lives: news of an earlier one reach nobody. */
  #life = 0;

  constructor(
    world: World,
    random: Random,
    manners: ScriptManners,
    scale: number,
    events: ScriptEvents,
  ) {
    this.#world = world;
    this.#random = random;
    this.#manners = manners;
    this.#scale = scale;
    this.#events = events;
  }

  /** Whether anything on this host is promoted, in truth. */
  get promoted(): boolean {
    for (const { promoted } of this.#truths.values()) if (promoted) return true;
    return false;
  }

  /** Whether a service is up and promoted, in truth. */
  promotedFully(services: readonly string[]): boolean {
    return services.every((name) => this.#truths.get(name)?.promoted === true);
  }

  /** What a service really is, whatever its scripts or a core say. */
  standing(service: string): Standing {
    const truth = this.#truths.get(service);
    const { up = false, promoted = false, broken = false, kills = 0 } = truth ?? {};
    const works = up && !broken && this.#manners.tellsTruth;
    return { up, promoted, works, dying: kills > 0 };
  }

  /** From now on scripts are quick and succeed; what hangs comes to its end. */
  behave(): void {
    this.#manners = { ...this.#manners, slow: 0, hangs: 0, fails: 0, ignoresTerm: 0 };
    for (const truth of this.#truths.values()) truth.broken = false;
    for (const running of this.#running.values()) {
      running.callOff();
      this.#endsBy(running, this.#random.between(1, 50));
    }
  }

  /** A service stops working by itself. False: it did not work. */
  break(service: string): boolean {
    const truth = this.#truth(service);
    const worked = truth.up && !truth.broken;
    truth.broken = true;
    return worked;
  }

  /** The host dies: so does everything on it. */
  hostDies(): void {
    this.#life += 1;
    for (const { callOff } of this.#running.values()) callOff();
    this.#running.clear();
    this.#unseen.clear();
    this.#idle.clear();
    for (const truth of this.#truths.values()) {
      truth.up = false;
      truth.promoted = false;
      truth.broken = false;
      truth.kills = 0;
    }
    this.#events.promotionChanged();
  }

  #tellIn(delay: number, news: Input): void {
    const life = this.#life;
    this.#world.after(delay, () => {
      if (life !== this.#life || this.#events.tell(news)) return;
      if (news.kind === 'script-ended') this.#unseen.set(news.run, news.end);
    });
  }

  /** M6: a new daemon takes over what an earlier one has begun: what has ended meanwhile is told. */
  adopt(known: readonly { readonly run: number }[]): void {
    const runs = new Set(known.map(({ run }) => run));
    for (const { order } of this.#running.values()) {
      if (order.onEnd === undefined && !runs.has(order.run)) this.#cut(order.run);
    }
    for (const run of runs) {
      if (this.#running.has(run)) continue;
      const reason = 'nobody has seen it';
      const end = this.#unseen.get(run) ?? ({ kind: 'unknown', reason } as const);
      this.#tellIn(this.#random.between(0.1, 2), { kind: 'script-ended', run, end });
    }
    this.#unseen.clear();
  }

  /** Ends what raises a service or asks for its status; what takes it down goes on. */
  interrupt(service: string): void {
    for (const { order } of this.#running.values()) {
      const falls = order.action === 'demote' || order.action === 'stop';
      if (order.service === service && !falls) this.#cut(order.run);
    }
  }

  /** SIGKILL for what somebody else than the daemon has begun, waited for. */
  endForeign(): void {
    for (const running of this.#running.values()) {
      if (running.order.onEnd === undefined) continue;
      this.#finish(running, { kind: 'signalled', signal: 'SIGKILL' });
    }
  }

  /** Calls back as soon as no script of a service runs. */
  whenIdle(service: string, run: () => void): void {
    if (this.#runsFor(service)) this.#idle.set(service, [...(this.#idle.get(service) ?? []), run]);
    else run();
  }

  #runsFor(service: string): boolean {
    return [...this.#running.values()].some(({ order }) => order.service === service);
  }

  #truth(service: string): Truth {
    const known = this.#truths.get(service);
    if (known !== undefined) return known;
    const truth = { up: false, promoted: false, promotions: 0, broken: false, kills: 0 };
    this.#truths.set(service, truth);
    return truth;
  }

  run(order: ScriptOrder): void {
    const random = this.#random;
    const running: Running = {
      order,
      deaf: random.chance(this.#manners.ignoresTerm),
      reason: undefined,
      callOff: () => {},
    };
    this.#running.set(order.run, running);
    this.#events.begins(order);
    if (order.action === 'promote') this.#promote(order.service);
    const processId = Math.abs(order.run) + 1_000;
    if (order.onEnd === undefined) {
      this.#tellIn(random.between(0.5, 4), { kind: 'script-started', run: order.run, processId });
    }
    const timeOut = { kind: 'timed-out', after: order.timeout } as const;
    const takes = this.#duration(order.action);
    if (takes < order.timeout) this.#endsBy(running, takes);
    else
      running.callOff = this.#world.after(order.timeout, () => this.#terminate(running, timeOut));
  }

  #duration(action: Action): number {
    const random = this.#random;
    const quick = random.between(2, action === 'status' ? 15 : 40) * this.#scale;
    // A status that hangs would only make every run slow.
    if (action !== 'status' && (this.hanging || random.chance(this.#manners.hangs))) {
      if (this.hanging) this.onHang?.();
      return Number.POSITIVE_INFINITY;
    }
    return random.chance(this.#manners.slow)
      ? quick + random.between(0, 1_500) * this.#scale
      : quick;
  }

  #endsBy(running: Running, delay: number): void {
    running.callOff = this.#world.after(delay, () => this.#ends(running));
  }

  /** It comes to its own end. */
  #ends(running: Running): void {
    const { service, action } = running.order;
    const truth = this.#truth(service);
    const fails = action !== 'status' && this.#random.chance(this.#manners.fails);
    if (fails) {
      this.#finish(running, { kind: 'exited', code: 1 });
      return;
    }
    if (action === 'status') {
      this.#finish(running, { kind: 'exited', code: this.#statusCode(truth) });
      return;
    }
    if (action === 'start') {
      truth.up = true;
      truth.broken = false;
    }
    if (action === 'stop') truth.up = false;
    if (action === 'demote' || action === 'stop') truth.promoted = false;
    this.#finish(running, { kind: 'exited', code: 0 });
    this.#events.promotionChanged();
  }

  #statusCode(truth: Truth): number {
    if (truth.broken) return 1;
    if (!this.#manners.tellsTruth) return truth.up ? 0 : 1;
    if (!truth.up) return 92;
    return truth.promoted ? 90 : 91;
  }

  #promote(service: string): void {
    const truth = this.#truth(service);
    truth.promoted = true;
    truth.promotions += 1;
    this.#events.promotionChanged();
  }

  #finish(running: Running, end: ScriptEnd): void {
    const { order, reason } = running;
    if (!this.#running.delete(order.run)) return;
    running.callOff();
    const told = reason ?? end;
    this.#events.ended(order, told.kind === 'exited' && told.code === 0);
    const news = { kind: 'script-ended', run: order.run, end: told } as const;
    if (order.onEnd === undefined) this.#tellIn(this.#random.between(0.1, 2), news);
    else order.onEnd(told);
    if (this.#runsFor(order.service)) return;
    const waiting = this.#idle.get(order.service) ?? [];
    this.#idle.delete(order.service);
    for (const run of waiting) run();
  }

  /** SIGTERM, and SIGKILL where that is not heard. */
  #terminate(running: Running, reason: ScriptEnd): void {
    if (running.reason !== undefined) return;
    running.reason = reason;
    running.callOff();
    const takes = running.deaf ? TERM_GRACE : this.#random.between(0.5, 10);
    const signal = running.deaf ? 'SIGKILL' : 'SIGTERM';
    running.callOff = this.#world.after(takes, () =>
      this.#finish(running, { kind: 'signalled', signal }),
    );
  }

  cutShort(run: number): void {
    const running = this.#running.get(run);
    if (running !== undefined) this.#events.disturbed(running.order.service, 'cut short');
    this.#cut(run);
  }

  #cut(run: number): void {
    const running = this.#running.get(run);
    if (running !== undefined) this.#terminate(running, { kind: 'cut-short' });
  }

  /** SIGKILL for all that a service has running. `onKilled`: told instead of the daemon. */
  kill(service: string, onKilled?: () => void): void {
    if (onKilled === undefined) this.#events.disturbed(service, 'killed');
    const truth = this.#truth(service);
    const { promotions } = truth;
    const life = this.#life;
    truth.kills += 1;
    const scripts = [...this.#running.values()].filter(({ order }) => order.service === service);
    this.#world.after(this.#random.between(0.5, KILL_TAKES_MAX), () => {
      if (life !== this.#life) return;
      truth.kills -= 1;
      for (const running of scripts) {
        this.#finish(running, { kind: 'signalled', signal: 'SIGKILL' });
      }
      if (truth.promotions === promotions) truth.promoted = false;
      truth.up = false;
      this.#events.promotionChanged();
      if (onKilled !== undefined) onKilled();
      else this.#tellIn(this.#random.between(0, KILL_TAKES_MAX), { kind: 'killed', service });
    });
  }
}
