// Rows of cells in aligned columns, and branches before them.
import type { Paint, Tone } from './paint.ts';

/** A text with its meaning. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** A cell. */
export function cell(text: string, tone: Tone = 'plain'): Cell {
  return { text, tone };
}

/** Each row as one line; columns are as wide as their widest text, nothing trails. */
export function alignColumns(rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, { text }] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, text.length);
    }
  }
  // A column that is empty in every row takes no room.
  const used = widths.map((width) => width > 0);
  return rows.map((row) =>
    row
      .map(({ text, tone }, index) => {
        const filler = ' '.repeat((widths[index] ?? 0) - text.length);
        return paint(tone, text) + filler;
      })
      .filter((_, index) => used[index])
      .join('  ')
      .trimEnd(),
  );
}

/** One entry of a tree: its own line and the lines below it. */
export interface Branch {
  readonly line: string;
  readonly below: readonly string[];
}

/** Entries with their branches drawn before them. */
export function drawBranches(branches: readonly Branch[]): string[] {
  return branches.flatMap(({ line, below }, index) => {
    const last = index === branches.length - 1;
    return [
      `${last ? '└─' : '├─'} ${line}`,
      ...below.map((text) => `${last ? '  ' : '│ '} ${text}`),
    ];
  });
}
