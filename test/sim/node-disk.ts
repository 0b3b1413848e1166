// One elector's disk, written as the production store writes it: one record at a time, of several that
// wait the newest only. A crash keeps what was synced; of a write under way either outcome is possible.
// In runs over the wire it holds the very bytes of the production file.
import type { ElectorRecord } from '../../services/elector/src/core/effect.ts';
import {
  DamagedRecordError,
  decodeRecord,
  encodeRecord,
  RECORD_FILE,
} from '../../services/elector/src/io/store.ts';
import { damagedBytes } from './damaged-bytes.ts';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

const EMPTY: ElectorRecord = { grantedTerm: 0, grantedTo: undefined, charter: undefined };

/** How a disk behaves at the moment. */
export interface DiskHealth {
  /** Longest time of one write. */
  readonly slow: number;
  /** Writes end in an error of the device, and may have been done all the same. */
  readonly fails: boolean;
  /** There is no room for anything new: what was there stays. */
  readonly full?: boolean;
  /** Told how long each write takes. */
  readonly onWrite?: (takes: number) => void;
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

export interface NodeDiskOptions {
  readonly world: World;
  readonly random: Random;
  readonly keepsBytes: boolean;
  /** Told of every record that is on the disk from now on. */
  readonly onDurable: (record: ElectorRecord) => void;
}

export class NodeDisk {
  readonly #world: World;
  readonly #random: Random;
  readonly #onDurable: (record: ElectorRecord) => void;
  readonly #keepsBytes: boolean;
  #durable: ElectorRecord = EMPTY;
  /** What the file holds, where this run keeps bytes and something was written. */
  #bytes: Buffer | undefined;
  /** What the file held before it was damaged. */
  #good: Buffer | undefined;
  #damaged = false;
  #writing: Write | undefined;
  #waiting: Write | undefined;
  health: DiskHealth = { slow: 3, fails: false };
  /** Called once, when a write begins. */
  onNextWrite: (() => void) | undefined;

  constructor({ world, random, keepsBytes, onDurable }: NodeDiskOptions) {
    this.#world = world;
    this.#random = random;
    this.#keepsBytes = keepsBytes;
    this.#onDurable = onDurable;
  }

  /** What is on the disk and can be read. */
  get durable(): ElectorRecord {
    return this.#damaged ? EMPTY : this.#durable;
  }

  get damaged(): boolean {
    return this.#damaged;
  }

  /** What a process reads when it starts. Throws production's own error where that refuses the file. */
  read(): ElectorRecord {
    if (this.#bytes === undefined) {
      if (this.#damaged) throw new DamagedRecordError(RECORD_FILE, 'so the simulation says');
      return this.#durable;
    }
    const record = decodeRecord(this.#bytes.toString('utf8'), RECORD_FILE);
    if (this.#damaged) {
      const text = `${this.#bytes.length} bytes were read as term ${record.grantedTerm}`;
      this.#world.violate('a damaged file is refused', text);
    }
    return record;
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
    const takes = this.#random.between(0.2, this.health.slow);
    this.health.onWrite?.(takes);
    this.#world.after(takes, () => {
      // A crash has decided about it already.
      if (this.#writing !== write) return;
      const { fails, full } = this.health;
      const failed = fails || full === true;
      if (!failed || (!full && this.#random.chance(FAILED_YET_WRITTEN))) this.#keep(write.record);
      process.deliver(() => {
        this.#writing = undefined;
        if (failed) events.failed(write.number, full ? 'no space left on device' : 'i/o error');
        else events.persisted(write.number);
        if (this.#writing === undefined) this.#write(process, events);
      });
    });
  }

  #keep(record: ElectorRecord): void {
    this.#durable = record;
    if (this.#keepsBytes) this.#bytes = Buffer.from(encodeRecord(record));
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
    this.#bytes = undefined;
    this.#damaged = false;
  }

  /** The file is no longer what was written. False: there is none, or it is damaged already. */
  damage(): boolean {
    if (this.#damaged || this.#durable === EMPTY) return false;
    this.#damaged = true;
    this.#good = this.#bytes;
    if (this.#bytes !== undefined) this.#bytes = damagedBytes(this.#bytes, this.#random);
    return true;
  }

  /** Somebody has put back exactly what it held. */
  restore(): void {
    if (!this.#damaged) return;
    this.#damaged = false;
    this.#bytes = this.#good;
  }
}
