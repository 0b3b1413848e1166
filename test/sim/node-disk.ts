// One elector's disk, written as the production store writes it: one record at a time, of several that
// wait the newest only. A crash keeps what was synced; of a write under way either outcome is possible.
import type { ElectorRecord } from '../../services/elector/src/core/effect.ts';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

const EMPTY: ElectorRecord = { grantedTerm: 0, grantedTo: undefined, charter: undefined };

/** How a disk behaves at the moment. */
export interface DiskHealth {
  /** Longest time of one write. */
  readonly slow: number;
  readonly fails: boolean;
}

/** Share of failed writes that reach the disk all the same. */
const FAILED_YET_WRITTEN = 0.3;

/** Share of crashes that find the write under way complete. */
const CUT_YET_WRITTEN = 0.5;

/** What a process is told of its writes. */
export interface DiskEvents {
  persisted(number: number): void;
  failed(number: number, reason: string): void;
}

interface Write {
  readonly number: number;
  readonly record: ElectorRecord;
}

export class NodeDisk {
  readonly #world: World;
  readonly #random: Random;
  readonly #onDurable: (record: ElectorRecord) => void;
  #durable: ElectorRecord = EMPTY;
  #writing: Write | undefined;
  #waiting: Write | undefined;
  health: DiskHealth = { slow: 3, fails: false };
  /** Called once, when a write begins. */
  onNextWrite: (() => void) | undefined;

  /** `onDurable`: told of every record that is on the disk from now on. */
  constructor(world: World, random: Random, onDurable: (record: ElectorRecord) => void) {
    this.#world = world;
    this.#random = random;
    this.#onDurable = onDurable;
  }

  /** What a process that starts now would read. */
  get durable(): ElectorRecord {
    return this.#durable;
  }

  persist(number: number, record: ElectorRecord, process: SimProcess, events: DiskEvents): void {
    this.#waiting = { number, record };
    if (this.#writing === undefined) this.#write(process, events);
  }

  #write(process: SimProcess, events: DiskEvents): void {
    const write = this.#waiting;
    if (write === undefined) return;
    this.#waiting = undefined;
    this.#writing = write;
    const trap = this.onNextWrite;
    this.onNextWrite = undefined;
    trap?.();
    this.#world.after(this.#random.between(0.2, this.health.slow), () => {
      // A crash has decided about it already.
      if (this.#writing !== write) return;
      const failed = this.health.fails;
      if (failed) this.#world.faults += 1;
      if (!failed || this.#random.chance(FAILED_YET_WRITTEN)) this.#keep(write.record);
      process.deliver(() => {
        this.#writing = undefined;
        if (failed) events.failed(write.number, 'no space left on device');
        else events.persisted(write.number);
        if (this.#writing === undefined) this.#write(process, events);
      });
    });
  }

  #keep(record: ElectorRecord): void {
    this.#durable = record;
    this.#onDurable(record);
  }

  /** The process is gone: what waited is lost, what was being written is there or not. */
  crash(): void {
    const write = this.#writing;
    this.#writing = undefined;
    this.#waiting = undefined;
    if (write !== undefined && write.record !== this.#durable) {
      if (this.#random.chance(CUT_YET_WRITTEN)) this.#keep(write.record);
    }
  }

  /** Somebody has replaced it by an empty one. */
  wipe(): void {
    this.#durable = EMPTY;
  }
}
