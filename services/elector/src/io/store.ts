// C3: what survives a restart, in one file. A record is written beside it, synced, renamed over it, and
// the directory is synced: after a crash there is the old one or the new one, whole. The first line
// carries a checksum of the rest; a file that does not match is refused, never half-read.
import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { create, fromJsonString, toJsonString } from '@bufbuild/protobuf';
import { ElectorRecordSchema } from '@koi/gen/koi/election/v1/charter_pb';
import type { ElectorRecord } from '../core/effect.ts';
import { recordFromWire, recordToWire } from './wire-charter.ts';

/** The record's file in the state directory. */
export const RECORD_FILE = 'elector-record';

const TEMPORARY_FILE = 'elector-record.new';
const FILE_MODE = 0o600;

/** The number of the file's format, in its first line. */
const FORMAT = 1;

/** A record larger than this cannot be ours: a full charter is about 150 KiB. */
const RECORD_BYTES_MAX = 8 * 1024 * 1024;

const EMPTY: ElectorRecord = { grantedTerm: 0, grantedTo: undefined, charter: undefined };

/** The file cannot be trusted: an elector must not take part until a human has looked. */
export class DamagedRecordError extends Error {
  constructor(file: string, what: string, cause?: unknown) {
    super(
      `${file} is damaged: ${what}. This elector stays out of the cluster, because it may have ` +
        'granted what it no longer knows. While the others have a leader without it, move the file ' +
        'away: this one then takes the charter from that leader. Only where a majority has lost its ' +
        'state, stop all electors and give them the state directory of one that still has its charter',
      cause === undefined ? undefined : { cause },
    );
    this.name = 'DamagedRecordError';
  }
}

/** What a store tells, in the order of the writes. */
export interface StoreEvents {
  /** All records up to this number are on disk. */
  persisted(number: number): void;
  failed(number: number, reason: string): void;
}

/** Reads the record of a state directory; an empty one where there is none. */
export async function readRecord(directory: string): Promise<ElectorRecord> {
  const file = join(directory, RECORD_FILE);
  // What a crash left half-written was never promised to anybody.
  await rm(join(directory, TEMPORARY_FILE), { force: true });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return EMPTY;
    throw new DamagedRecordError(file, 'it cannot be read', error);
  }
  return decodeRecord(text, file);
}

/** Writes records, the newest only where several wait. Nothing of it blocks the loop. */
export class Store {
  readonly #directory: string;
  readonly #events: StoreEvents;
  #waiting: { readonly number: number; readonly record: ElectorRecord } | undefined;
  #writing = false;

  constructor(directory: string, events: StoreEvents) {
    this.#directory = directory;
    this.#events = events;
  }

  /** Takes a record to be written; one that waits is replaced, since the newer one holds it all. */
  persist(number: number, record: ElectorRecord): void {
    this.#waiting = { number, record };
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting !== undefined) {
      const { number, record } = this.#waiting;
      this.#waiting = undefined;
      let failure: string | undefined;
      try {
        await writeRecord(this.#directory, record);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
      if (failure === undefined) this.#events.persisted(number);
      else this.#events.failed(number, failure);
    }
    this.#writing = false;
  }
}

async function writeRecord(directory: string, record: ElectorRecord): Promise<void> {
  const temporary = join(directory, TEMPORARY_FILE);
  await withFile(temporary, 'w', async (file) => {
    await file.writeFile(encodeRecord(record));
    await file.sync();
  });
  await rename(temporary, join(directory, RECORD_FILE));
  // Without this a power cut may bring the old name back, and with it a promise already given.
  await withFile(directory, 'r', (file) => file.sync());
}

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, FILE_MODE);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** What the file holds. */
export function encodeRecord(record: ElectorRecord): string {
  const body = `${toJsonString(ElectorRecordSchema, create(ElectorRecordSchema, recordToWire(record)))}\n`;
  return `koi-elector-record ${FORMAT} sha256 ${checksum(body)}\n${body}`;
}

/** Reads what a file holds; throws a `DamagedRecordError` that names it. */
export function decodeRecord(text: string, file: string): ElectorRecord {
  if (text.length > RECORD_BYTES_MAX) {
    throw new DamagedRecordError(file, 'it is larger than any record');
  }
  const end = text.indexOf('\n');
  const header = /^koi-elector-record (\d+) sha256 ([0-9a-f]{64})$/.exec(text.slice(0, end));
  if (end < 0 || header === null) {
    throw new DamagedRecordError(file, 'its first line is not that of a record');
  }
  if (header[1] !== `${FORMAT}`) {
    throw new DamagedRecordError(file, `its format is ${header[1]}, this release knows ${FORMAT}`);
  }
  const body = text.slice(end + 1);
  if (checksum(body) !== header[2]) {
    throw new DamagedRecordError(file, 'its content does not match its checksum');
  }
  try {
    return recordFromWire(fromJsonString(ElectorRecordSchema, body));
  } catch (error) {
    throw new DamagedRecordError(file, 'its content is no record', error);
  }
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
