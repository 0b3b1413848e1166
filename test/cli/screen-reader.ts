// A window that can be read: it understands the few sequences that the live view writes, and keeps
// what was written since it was asked last.
import type { Screen } from '../../services/admin-cli/src/terminal.ts';

const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  /\u001b\[(\??[\d;]*)([A-Za-z])/y;

/** A window of a fixed size. */
export class ScreenReader implements Screen {
  readonly #rows: number;
  readonly #columns: number;
  #lines: string[];
  #row = 0;
  #column = 0;
  #written = '';
  #handlers: { key(key: string): void; resized(): void } | undefined;
  /** Private modes that are on: 1049 the other page, 25 the cursor, 7 wrapping. */
  readonly modes = new Set(['25', '7']);
  readonly #waiting = new Set<() => void>();

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#lines = Array.from({ length: rows }, () => '');
  }

  /** What can be read in it, without blanks at the ends. */
  get text(): string {
    return this.#lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Whether somebody takes its keys. */
  get listening(): boolean {
    return this.#handlers !== undefined;
  }

  /** How many characters were written since this was asked last. */
  takeWritten(): number {
    const { length } = this.#written;
    this.#written = '';
    return length;
  }

  /** Types a key. */
  type(key: string): void {
    this.#handlers?.key(key);
  }

  /** Resolves once the text can be read. */
  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  size(): { columns: number; rows: number } {
    return { columns: this.#columns, rows: this.#rows };
  }

  listen(handlers: { key(key: string): void; resized(): void }): () => void {
    this.#handlers = handlers;
    return () => {
      this.#handlers = undefined;
    };
  }

  write(text: string): void {
    this.#written += text;
    for (let at = 0; at < text.length; ) {
      SEQUENCE.lastIndex = at;
      const match = SEQUENCE.exec(text);
      if (match === null) {
        this.#put(text.charAt(at));
        at += 1;
      } else {
        this.#obey(match[1] ?? '', match[2] ?? '');
        at += match[0].length;
      }
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #put(character: string): void {
    if (this.#row >= this.#rows) throw new Error(`row ${this.#row} is below the window`);
    if (this.#column >= this.#columns) throw new Error(`column ${this.#column} is beside it`);
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
    this.#column += 1;
  }

  #obey(parameters: string, command: string): void {
    switch (command) {
      case 'H': {
        const [row = 1, column = 1] = parameters.split(';').map(Number);
        [this.#row, this.#column] = [row - 1, column - 1];
        break;
      }
      case 'J':
        this.#lines = this.#lines.map(() => '');
        break;
      case 'K':
        this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column);
        break;
      case 'h':
        this.modes.add(parameters.slice(1));
        break;
      case 'l':
        this.modes.delete(parameters.slice(1));
        break;
      case 'm':
        break;
      default:
        throw new Error(`a sequence that no view should need: ${parameters}${command}`);
    }
  }
}
