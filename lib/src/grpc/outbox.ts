// What waits to be written to one stream. Bounded: where the other side does not read, news replaces
// unwritten news of its kind, and where even that does not help the stream is closed rather than
// anything dropped that a lease or a resignation depends on (PROTOCOL.md, outboxes).

/** How many messages may wait to be written on one stream. */
export const OUTBOX_CAPACITY = 256;

/** How an outbox is made. */
export interface OutboxOptions {
  /** How many messages may wait. One more closes the outbox. */
  readonly capacity: number;
  /** Told once when a message found the outbox full: the stream is to be closed and dialled anew. */
  readonly onOverflow?: () => void;
}

interface Entry<Message> {
  readonly kind: string | undefined;
  message: Message;
}

/** A bounded queue that one consumer iterates. Pushing never waits. */
export class Outbox<Message> implements AsyncIterable<Message> {
  readonly #options: OutboxOptions;
  #entries: Entry<Message>[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #iterated = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#entries.length;
  }

  /** Whether it takes no more messages. */
  get closed(): boolean {
    return this.#ended;
  }

  /**
   * Adds a message. A `kind` lets it replace an unwritten message of the same kind, in that one's
   * place; without one it is never dropped. Returns false where the outbox is closed, or was full
   * and is closed now.
   */
  push(message: Message, kind?: string): boolean {
    if (this.#ended) return false;
    const older =
      kind === undefined ? undefined : this.#entries.find((entry) => entry.kind === kind);
    if (older !== undefined) {
      older.message = message;
      return true;
    }
    if (this.#entries.length >= this.#options.capacity) {
      this.close();
      this.#options.onOverflow?.();
      return false;
    }
    this.#entries.push({ kind, message });
    this.#notify();
    return true;
  }

  /** Takes no more messages; those that wait are still written. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /** Takes no more messages and drops those that wait. An error ends the stream with it. */
  close(error?: Error): void {
    if (this.#failure === undefined && error !== undefined) this.#failure = error;
    this.#entries = [];
    this.end();
  }

  /** Takes out the message that is written next. Undefined: none waits. */
  take(): Message | undefined {
    return this.#entries.shift()?.message;
  }

  /** Calls back once: at the next message, or when it takes no more. One consumer only. */
  whenReady(wake: () => void): void {
    this.#wake = wake;
  }

  /** Iterates what is written. One consumer only. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    if (this.#iterated) throw new Error('an outbox has one consumer');
    this.#iterated = true;
    for (;;) {
      const message = this.take();
      if (message !== undefined) {
        yield message;
      } else if (this.#ended) {
        if (this.#failure !== undefined) throw this.#failure;
        return;
      } else {
        await new Promise<void>((resolve) => this.whenReady(resolve));
      }
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
