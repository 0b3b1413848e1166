// The outputs of all services: which FIFO belongs to which script, and under which name it is logged.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Action } from '../core/input.ts';
import type { FifoPool } from './fifo-pool.ts';
import { ACTIONS } from './folder.ts';
import { OutputFifo } from './output-fifo.ts';
import { ReadTurns } from './read-turns.ts';
import type { SayLine } from './script-output.ts';
import { fileNameOf } from './service-file-name.ts';

export interface ServiceOutputOptions {
  /** Where the FIFOs are. */
  readonly directory: string;
  readonly fifos: FifoPool;
  /** Where the lines of a script go. */
  readonly sayFor: (service: string, action: Action) => SayLine;
}

/** What all scripts say. */
export class ServiceOutput {
  readonly #options: ServiceOutputOptions;
  readonly #turns = new ReadTurns();
  readonly #outputs = new Map<string, OutputFifo>();

  constructor(options: ServiceOutputOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
  }

  /** The FIFO of a script, which is there from then on. */
  fifoOf(service: string, action: Action): string {
    const path = this.#pathOf(service, action);
    if (!existsSync(path)) this.#options.fifos.take(path);
    return path;
  }

  /** A script is about to write: its FIFO is there and is read. */
  expect(service: string, action: Action): OutputFifo {
    this.fifoOf(service, action);
    const output = this.#find(service, action);
    output.expect();
    return output;
  }

  /** Reads on what daemons write that an earlier process's scripts have left. */
  resume(service: string): void {
    for (const action of ACTIONS) {
      if (existsSync(this.#pathOf(service, action))) this.#find(service, action).probe();
    }
  }

  /** Forgets a service that is gone for good. A daemon of its that still speaks is not heard. */
  remove(service: string): void {
    for (const action of ACTIONS) {
      const path = this.#pathOf(service, action);
      this.#outputs.get(path)?.close();
      this.#outputs.delete(path);
      rmSync(path, { force: true });
    }
  }

  close(): void {
    for (const output of this.#outputs.values()) output.close();
    this.#outputs.clear();
    this.#turns.close();
  }

  #pathOf(service: string, action: Action): string {
    return join(this.#options.directory, `${fileNameOf(service)}.${action}`);
  }

  #find(service: string, action: Action): OutputFifo {
    const path = this.#pathOf(service, action);
    const found = this.#outputs.get(path);
    if (found !== undefined) return found;
    const { sayFor } = this.#options;
    const output = new OutputFifo(path, this.#turns, sayFor(service, action));
    this.#outputs.set(path, output);
    return output;
  }
}
