// What a command says to people, as a structure: lines, aligned tables, trees. Nothing else draws
// or colours, and every text is made harmless here.
import { neutral } from './neutral.ts';
import type { Paint, Tone } from './paint.ts';

/** A text with its meaning. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** A row of a table, and what hangs below it. */
export interface Row {
  readonly cells: readonly Span[];
  readonly below?: Page;
}

/** A piece of a page. */
export type Block =
  | { readonly kind: 'line'; readonly spans: readonly Span[] }
  | { readonly kind: 'table'; readonly rows: readonly Row[]; readonly branches: boolean };

/** An answer, from top to bottom. */
export type Page = readonly Block[];

/** One line of the screen. */
export type Line = readonly Span[];

/** A text with its meaning. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** A line of texts. */
export function line(...spans: readonly (Span | string)[]): Block {
  return {
    kind: 'line',
    spans: spans.map((part) => (typeof part === 'string' ? span(part) : part)),
  };
}

/** Rows in aligned columns. */
export function table(rows: readonly Row[]): Block {
  return { kind: 'table', rows, branches: false };
}

/** Rows in aligned columns with branches before them. */
export function tree(rows: readonly Row[]): Block {
  return { kind: 'table', rows, branches: true };
}

/** A page as text, with a final newline. */
export function writePage(page: Page, paint: Paint): string {
  return layOut(page)
    .map((spans) => `${writeLine(spans, paint)}\n`)
    .join('');
}

/** A line as text. */
export function writeLine(spans: Line, paint: Paint): string {
  return spans.map(({ tone, text }) => paint(tone, text)).join('');
}

/** The lines of a page: columns aligned, branches drawn, nothing trails. */
export function layOut(page: Page): readonly Line[] {
  return page.flatMap((block) =>
    block.kind === 'line' ? [trimmed(block.spans.map(harmless))] : layOutTable(block),
  );
}

/** The line, cut to so many columns; a cut is shown. */
export function cutLine(spans: Line, columns: number): Line {
  let left = columns;
  const kept: Span[] = [];
  const length = spans.reduce((sum, { text }) => sum + text.length, 0);
  if (length <= columns) return spans;
  for (const { text, tone } of spans) {
    if (left <= 1) break;
    kept.push(span(text.slice(0, left - 1), tone));
    left -= text.length;
  }
  return [...kept, span('…', 'quiet')];
}

/** The line as several, broken at blanks where the window ends; later ones are indented. */
export function foldLine(spans: Line, columns: number): readonly Line[] {
  const lines: Span[][] = [[]];
  let used = 0;
  for (const { text, tone } of spans) {
    for (const word of text.split(/(?<= )/)) {
      if (used > INDENT && used + word.trimEnd().length > columns) {
        lines.push([span(' '.repeat(INDENT))]);
        used = INDENT;
      }
      lines.at(-1)?.push(span(word, tone));
      used += word.length;
    }
  }
  return lines.map(trimmed);
}

const INDENT = 2;

function layOutTable({ rows, branches }: Block & { readonly kind: 'table' }): readonly Line[] {
  const lines = alignColumns(rows.map(({ cells }) => cells.map(harmless)));
  return rows.flatMap(({ below = [] }, index) => {
    const last = index === rows.length - 1;
    const own = lines[index] ?? [];
    const hanging = layOut(below);
    if (!branches) return [own, ...hanging.map((spans) => [span('  '), ...spans])];
    const trunk = span(last ? '   ' : '│  ');
    return [
      [span(last ? '└─ ' : '├─ '), ...own],
      ...hanging.map((spans) => trimmed([trunk, ...spans])),
    ];
  });
}

/** Each row as one line; a column that is empty in every row takes no room. */
function alignColumns(rows: readonly (readonly Span[])[]): readonly Line[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, { text }] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, text.length);
    }
  }
  return rows.map((row) =>
    trimmed(
      row.flatMap((cell, index) => {
        const width = widths[index] ?? 0;
        return width === 0 ? [] : [cell, span(' '.repeat(width - cell.text.length + 2))];
      }),
    ),
  );
}

function harmless({ text, tone }: Span): Span {
  return { text: neutral(text), tone };
}

/** Without blanks at the end. */
function trimmed(spans: Line): Line {
  const last = spans.at(-1);
  if (last === undefined) return spans;
  const text = last.text.trimEnd();
  if (text === last.text && text !== '') return spans;
  return text === ''
    ? trimmed(spans.slice(0, -1))
    : [...spans.slice(0, -1), { text, tone: last.tone }];
}
