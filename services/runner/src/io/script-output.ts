// What a script says, line by line into the log. A flood costs its author, not us: lines above a rate
// are counted without being looked at, and long ones are cut.
import type { Duration } from '@koi/lib/time';

/** Bytes of a line that are kept. */
export const LINE_MAX = 4_096;

/** Lines of one output that are logged in a second. */
export const LINES_PER_SECOND = 200;

const SECOND: Duration = 1_000;

const NEWLINE = 10;

/** Where a line goes. */
export type SayLine = (line: string) => void;

/** The lines of one output. */
export class ScriptOutput {
  readonly #say: SayLine;
  /** The line that has not ended yet, no more than `LINE_MAX` bytes of it. */
  readonly #rest = Buffer.alloc(LINE_MAX);
  #length = 0;
  #begun = false;
  #cut = false;
  #lines = 0;
  #dropped = 0;
  #second: NodeJS.Timeout | undefined;

  constructor(say: SayLine) {
    this.#say = say;
  }

  take(chunk: Buffer): void {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      // Most of a flood ends here: nothing is copied of what is not said.
      if (!this.#isHeard()) this.#dropped += 1;
      else this.#endLine(chunk, from, to);
      this.#length = 0;
      this.#begun = false;
      this.#cut = false;
      from = to + 1;
    }
    this.#keep(chunk, from, chunk.length);
  }

  /** Nobody writes any more: says a last line that has no end. */
  end(): void {
    if (this.#begun) this.take(Buffer.of(NEWLINE));
  }

  /** Says no more but how much was dropped. */
  close(): void {
    clearTimeout(this.#second);
    this.#endSecond();
  }

  #isHeard(): boolean {
    this.#second ??= setTimeout(() => this.#endSecond(), SECOND).unref();
    this.#lines += 1;
    return this.#lines <= LINES_PER_SECOND;
  }

  #endLine(chunk: Buffer, from: number, to: number): void {
    this.#keep(chunk, from, to);
    // A character that was cut through is left out; what is not text shows as such.
    const text = new TextDecoder().decode(this.#rest.subarray(0, this.#length), {
      stream: this.#cut,
    });
    this.#say(this.#cut ? `${text} … (cut)` : text);
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#begun = true;
    const kept = chunk.copy(this.#rest, this.#length, from, to);
    this.#length += kept;
    this.#cut ||= kept < to - from;
  }

  #endSecond(): void {
    const dropped = this.#dropped;
    this.#second = undefined;
    this.#lines = 0;
    this.#dropped = 0;
    if (dropped === 0) return;
    this.#say(`… (${dropped} more lines dropped: at most ${LINES_PER_SECOND} a second are logged)`);
  }
}
