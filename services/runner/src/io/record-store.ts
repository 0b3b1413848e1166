// M6: the record of this runner under its state directory, by boot time, so that the next process of the
// same life of the host goes on where this one ends. Written before anything that depends on it, and
// without fsync: a host's death ends its services too.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration, Instant } from '@koi/lib/time';
import { UPTIME_STEP } from '@koi/lib/uptime';
import * as v from 'valibot';
import { type RunnerRecord, shiftRecord, withLease } from '../core/record.ts';
import { readLease } from './deadman.ts';
import type { FolderEntry } from './folder.ts';

const FILE = 'record.json';
const TEMPORARY_FILE = 'record.new';
const FILE_MODE = 0o600;

/** Raised where a record of before cannot be understood any more. */
const FORMAT = 1;

/** The largest record that is read: 256 services and ten failures take a tenth of it. */
const BYTES_MAX = 4 * 1024 * 1024;

/** JSON has no infinity. */
const INFINITIES: Readonly<Record<string, Instant>> = {
  never: Number.POSITIVE_INFINITY,
  'long ago': Number.NEGATIVE_INFINITY,
};

const instant = v.union([
  v.number(),
  v.pipe(
    v.picklist(Object.keys(INFINITIES)),
    v.transform((name) => INFINITIES[name] ?? 0),
  ),
]);
/** Nor undefined. */
function maybe<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(
    v.nullable(schema),
    v.transform((value) => value ?? undefined),
  );
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const action = v.picklist(['start', 'stop', 'promote', 'demote', 'status', 'failed']);
const level = v.picklist(['stopped', 'started', 'promoted']);

const mandate = v.object({
  epoch: count,
  leaseEnd: instant,
  ended: v.boolean(),
  released: count,
  highestTerm: count,
  maintenance: v.object({ on: v.boolean(), change: count }),
  maintenanceEnd: instant,
  killAt: instant,
  fenceAt: instant,
  told: maybe(
    v.object({
      target: v.picklist(['stopped', 'standby', 'master']),
      release: count,
      master: maybe(v.string()),
      reason: v.string(),
    }),
  ),
});

/** Where its scripts were, for the time before the services folder is read. */
const place = v.variant('kind', [
  v.object({ kind: v.literal('directory'), directory: v.string() }),
  v.object({ kind: v.literal('executable'), file: v.string() }),
]);

const service = v.object({
  definition: v.object({
    name: v.string(),
    priority: maybe(count),
    disabled: v.boolean(),
    fingerprint: v.string(),
    place: v.optional(place),
  }),
  state: v.picklist([
    ...(['failed', 'failing', 'stopped', 'stopping', 'starting', 'started'] as const),
    ...(['demoting', 'promoting', 'promoted'] as const),
  ]),
  promoted: v.boolean(),
  promotable: v.boolean(),
  failure: v.string(),
  removed: v.boolean(),
  ceiling: level,
  begun: v.boolean(),
  remaining: v.array(action),
  epoch: count,
  killing: v.boolean(),
  running: maybe(v.object({ run: count, action, since: instant })),
});

const recovery = v.object({
  count,
  last: instant,
  remembered: v.boolean(),
  forgetAt: instant,
  counter: maybe(count),
  failures: v.array(
    v.object({ at: v.number(), service: v.string(), action: v.string(), text: v.string() }),
  ),
});

const file = v.object({
  format: v.literal(FORMAT),
  boot: v.string(),
  record: v.object({
    mandate,
    goingDown: v.boolean(),
    run: count,
    services: v.array(service),
    recovery,
  }),
});

/** The clocks that a record is translated between. */
export interface RecordClocks {
  /** This process's own clock. */
  readonly now: () => Instant;
  /** Milliseconds since the host's boot. */
  readonly uptime: () => Duration;
  readonly boot: string;
}

/** What was found of an earlier process. */
export interface Found {
  readonly record: RunnerRecord | undefined;
  /** Where the scripts of its services were. */
  readonly places: readonly Pick<FolderEntry, 'name' | 'place'>[];
  /** Why there is none where there should be one; empty: there never was. */
  readonly objection: string;
}

export class RecordStore {
  readonly #directory: string;
  readonly #clocks: RecordClocks;

  constructor(directory: string, clocks: RecordClocks) {
    this.#directory = directory;
    this.#clocks = clocks;
  }

  /** What an earlier process of this life of the host has left, by this process's clock. */
  read(): Found {
    const none = (objection: string): Found => ({ record: undefined, places: [], objection });
    const path = join(this.#directory, FILE);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      return none(missing ? '' : `${path} cannot be read: ${sentenceOf(error)}`);
    }
    if (text.length > BYTES_MAX) return none(`${path} is larger than ${BYTES_MAX} bytes`);
    try {
      const found = v.parse(file, JSON.parse(text));
      if (found.boot !== this.#clocks.boot) {
        return none(`${path} is of an earlier boot of this host: nothing of it runs any more`);
      }
      const { now, uptime } = this.#clocks;
      // Both readings of the uptime may lack a step: an end is rather taken for earlier than it is.
      const renewed = withLease(found.record, readLease(this.#directory));
      const record = shiftRecord(renewed, now() - uptime() - UPTIME_STEP);
      const places = found.record.services.flatMap(({ definition }) =>
        definition.place === undefined ? [] : [{ name: definition.name, place: definition.place }],
      );
      return { record, places, objection: '' };
    } catch (error) {
      return none(`${path} is damaged: ${sentenceOf(error)}`);
    }
  }

  /** Keeps a record. Throws where that fails: nothing that depends on it may happen then. */
  keep(record: RunnerRecord): void {
    const { boot, now, uptime } = this.#clocks;
    const shifted = shiftRecord(record, uptime() - now());
    const text = JSON.stringify({ format: FORMAT, boot, record: shifted }, encode);
    const temporary = join(this.#directory, TEMPORARY_FILE);
    writeFileSync(temporary, text, { mode: FILE_MODE });
    renameSync(temporary, join(this.#directory, FILE));
  }

  /** Nothing is left that a next process would have to know. */
  remove(): void {
    rmSync(join(this.#directory, FILE), { force: true });
  }
}

function encode(_key: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  return value > 0 ? 'never' : 'long ago';
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
