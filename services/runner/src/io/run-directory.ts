// What is known of a script under way in the state directory, so that the next runner can take it over:
// a directory with the order, the wrapper's process, a FIFO that is open while the wrapper lives, and how
// the script ended.
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import type { FifoPool } from './fifo-pool.ts';
import { ACTIONS } from './folder.ts';
import { type ProcessIdentity, parseIdentity } from './living-process.ts';
import { type WrapperOrder, wrapperOrderText } from './script-wrapper.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const orderSchema = v.object({
  run: count,
  service: v.string(),
  action: v.picklist(ACTIONS),
  /** How long it may take, in milliseconds. */
  timeout: v.number(),
  /** When that is over, in milliseconds since the host's boot. */
  deadline: v.number(),
  /** Whether it is one of a directory's scripts, which may be missing, or the service's only one. */
  kind: v.picklist(['directory', 'executable']),
  directory: v.string(),
  file: v.string(),
});

/** What was to be run. */
export type RunOrder = v.InferOutput<typeof orderSchema>;

/** What somebody writes who gives an order up, in the place of the wrapper's process. */
const GIVEN_UP = 'given up\n';

/** One script, from its order to its end. */
export class RunDirectory {
  readonly path: string;
  readonly order: RunOrder;

  constructor(path: string, order: RunOrder) {
    this.path = path;
    this.order = order;
  }

  /** The wrapper, which leads the script's process group; undefined: it has not begun. */
  get wrapper(): ProcessIdentity | undefined {
    const said = this.#read('pid');
    return said?.endsWith('\n') ? parseIdentity(said) : undefined;
  }

  /** What the wrapper says of the end; undefined: nothing yet, or it was killed. */
  get exit(): string | undefined {
    // Written at once; half of it would have no end of line.
    return /^(.+)\n$/.exec(this.#read('exit') ?? '')?.[1];
  }

  /** Makes sure that a wrapper that has not begun never will. False: it has begun. */
  giveUp(): boolean {
    try {
      writeFileSync(join(this.path, 'pid'), GIVEN_UP, { flag: 'wx' });
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
        return this.#read('pid') === GIVEN_UP;
      }
      throw error;
    }
  }

  /** Calls back when the wrapper is gone. Undefined: it is gone already. */
  follow(onGone: () => void): Socket | undefined {
    const life = join(this.path, 'life');
    let writer: number;
    try {
      // Refused where nobody reads: the wrapper has it open for both.
      writer = openSync(life, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
    const reader = openSync(life, constants.O_RDONLY | constants.O_NONBLOCK);
    const socket = new Socket({ fd: reader, readable: true, writable: false });
    socket.on('error', () => {});
    socket.once('close', onGone);
    socket.resume();
    // Last: if the wrapper has ended since, this is what makes the reading end.
    closeSync(writer);
    return socket;
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch {
      return undefined;
    }
  }
}

/** All scripts under way. */
export class RunDirectories {
  readonly #directory: string;
  readonly #fifos: FifoPool;
  /** Numbers alone might come again after a record was lost. */
  readonly #session: string;

  constructor(directory: string, fifos: FifoPool, session: string) {
    this.#directory = directory;
    this.#fifos = fifos;
    this.#session = session;
    mkdirSync(directory, { recursive: true });
  }

  /** Writes an order down, before anybody is told to follow it. */
  create(order: RunOrder, wrapperOrder: WrapperOrder): RunDirectory {
    const path = join(this.#directory, `${this.#session}-${order.run}`);
    mkdirSync(path);
    try {
      this.#fifos.take(join(path, 'life'));
      writeFileSync(join(path, 'begin'), wrapperOrderText(wrapperOrder));
      // Last: whoever finds it finds the rest too.
      writeFileSync(join(path, 'order'), JSON.stringify(order));
    } catch (error) {
      rmSync(path, { recursive: true, force: true });
      throw error;
    }
    return new RunDirectory(path, order);
  }

  /** What earlier processes have left. What cannot be understood is removed. */
  found(): readonly RunDirectory[] {
    return readdirSync(this.#directory).flatMap((name) => {
      const path = join(this.#directory, name);
      try {
        const text = readFileSync(join(path, 'order'), 'utf8');
        return [new RunDirectory(path, v.parse(orderSchema, JSON.parse(text)))];
      } catch {
        // Its process was killed before it had told anybody to follow it.
        rmSync(path, { recursive: true, force: true });
        return [];
      }
    });
  }

  /** Forgets a script that has ended. */
  remove({ path }: RunDirectory): void {
    if (basename(path).startsWith(this.#session)) this.#fifos.giveBack(join(path, 'life'));
    rmSync(path, { recursive: true, force: true });
  }
}
