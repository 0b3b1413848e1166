// One deadman at a time: who is appointed, and how an earlier one and what it runs are ended. A deadman
// that finds another one appointed does nothing any more, and neither does a script that it is about to run.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from '@koi/lib/time';
import { readText, writeText } from './deadman-file.ts';
import { findLiving, killLiving, type ProcessIdentity, parseIdentity } from './living-process.ts';

/** How long a killed process is waited for. What hangs in the kernel runs nothing of its own any more. */
export const GONE_PATIENCE: Duration = 500;

/** How often an end is looked for. */
const LOOK_EVERY: Duration = 5;

/** Scripts that a deadman has under way, and its drain, each the leader of a group: "PID START". */
const JOB = /^job\./;

export class Succession {
  readonly #directory: string;
  readonly #self: ProcessIdentity;
  #token = 0;

  constructor(directory: string, self: ProcessIdentity) {
    this.#directory = directory;
    this.#self = self;
  }

  /** Makes the directory, and empties it of what another life of this host has left. */
  prepare(boot: string): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    if (readText(join(this.#directory, 'boot')) === boot) return;
    for (const name of readdirSync(this.#directory)) {
      rmSync(join(this.#directory, name), { recursive: true, force: true });
    }
    writeText(join(this.#directory, 'boot'), boot);
  }

  /** From now on only the deadman that is started with this word may act. */
  appoint(): readonly string[] {
    this.#token += 1;
    const words = [String(this.#self.pid), this.#self.start, String(this.#token)];
    writeText(join(this.#directory, 'runner'), `${words.join(' ')}\n`);
    return words;
  }

  /** The deadman that was appointed last, if it said who it is. */
  get incumbent(): ProcessIdentity | undefined {
    return parseIdentity(readText(join(this.#directory, 'pid')) ?? '');
  }

  /** Ends a deadman, and waits until it is gone. */
  async end(deadman: ProcessIdentity): Promise<void> {
    killLiving(deadman, 'process');
    await untilGone(deadman, GONE_PATIENCE);
  }

  /** Ends what a deadman that acts no more has under way. */
  endJobs(): void {
    for (const name of readdirSync(this.#directory).filter((found) => JOB.test(found))) {
      const path = join(this.#directory, name);
      const job = parseIdentity(readText(path) ?? '');
      if (job !== undefined) killLiving(job, 'group');
      rmSync(path, { force: true });
    }
  }
}

/** Waits for the end of a process, at most for some time. */
export async function untilGone(target: ProcessIdentity, patience: Duration): Promise<void> {
  for (let waited = 0; waited < patience; waited += LOOK_EVERY) {
    if (findLiving(target) === undefined) return;
    await sleep(LOOK_EVERY);
  }
}
