// One line on standard error that says how far things are: redrawn in place where a person
// watches, else a line for each change.
import { neutral } from './render/neutral.ts';
import type { Terminal } from './terminal.ts';

const COLUMNS_DEFAULT = 80;

/** Begins with nothing shown. */
export class LiveLine {
  readonly #terminal: Terminal;
  #shown = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows this instead of what was shown. */
  show(text: string): void {
    const clean = neutral(text);
    if (clean === this.#shown) return;
    this.#shown = clean;
    const { watched, screen } = this.#terminal;
    if (!watched) {
      this.#terminal.err(`${clean}\n`);
      return;
    }
    const columns = (screen?.size().columns ?? COLUMNS_DEFAULT) - 1;
    const fitting = clean.length > columns ? `${clean.slice(0, columns - 1)}…` : clean;
    this.#terminal.err(`\r\u001b[K${fitting}`);
  }

  /** Leaves an empty line behind where it was redrawn in place. */
  clear(): void {
    if (this.#shown !== '' && this.#terminal.watched) this.#terminal.err('\r\u001b[K');
    this.#shown = '';
  }
}
