// How fast a stream takes what is to be written, in runs over the wire: a window of bytes that the reader
// has not read yet, as HTTP/2 has it. What finds no room waits in the production outbox.
import { OUTBOX_CAPACITY, type Outbox } from '@koi/lib/grpc/outbox';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** One run's streams. */
export interface FlowControl {
  /** Bytes of one direction that are written and not read yet; what is beyond waits. */
  readonly window: number;
  /** How many messages may wait in an outbox. */
  readonly capacity: number;
  /** Written after the turn in which it was pushed, as the production transport does it. */
  readonly nextTurn: boolean;
}

/** Streams that take whatever they are given at once. */
export const UNLIMITED: FlowControl = {
  window: Number.POSITIVE_INFINITY,
  capacity: OUTBOX_CAPACITY,
  nextTurn: false,
};

/** HTTP/2's own window, and smaller ones that are full within one lease. */
const WINDOWS = [65_536, 4_096, 200] as const;

/** So small that what is said within a few turns may overflow it: the real one bears minutes of it. */
const SMALL_CAPACITY = 2;

export function drawFlowControl(random: Random): FlowControl {
  return {
    window: random.pick(WINDOWS) ?? WINDOWS[0],
    capacity: random.oneOf(OUTBOX_CAPACITY, SMALL_CAPACITY),
    nextTurn: true,
  };
}

/** The window of one direction of a stream. */
export class Window {
  readonly #limit: number;
  #unread = 0;
  #toReturn = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A message is written whole as soon as there is any room. */
  get room(): boolean {
    return this.#unread < this.#limit;
  }

  write(bytes: number): void {
    this.#unread += bytes;
  }

  /** The reader has read so much. Returns what it now tells the writer; 0: nothing yet. */
  read(bytes: number): number {
    this.#toReturn += bytes;
    // As in HTTP/2, a window update is worth sending for half a window.
    if (this.#toReturn < this.#limit / 2) return 0;
    const returned = this.#toReturn;
    this.#toReturn = 0;
    return returned;
  }

  /** The writer is told that so much was read. */
  restore(bytes: number): void {
    this.#unread -= bytes;
  }
}

/** What one end writes to. */
export interface Exit<Message> {
  readonly room: boolean;
  /** Called once there is room again. */
  onRoom: (() => void) | undefined;
  write(message: Message, bytes: number): void;
}

export interface PumpOptions<Message> {
  readonly world: World;
  readonly process: SimProcess;
  readonly flow: FlowControl;
  readonly outbox: Outbox<Message>;
  readonly exit: Exit<Message>;
  readonly bytesOf: (message: Message) => number;
  /** The outbox takes no more messages, and all that waited are written. */
  readonly onWritten: () => void;
}

/** Writes what an outbox holds, as fast as the stream takes it, for as long as both last. */
export function pump<Message>(options: PumpOptions<Message>): void {
  const { world, process, flow, outbox, exit, bytesOf, onWritten } = options;
  const write = () => {
    while (exit.room) {
      const message = outbox.take();
      if (message !== undefined) {
        exit.write(message, bytesOf(message));
      } else if (outbox.closed) {
        onWritten();
        return;
      } else {
        outbox.whenReady(ready);
        return;
      }
    }
    exit.onRoom = () => process.deliver(write);
  };
  const ready = flow.nextTurn ? () => world.after(0, () => process.deliver(write)) : write;
  outbox.whenReady(ready);
}
