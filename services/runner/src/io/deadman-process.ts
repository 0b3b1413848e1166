// The deadman as the runner's child: started in a session of its own, spoken to in single letters, and
// watched. One that does not answer is killed; whoever owns this starts another one when it is gone.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import type { Duration } from '@koi/lib/time';
import { killLiving, type ProcessIdentity, readProcess } from './living-process.ts';

/** After so many heartbeats without an answer a deadman is taken for dead. */
export const MISSED_MAX = 3;

/** And not before this: on a host that has too much to do, another one would be no quicker. */
export const SILENCE_MIN: Duration = 300;

/** How long a new one may take to its first answer. */
export const START_PATIENCE: Duration = 2_000;

/** What a deadman says, answers apart. */
export type DeadmanWord = 'acting' | 'done';

/** Letters: nothing can be cut in two, and to read one costs the deadman little. */
const TOLD = { lease: 'l', watch: 'w', ping: 'p', end: 'e' } as const;
const SEEN = 's';
const WORDS: ReadonlyMap<string, DeadmanWord> = new Map([
  ['a', 'acting'],
  ['d', 'done'],
]);

export interface DeadmanProcessOptions {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly heartbeat: Duration;
  readonly onWord: (word: DeadmanWord) => void;
  readonly onExit: (how: string) => void;
}

/** Beside the bundle, or in its place in the sources. */
export function findDeadmanProgram(): string {
  const [beside = '', inSources = ''] = ['koi-deadman', '../../deadman/koi-deadman'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return existsSync(beside) ? beside : inSources;
}

/** One deadman, from its start to its end. */
export class DeadmanProcess {
  readonly #options: DeadmanProcessOptions;
  readonly #child: ChildProcess;
  readonly identity: ProcessIdentity | undefined;
  #answered = false;
  #missed = 0;
  /** Something was sent since the last beat: a ping would tell nothing more. */
  #spoken = false;
  #over = false;

  constructor(options: DeadmanProcessOptions) {
    this.#options = options;
    const child = spawn(options.program, options.parameters, {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      // A session of its own: no signal to the runner's group reaches it.
      detached: true,
      stdio: ['pipe', 'pipe', outlivesUs(2) ? 'inherit' : 'ignore'],
    });
    this.#child = child;
    const started = child.pid === undefined ? undefined : readProcess(child.pid);
    this.identity = started && { pid: started.pid, start: started.start };
    child.once('error', (error) => {
      if (child.pid === undefined) this.#end(`it cannot be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => this.#end(`it ended with ${code ?? signal}`));
    // A pipe that breaks is told by the exit.
    child.stdin?.on('error', () => {});
    child.stdout?.on('error', () => {});
    this.#listen();
  }

  /** It has answered, and not long ago. */
  get armed(): boolean {
    return !this.#over && this.#answered && this.#missed === 0;
  }

  /** It has answered at least once. */
  get wasArmed(): boolean {
    return this.#answered;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Tells it to look at something. What it goes by is in the files; this only wakes it up. */
  say(what: 'lease' | 'watch' | 'ping'): void {
    if (this.#over) return;
    this.#spoken = true;
    this.#child.stdin?.write(TOLD[what]);
  }

  /** Once per heartbeat. False: it is taken for dead. Counted in beats: our own absence is none of its. */
  beat(): boolean {
    if (this.#over) return true;
    if (!this.#spoken) this.say('ping');
    this.#spoken = false;
    this.#missed += 1;
    const patience = this.#answered ? SILENCE_MIN : START_PATIENCE;
    return this.#missed <= Math.max(MISSED_MAX, patience / this.#options.heartbeat);
  }

  /** It is at work and need not answer. */
  excuse(): void {
    this.#missed = 0;
  }

  kill(): void {
    if (this.identity !== undefined) killLiving(this.identity, 'process');
  }

  /** Everything is down: it may go. */
  dismiss(): void {
    this.#over = true;
    this.#child.stdin?.end(TOLD.end);
    this.#child.unref();
  }

  /** Leaves it to itself. It notices, and goes on by the clock. */
  leave(): void {
    this.#over = true;
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.unref();
  }

  #listen(): void {
    const { stdout } = this.#child;
    stdout?.setEncoding('latin1');
    stdout?.on('data', (letters: string) => {
      this.#missed = 0;
      for (const letter of letters) this.#take(letter);
    });
  }

  #take(letter: string): void {
    const word = WORDS.get(letter);
    if (letter === SEEN) this.#answered = true;
    else if (word !== undefined && !this.#over) this.#options.onWord(word);
  }

  #end(how: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onExit(how);
  }
}

/**
 * Whether an output of ours may be handed on to what outlives us: the journal, a file, a terminal. Whoever
 * reads a pipe waits for everybody who has it open.
 */
function outlivesUs(descriptor: number): boolean {
  const found = fstatSync(descriptor);
  const { dev, ino } = found;
  return found.isFile() || isatty(descriptor) || process.env['JOURNAL_STREAM'] === `${dev}:${ino}`;
}
