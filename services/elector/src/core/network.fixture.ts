// Several elector cores in one simulated network with one clock: enough for stories of elections. The full
// simulation, with faults of every kind, is in `test/sim`.
import type { Instant } from '@koi/lib/time';
import { Driver, EMPTY, optionsFor } from './driver.fixture.ts';
import type { Effect } from './effect.ts';
import type { ElectorOptions } from './options.ts';

/** One way, in milliseconds. */
const DELAY = 3;

interface Delivery {
  readonly at: Instant;
  readonly order: number;
  readonly run: () => void;
}

export class Network {
  readonly drivers = new Map<string, Driver>();
  readonly down = new Set<string>();
  private readonly cuts = new Set<string>();
  private readonly paused = new Set<string>();
  private queue: Delivery[] = [];
  private order = 0;
  now: Instant = 0;
  /** Every moment at which more than one elector held a valid leadership. */
  readonly doubleLeaders: Instant[] = [];

  private readonly changes: Partial<ElectorOptions>;

  constructor(count: number, changes: Partial<ElectorOptions> = {}) {
    this.changes = changes;
    for (const { name } of optionsFor('a', count).electors) this.start(name, count);
  }

  private start(name: string, count: number, record = EMPTY): void {
    this.drivers.set(
      name,
      new Driver({ ...optionsFor(name, count), ...this.changes }, record, this.now),
    );
    for (const other of this.names()) {
      if (other === name) continue;
      this.connect(name, other);
      this.connect(other, name);
    }
  }

  names(): string[] {
    return [...this.drivers.keys()].filter((name) => !this.down.has(name));
  }

  private connect(from: string, to: string): void {
    this.later(DELAY, () => this.feed(from, { kind: 'peer-connected', peer: to }));
  }

  private later(delay: number, run: () => void): void {
    this.order += 1;
    this.queue.push({ at: this.now + delay, order: this.order, run });
  }

  private feed(name: string, input: Parameters<Driver['step']>[0]): void {
    const driver = this.drivers.get(name);
    if (driver === undefined || this.down.has(name)) return;
    if (this.paused.has(name)) {
      this.later(1, () => this.feed(name, input));
      return;
    }
    this.act(name, driver.step(input, this.now));
  }

  private act(name: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind !== 'send' || this.cuts.has(`${name}>${effect.to}`)) continue;
      const { to, message } = effect;
      this.later(DELAY, () => this.feed(to, { kind: 'message', from: name, message }));
    }
  }

  kill(name: string): void {
    this.down.add(name);
    for (const other of this.names()) this.feed(other, { kind: 'peer-lost', peer: name });
  }

  /** The same disk, a new process. */
  restart(name: string): void {
    const old = this.drivers.get(name);
    if (old === undefined) return;
    this.kill(name);
    this.down.delete(name);
    this.start(name, old.options.electors.length, old.disk);
  }

  pause(name: string): void {
    this.paused.add(name);
  }

  /** It goes on: the first thing it notices is the time. */
  wake(name: string): void {
    this.paused.delete(name);
    this.feed(name, { kind: 'time' });
  }

  cut(a: string, b: string): void {
    this.cuts.add(`${a}>${b}`).add(`${b}>${a}`);
  }

  isolate(name: string): void {
    for (const other of this.drivers.keys()) if (other !== name) this.cut(name, other);
  }

  heal(): void {
    this.cuts.clear();
  }

  /** Lets time pass. */
  run(duration: number): void {
    const end = this.now + duration;
    for (let count = 0; count < 1_000_000; count += 1) {
      const next = this.nextEvent();
      if (next > end) break;
      this.now = next;
      this.happen();
      if (this.leaders().length > 1) this.doubleLeaders.push(this.now);
    }
    this.now = end;
  }

  private nextEvent(): Instant {
    let next = Math.min(...this.queue.map(({ at }) => at));
    for (const name of this.names()) {
      if (this.paused.has(name)) continue;
      next = Math.min(next, this.drivers.get(name)?.core.deadline ?? next);
    }
    return Math.max(next, this.now);
  }

  private happen(): void {
    const due = this.queue.filter(({ at }) => at <= this.now).sort((a, b) => a.order - b.order);
    this.queue = this.queue.filter(({ at }) => at > this.now);
    for (const delivery of due) delivery.run();
    for (const name of this.names()) {
      const driver = this.drivers.get(name);
      if (driver === undefined || this.paused.has(name) || driver.core.deadline > this.now)
        continue;
      this.act(name, driver.step({ kind: 'time' }, this.now));
    }
  }

  /** Those that lead by their own word. A paused one only counts once it has woken up. */
  leaders(): string[] {
    return this.names().filter(
      (name) => !this.paused.has(name) && this.drivers.get(name)?.core.role === 'leader',
    );
  }

  core(name: string) {
    const driver = this.drivers.get(name);
    if (driver === undefined) throw new Error(`no elector ${name}`);
    return driver.core;
  }

  driver(name: string): Driver {
    const driver = this.drivers.get(name);
    if (driver === undefined) throw new Error(`no elector ${name}`);
    return driver;
  }
}
