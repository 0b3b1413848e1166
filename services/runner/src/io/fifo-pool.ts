// FIFOs in store. Node cannot make one, and a program that does takes milliseconds: so they are made
// many at a time and ahead of need, and moved to where one is wanted.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** How many are made at once. */
export const FIFO_BATCH = 64;

/** With fewer than these in store, more are made. */
export const FIFO_RESERVE = 32;

const PROGRAM = 'mkfifo';

/** FIFOs that nobody has opened yet, in a directory of their own. */
export class FifoPool {
  readonly #directory: string;
  readonly #ready: string[];
  #making = false;

  /** Waits until the first of them are made. Throws where none can be made. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    this.#ready = readdirSync(directory).map((name) => join(directory, name));
    if (this.#ready.length < FIFO_RESERVE) this.#makeNow();
  }

  /** Puts a FIFO at a path where nothing is. */
  take(path: string): void {
    // Never so in ordinary life; a few milliseconds once are better than a script that does not run.
    if (this.#ready.length === 0) this.#makeNow();
    const fifo = this.#ready.pop();
    if (fifo === undefined) throw new Error(`${PROGRAM} has made no FIFO in ${this.#directory}`);
    renameSync(fifo, path);
    if (this.#ready.length < FIFO_RESERVE) this.#makeSoon();
  }

  /** Takes back one that nobody has open any more. */
  giveBack(path: string): void {
    const [home = ''] = this.#names(1);
    try {
      renameSync(path, home);
      this.#ready.push(home);
    } catch {
      // Somebody has tidied up: there are others.
    }
  }

  #makeNow(): void {
    const names = this.#names(FIFO_BATCH);
    const { error, stderr } = spawnSync(PROGRAM, ['-m', '600', ...names], { encoding: 'utf8' });
    if (error !== undefined) throw new Error(`cannot run ${PROGRAM}: ${error.message}`);
    if (stderr !== '') throw new Error(stderr.trim());
    this.#ready.push(...names);
  }

  #makeSoon(): void {
    if (this.#making) return;
    this.#making = true;
    const names = this.#names(FIFO_BATCH);
    const made = (usable: boolean): void => {
      this.#making = false;
      if (usable) this.#ready.push(...names);
    };
    // What fails here is tried again, and told, where the last one is taken.
    const child = spawn(PROGRAM, ['-m', '600', ...names], { stdio: 'ignore' });
    child.once('error', () => made(false));
    child.once('exit', (code) => made(code === 0));
    child.unref();
  }

  #names(count: number): readonly string[] {
    const prefix = randomUUID();
    return Array.from({ length: count }, (_, index) => join(this.#directory, `${prefix}.${index}`));
  }
}
