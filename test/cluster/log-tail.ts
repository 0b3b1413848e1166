// Follows the scripts' log of a cluster line by line, so that a long trial need not read it all again.
import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from '@koi/lib/time';
import { type LogLine, readPromotionLog } from './promotion-log.ts';

/** What did not show by then is not waited for any more. */
const waitMax: Duration = 8_000;
const lookEvery: Duration = 5;
const chunk = 65_536;

/** What a log has gained; lines of `status` are left out. */
export class LogTail {
  readonly lines: LogLine[] = [];
  readonly #file: number;
  #offset = 0;
  #rest = '';

  constructor(file: string) {
    this.#file = openSync(file, 'r');
  }

  /** Reads what is new. */
  look(): readonly LogLine[] {
    const buffer = Buffer.alloc(chunk);
    let length = 0;
    do {
      length = readSync(this.#file, buffer, 0, chunk, this.#offset);
      this.#offset += length;
      this.#rest += buffer.toString('latin1', 0, length);
    } while (length > 0);
    const end = this.#rest.lastIndexOf('\n') + 1;
    const fresh = readPromotionLog(this.#rest.slice(0, end));
    this.#rest = this.#rest.slice(end);
    this.lines.push(...fresh.filter((line) => line.kind === 'killed' || line.action !== 'status'));
    return this.lines;
  }

  /** Looks again and again until the lines show something. Undefined: they did not. */
  async find<T>(find: (lines: readonly LogLine[]) => T | undefined): Promise<T | undefined> {
    const deadline = performance.now() + waitMax;
    do {
      const found = find(this.look());
      if (found !== undefined) return found;
      await sleep(lookEvery);
    } while (performance.now() < deadline);
    return undefined;
  }

  close(): void {
    closeSync(this.#file);
  }
}
