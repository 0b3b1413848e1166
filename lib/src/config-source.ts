// A configuration's text as YAML, and where in it each key stands.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { ConfigProblem } from './config-error.ts';

/** Keys and list positions from the root to a value. */
export type KeyPath = readonly (string | number)[];

/** Written as a person names it: `electors[1].address`. */
export function writePath(path: KeyPath): string {
  let written = '';
  for (const step of path) {
    if (typeof step === 'number') written += `[${step}]`;
    else written += written === '' ? step : `.${step}`;
  }
  return written;
}

/** A parsed file that knows its places. */
export class ConfigSource {
  readonly file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(text: string, file: string) {
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
  }

  /** Whether the text is YAML at all; a key given twice is a problem, but the rest can be read. */
  get readable(): boolean {
    return this.#document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  }

  /** What the YAML itself has wrong. */
  get problems(): ConfigProblem[] {
    return [...this.#document.errors, ...this.#document.warnings].map((error) =>
      this.#syntaxProblem(error),
    );
  }

  /** The content as plain values. Throws where aliases nest beyond the parser's bound. */
  read(): unknown {
    return this.#document.toJS();
  }

  /** Whether a key is written in the file. */
  has(path: KeyPath): boolean {
    return this.#find(path).whole;
  }

  /**
   * A problem with the value at a path, or, where nothing is written there, with what is around it.
   */
  atValue(path: KeyPath, text: string): ConfigProblem {
    const { value, key, whole } = this.#find(path);
    return this.#problem((whole ? value : undefined) ?? key ?? value, path, text);
  }

  /** A problem with the key itself. */
  atKey(path: KeyPath, text: string): ConfigProblem {
    const { key, value } = this.#find(path);
    return this.#problem(key ?? value, path, text);
  }

  /** The line on which the value at a path stands. */
  lineOf(path: KeyPath): number {
    return this.atValue(path, '').line;
  }

  #problem(node: Node | undefined, path: KeyPath, text: string): ConfigProblem {
    const place = this.#lines.linePos(node?.range?.[0] ?? 0);
    return {
      file: this.file,
      line: Math.max(1, place.line),
      column: Math.max(1, place.col),
      key: writePath(path),
      text,
    };
  }

  /** Follows a path as far as it is written; `key` and `value` are the last ones reached. */
  #find(path: KeyPath): { key: Node | undefined; value: Node | undefined; whole: boolean } {
    let key: Node | undefined;
    let value = this.#resolve(this.#document.contents);
    for (const step of path) {
      const pair: Pair | undefined = isMap(value)
        ? value.items.findLast((item) => isScalar(item.key) && String(item.key.value) === step)
        : undefined;
      const item = isSeq(value) && typeof step === 'number' ? value.items[step] : pair?.value;
      if (pair === undefined && item === undefined) return { key, value, whole: false };
      key = isNode(pair?.key) ? pair.key : undefined;
      value = this.#resolve(item);
    }
    return { key, value, whole: true };
  }

  #resolve(node: unknown): Node | undefined {
    if (isAlias(node)) return node.resolve(this.#document);
    return isNode(node) ? node : undefined;
  }

  #syntaxProblem(error: YAMLError): ConfigProblem {
    const place = this.#lines.linePos(error.pos[0]);
    const twice = error.code === 'DUPLICATE_KEY';
    return {
      file: this.file,
      line: place.line,
      column: place.col,
      key: twice ? this.#keyAt(error.pos[0]) : '',
      text: twice ? 'is given twice: keep one of them' : `is not YAML here: ${error.message}`,
    };
  }

  /** The full key that starts at an offset of the text. */
  #keyAt(offset: number): string {
    let found = '';
    visit(this.#document, {
      Pair: (_, pair, ancestors) => {
        if (!isScalar(pair.key) || pair.key.range?.[0] !== offset) return undefined;
        const path: (string | number)[] = [];
        const chain = [...ancestors, pair];
        for (const [index, node] of chain.entries()) {
          if (isSeq(node)) path.push(node.items.indexOf(chain[index + 1]));
          else if (!isMap(node) && !isNode(node) && 'key' in node && isScalar(node.key)) {
            path.push(String(node.key.value));
          }
        }
        found = writePath(path);
        return visit.BREAK;
      },
    });
    return found;
  }
}
