// Drives one elector core by hand: every fact is given by the test, disk writes are done at once unless held.
import type { Instant } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import type { Effect, ElectorRecord } from './effect.ts';
import { Elector } from './elector.ts';
import { foundingCharter } from './founding.ts';
import type { Command, Input } from './input.ts';
import type { Body, Message } from './message.ts';
import type { ElectorOptions, Times } from './options.ts';
import type { Assignment, Report } from './report.ts';

/** The default times of PROTOCOL.md. */
export const TIMES: Times = {
  heartbeat: 200,
  leaderLease: 800,
  masterLease: 1_600,
  demoteGrace: 1_000,
  drift: 0.03,
};

/** How long a grant binds. */
export const BOUND = TIMES.leaderLease * (1 + TIMES.drift);

/** Electors named a, b, c …, the first one ranking highest. */
export function optionsFor(name: string, count = 3): ElectorOptions {
  const electors = [...'abcdefg'].slice(0, count).map((each, index) => ({
    name: each,
    address: `127.0.0.1:${4201 + index}`,
    priority: count - index,
  }));
  return {
    cluster: 'test',
    name,
    electors,
    times: TIMES,
    digest: 'same',
    timesDigest: 'times',
    preempt: false,
    initialPromotion: 3_000,
    promotionHold: 60_000,
    forgetAfter: 1_800_000,
  };
}

export const EMPTY: ElectorRecord = { grantedTerm: 0, grantedTo: undefined, charter: undefined };

/** A charter of some term, with what matters to a test. */
export function charterOf(term: number, part: Partial<Charter> = {}): Charter {
  return {
    ...foundingCharter(),
    version: { term, index: 1 },
    revision: term,
    electors: ['a', 'b', 'c'],
    ...part,
  };
}

/** A standby's report. */
export function reportOf(number: number, part: Partial<Report> = {}): Report {
  return {
    number,
    state: 'standby',
    mode: 'active',
    priority: 0,
    uptime: 60_000 + number,
    epoch: 0,
    leaseEnded: false,
    released: 0,
    promoted: false,
    maintenance: false,
    maintenanceChange: 0,
    highestTerm: 0,
    sinceFailure: undefined,
    services: [],
    failures: [],
    away: 0,
    absence: undefined,
    leaderUnheard: false,
    ...part,
  };
}

type Sent<K extends Body['kind']> = Extract<Body, { kind: K }>;

export class Driver {
  readonly core: Elector;
  readonly options: ElectorOptions;
  /** All effects of the last call. */
  effects: readonly Effect[] = [];
  /** What is on disk. */
  disk: ElectorRecord;
  holdDisk = false;
  /** What every message of the other electors says of them. */
  theirs = { term: 0, hasCharter: false };
  private held: Extract<Effect, { kind: 'persist' }>[] = [];
  private commands = 0;

  constructor(options: ElectorOptions, record: ElectorRecord = EMPTY, now: Instant = 0) {
    this.options = options;
    this.disk = record;
    this.core = new Elector(options, record, now);
  }

