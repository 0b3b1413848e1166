// A script's output, line by line into the log. A flood costs its author, not us: lines above a rate
// are dropped and counted, and no more is read at a time than leaves the loop its breath.
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Duration } from '@koi/lib/time';

/** Characters of a line that are kept. */
export const LINE_MAX = 4_096;

/** Lines of one script that are logged in a second. */
export const LINES_PER_SECOND = 200;

/** Characters that are read of one stream in a `READ_WINDOW`; the writer waits in between. */
export const READ_MAX = 131_072;

const READ_WINDOW: Duration = 50;

const SECOND: Duration = 1_000;

/** Where a line goes. */
export type SayLine = (line: string) => void;

/** The output of one script, of both its streams. */
export class ScriptOutput {
  readonly #say: SayLine;
  readonly #streams: Readable[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #lines = 0;
  #dropped = 0;
  #second: NodeJS.Timeout | undefined;

  constructor(say: SayLine) {
    this.#say = say;
  }

  /** Logs a stream until it ends, which may be long after its script did. */
  follow(stream: Readable): void {
    this.#streams.push(stream);
    stream.setEncoding('utf8');
    let rest = '';
    let skipping = false;
    let read = 0;
    const take = (piece: string, ends: boolean): void => {
      if (!skipping) rest += piece.slice(0, LINE_MAX + 1 - rest.length);
      skipping = rest.length > LINE_MAX;
      if (!ends) return;
      this.#line(skipping ? `${rest.slice(0, LINE_MAX)} … (cut)` : rest);
      rest = '';
      skipping = false;
    };
    stream.on('data', (chunk: string) => {
      read += chunk.length;
      let from = 0;
      for (let to = chunk.indexOf('\n'); to >= 0; to = chunk.indexOf('\n', from)) {
        take(chunk.slice(from, to), true);
        from = to + 1;
      }
      take(chunk.slice(from), false);
      if (read < READ_MAX) return;
      read = 0;
      stream.pause();
      this.#after(READ_WINDOW, () => stream.resume());
    });
    stream.on('end', () => {
      if (rest !== '') take('', true);
    });
    // A pipe that breaks has nothing more to say.
    stream.on('error', () => {});
  }

  /** The script has ended: what may still come must not keep this program alive. */
  release(): void {
    for (const stream of this.#streams) if (stream instanceof Socket) stream.unref();
  }

  /** Reads no more. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#endSecond();
  }

  #line(line: string): void {
    this.#second ??= this.#after(SECOND, () => this.#endSecond());
    this.#lines += 1;
    if (this.#lines <= LINES_PER_SECOND) this.#say(line);
    else this.#dropped += 1;
  }

  #endSecond(): void {
    const dropped = this.#dropped;
    this.#second = undefined;
    this.#lines = 0;
    this.#dropped = 0;
    if (dropped === 0) return;
    this.#say(`… (${dropped} more lines dropped: at most ${LINES_PER_SECOND} a second are logged)`);
  }

  #after(duration: Duration, callback: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, duration);
    timer.unref();
    this.#timers.add(timer);
    return timer;
  }
}
