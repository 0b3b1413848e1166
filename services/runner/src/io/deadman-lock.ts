// M4: the lock of a demotion. Runner and deadman may both be about to begin; exactly one gets it, and the
// file says who, as a process that can be checked. Each epoch has a lock of its own: what an earlier one
// left behind can be cleared away at any time.
//
// Only the first taking is contended, and both ways of it refuse where the file is there. Every other
// change has one lawful author: the deadman replaces the lock of a dead runner; the runner that of a dead
// deadman (a new one is started by the runner alone) or of one that has done its work; each its own.
import { linkSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration } from '@koi/lib/time';
import { readText } from './deadman-file.ts';
import type { ProcessIdentity } from './living-process.ts';

/** Who holds a lock, and since when. */
export interface DemotionLock {
  readonly owner: 'runner' | 'deadman';
  /** Undefined: it was taken and not yet written. Only a deadman does that in two steps. */
  readonly process: ProcessIdentity | undefined;
  readonly epoch: number;
  /** When it was taken, in milliseconds since boot. */
  readonly at: Duration;
  /** As it stands in the file: a result names the lock under which it came about. */
  readonly text: string;
}

const LOCK = /^lock\.(\d+)$/;

/** The locks of one state directory. */
export class LockFiles {
  readonly #directory: string;
  readonly #self: ProcessIdentity;
  readonly #uptime: () => Duration;

  constructor(directory: string, self: ProcessIdentity, uptime: () => Duration) {
    this.#directory = directory;
    this.#self = self;
    this.#uptime = uptime;
  }

  /** All that there are, of whichever epoch. */
  get epochs(): readonly number[] {
    return readdirSync(this.#directory).flatMap((name) => {
      const [, epoch] = LOCK.exec(name) ?? [];
      return epoch === undefined ? [] : [Number(epoch)];
    });
  }

  read(epoch: number): DemotionLock | undefined {
    const text = readText(this.#path(epoch));
    return text === undefined ? undefined : { ...parseLock(text), epoch };
  }

  /** Whether a lock is this process's own. */
  isOwn({ owner, process }: DemotionLock): boolean {
    const { pid, start } = this.#self;
    return owner === 'runner' && process?.pid === pid && process.start === start;
  }

  /** Takes it if nobody has it. */
  take(epoch: number): boolean {
    const temporary = this.#prepare(epoch);
    try {
      linkSync(temporary, this.#path(epoch));
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  /** Takes it from whom it may be taken. */
  replace(epoch: number): void {
    renameSync(this.#prepare(epoch), this.#path(epoch));
  }

  remove(epoch: number): void {
    rmSync(this.#path(epoch), { force: true });
  }

  #prepare(epoch: number): string {
    const { pid, start } = this.#self;
    const temporary = join(this.#directory, 'new-lock');
    const text = `runner ${pid} ${start} ${epoch} ${Math.floor(this.#uptime())}\n`;
    writeFileSync(temporary, text, { mode: 0o600 });
    return temporary;
  }

  #path(epoch: number): string {
    return join(this.#directory, `lock.${epoch}`);
  }
}

/** What stands in a lock file. What is no more than begun is a deadman's. */
export function parseLock(text: string): DemotionLock {
  const line = text.trimEnd();
  const [, owner, pid, start, epoch, at] =
    /^(runner|deadman) (\d+) (\d+) (\d+) (\d+)$/.exec(line) ?? [];
  return {
    owner: owner === 'runner' ? 'runner' : 'deadman',
    process: pid === undefined || start === undefined ? undefined : { pid: Number(pid), start },
    epoch: Number(epoch ?? 0),
    at: Number(at ?? 0),
    text: line,
  };
}