  step(input: Input, now: Instant): readonly Effect[] {
    const effects: Effect[] = [];
    const queue: Input[] = [input];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const effect of this.core.step(next, now)) {
        effects.push(effect);
        if (effect.kind !== 'persist') continue;
        if (this.holdDisk) this.held.push(effect);
        else queue.push(this.write(effect));
      }
    }
    this.effects = effects;
    return effects;
  }

  private write(effect: Extract<Effect, { kind: 'persist' }>): Input {
    this.disk = effect.record;
    return { kind: 'persisted', number: effect.number };
  }

  /** The held writes reach the disk. */
  releaseDisk(now: Instant): readonly Effect[] {
    this.holdDisk = false;
    const effects = this.held.splice(0).flatMap((effect) => this.step(this.write(effect), now));
    this.effects = effects;
    return effects;
  }

  /** Lets time pass, step by step at the core's own deadlines. */
  until(now: Instant, from = 0): readonly Effect[] {
    const effects: Effect[] = [];
    for (let count = 0; count < 10_000; count += 1) {
      const { deadline } = this.core;
      if (deadline > now) break;
      effects.push(...this.step({ kind: 'time' }, Math.max(deadline, from)));
    }
    effects.push(...this.step({ kind: 'time' }, now));
    this.effects = effects;
    return effects;
  }

  hear(from: string, body: Body, now: Instant, envelope: Partial<Message> = {}): readonly Effect[] {
    return this.step(
      { kind: 'message', from, message: { ...this.theirs, ...envelope, body } },
      now,
    );
  }

  /** Others connect and introduce themselves. */
  meet(names: readonly string[], now: Instant, charter?: Charter, digest = 'same'): void {
    this.theirs = { term: charter?.version.term ?? 0, hasCharter: charter !== undefined };
    for (const name of names) {
      this.step({ kind: 'peer-connected', peer: name }, now);
      this.hear(name, { kind: 'hello', digest, charter }, now);
    }
  }

  /** Others stay heard, as followers. */
  keepHearing(names: readonly string[], now: Instant): void {
    this.effects = names.flatMap((name) =>
      this.hear(name, { kind: 'heartbeat', leading: false, term: 0, round: 1 }, now),
    );
  }

  /** Messages of a kind among the last effects, with their receivers. */
  sent<K extends Body['kind']>(kind: K): { to: string; body: Sent<K> }[] {
    return this.effects.flatMap((effect) =>
      effect.kind === 'send' && effect.message.body.kind === kind
        ? [{ to: effect.to, body: effect.message.body as Sent<K> }]
        : [],
    );
  }

  assigned(runner: string): Assignment | undefined {
    return this.effects
      .flatMap((effect) =>
        effect.kind === 'assign' && effect.runner === runner ? [effect.assignment] : [],
      )
      .at(-1);
  }

  attach(runner: string, now: Instant, session = `session-${runner}`): void {
    this.step({ kind: 'runner-connected', runner, session, digest: 'times' }, now);
  }

  report(runner: string, report: Report, now: Instant, session = `session-${runner}`) {
    return this.step({ kind: 'report', runner, session, report }, now);
  }

  /** Gives an order; its effects tell how it was answered. */
  order(command: Command, now: Instant): readonly Effect[] {
    this.commands += 1;
    return this.step({ kind: 'command', id: this.commands, command }, now);
  }

  answered(): Effect | undefined {
    return this.effects.find((effect) => effect.kind === 'answer' || effect.kind === 'refuse');
  }

  /** The others grant whatever was asked last, heartbeat or claim. */
  grantAll(
    names: readonly string[],
    now: Instant,
    part: { residue?: number; charter?: Charter | undefined } = {},
  ): readonly Effect[] {
    const asked = [...this.sent('coordinator'), ...this.sent('heartbeat')].at(-1)?.body;
    if (asked === undefined) throw new Error('nothing was asked');
    const effects = names.flatMap((name) =>
      this.hear(
        name,
        {
          kind: 'grant',
          term: asked.term,
          round: asked.round,
          residue: part.residue ?? 0,
          carriesCharter: asked.kind === 'coordinator',
          charter: part.charter,
        },
        now,
      ),
    );
    this.effects = effects;
    return effects;
  }

  /** The others store whatever versions were sent last. */
  storeAll(names: readonly string[], now: Instant): readonly Effect[] {
    const stores = this.sent('store');
    const effects = names.flatMap((name) => {
      const last = stores.filter(({ to }) => to === name).at(-1)?.body;
      if (last === undefined) return [];
      return this.hear(name, { kind: 'stored', version: last.charter.version }, now);
    });
    this.effects = effects;
    return effects;
  }

  /** The others say that they would grant. */
  prospects(names: readonly string[], now: Instant, wouldGrant = true): readonly Effect[] {
    const probe = this.sent('election').at(-1)?.body.probe;
    if (probe === undefined) throw new Error('nobody was asked');
    const prospect = {
      boundTo: undefined,
      boundFor: 0,
      highestTerm: 0,
      reason: undefined,
      wouldGrant,
    };
    const effects = names.flatMap((name) =>
      this.hear(name, { kind: 'prospect', probe, ...prospect }, now),
    );
    this.effects = effects;
    return effects;
  }
}

/** What a led cluster starts from. */
export interface Beginning {
  readonly record?: ElectorRecord;
  readonly charter?: Charter;
  readonly residue?: number;
  readonly options?: ElectorOptions;
  /** The other two; b and c where it is not said. */
  readonly others?: readonly string[];
  /** Whether the others store the leader's first version. */
  readonly committed?: boolean;
}

/** When `lead` has its leader: the abstention of the start and a heartbeat of the others later. */
export const LED_AT = 1_000;

/** Elector a of three, or another one, leading since `LED_AT`, its first version committed. */
export function lead(beginning: Beginning = {}): Driver {
  const { record = EMPTY, charter, residue = 0, options = optionsFor('a') } = beginning;
  const others = beginning.others ?? ['b', 'c'];
  const driver = new Driver(options, record);
  driver.meet(others, 0, charter);
  driver.until(LED_AT - 1);
  driver.keepHearing(others, LED_AT);
  // The first in rank stands at once, another one a little later.
  const highest = options.name === 'a';
  const standsAt = highest ? LED_AT : LED_AT + 0.15 * TIMES.heartbeat;
  if (!highest) driver.until(standsAt);
  driver.prospects(others, standsAt);
  driver.grantAll(others, standsAt, { residue, charter });
  if (beginning.committed !== false) driver.storeAll(others, standsAt);
  return driver;
}

/** The others go on granting and storing each heartbeat, and runners reporting, until a moment. */
export function goOn(
  driver: Driver,
  from: Instant,
  to: Instant,
  each: (now: Instant) => void = () => {},
): void {
  for (let now = from; now <= to; now += 50) {
    driver.until(now, from);
    const asked = driver.sent('heartbeat').length > 0;
    const stores = driver.sent('store').length > 0;
    const effects = driver.effects;
    if (asked) driver.grantAll(['b', 'c'], now);
    driver.effects = effects;
    if (stores) driver.storeAll(['b', 'c'], now);
    each(now);
    if (driver.sent('store').length > 0) driver.storeAll(['b', 'c'], now);
  }
}
