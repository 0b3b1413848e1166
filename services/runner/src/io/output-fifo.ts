// Where scripts write: a FIFO per service and action. A pipe would break when koi-runner ends, and take
// the daemons with it that a script left behind; a FIFO only waits for its next reader.
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ReadTurns } from './read-turns.ts';
import { type SayLine, ScriptOutput } from './script-output.ts';

/** Reads the FIFO at a path for as long as anybody writes to it, or is about to. */
export class OutputFifo {
  readonly #path: string;
  readonly #turns: ReadTurns;
  readonly #lines: ScriptOutput;
  #socket: Socket | undefined;
  #writers = 0;
  #closed = false;

  constructor(path: string, turns: ReadTurns, say: SayLine) {
    this.#path = path;
    this.#turns = turns;
    this.#lines = new ScriptOutput(say);
  }

  /** A script is about to write: it is read from now on. Throws where it cannot be opened. */
  expect(): void {
    this.#attach();
    this.#writers += 1;
  }

  /** A script has ended; its daemons may write on. */
  release(): void {
    this.#writers -= 1;
    if (this.#socket !== undefined) this.probe();
  }

  /** Reads what scripts of before have left and still write, if anybody does. */
  probe(): void {
    if (this.#closed || !existsSync(this.#path)) return;
    this.#attach();
    // Opened and closed: where nobody else has it open for writing, that makes the reading end.
    try {
      closeSync(openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch {
      // Refused where nobody reads: it has ended already.
    }
  }

  /** Reads no more. Writers do not notice until the FIFO is full. */
  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
    this.#lines.close();
  }

  #attach(): void {
    if (this.#socket !== undefined) return;
    const file = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    const socket = new Socket({ fd: file, readable: true, writable: false });
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#lines.take(chunk);
      this.#turns.took(socket, chunk.length);
    });
    // A FIFO does not break: it ends, when nobody has it open for writing.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#turns.leave(socket);
      this.#socket = undefined;
      this.#lines.end();
      // What ended may have been a daemon of before, just as a script begins.
      if (this.#writers > 0 && !this.#closed && existsSync(this.#path)) this.#attach();
    });
    // What is written after its script has ended does not keep this program alive.
    socket.unref();
  }
}
