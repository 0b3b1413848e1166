// A stream that a test writes: everybody who listens hears the last thing written, then each new one.

/** Written by the test, played by a fake server. */
export class Tape<Message> {
  #written: Message[] = [];
  #cut = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<() => void>();
  #players = 0;

  /** Lets everybody hear it. */
  write(message: Message): void {
    this.#written.push(message);
    this.#wake();
  }

  /** Ends every stream that plays now; new ones begin as before. */
  cut(): void {
    this.#cut.abort();
    this.#cut = new AbortController();
    this.#wake();
  }

  /** Resolves once so many streams play. */
  async players(count: number): Promise<void> {
    while (this.#players < count) {
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  async *play(signal: AbortSignal): AsyncGenerator<Message, void, undefined> {
    const cut = this.#cut.signal;
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    let next = Math.max(0, this.#written.length - 1);
    this.#players += 1;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
    try {
      while (!signal.aborted && !cut.aborted) {
        const message = this.#written[next];
        if (message === undefined) {
          await new Promise<void>((resolve) => this.#waiting.add(resolve));
          continue;
        }
        next += 1;
        yield message;
      }
    } finally {
      this.#players -= 1;
      signal.removeEventListener('abort', wake);
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
