// Figures as numbers and as text: p50, p99 and the worst of each row, with what the model gave beside it.
import type { Row } from './figures-case.ts';
import { MODEL_FIGURES, type ModelFigure } from './figures-model.ts';
import type { Preset } from './figures-plan.ts';

/** p50, p99 and worst of something, as far as they are known. */
export type Triple = Readonly<Partial<Record<(typeof QUANTILES)[number], number>>>;

const QUANTILES = ['p50', 'p99', 'worst'] as const;

/** One row, measured. */
export interface Figure extends Row {
  readonly preset: Preset;
  /** How many values it is of. */
  readonly count: number;
  /** How often nothing came of it. */
  readonly missing: number;
  readonly measured: Triple;
  readonly model: ModelFigure;
  /** By how much the measured exceeds the model's, in percent of that. */
  readonly difference: Triple;
}

/** Makes a figure of the values of one row. */
export function figureOf(
  row: Row,
  preset: Preset,
  values: readonly number[],
  missing: number,
): Figure {
  const model = MODEL_FIGURES[preset][row.name] ?? {};
  const sign = row.worst === 'most' ? 1 : -1;
  const sorted = values.toSorted((one, other) => sign * (one - other));
  const measured =
    sorted.length === 0
      ? {}
      : { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), worst: quantile(sorted, 1) };
  const difference: Record<string, number> = {};
  for (const name of QUANTILES) {
    const [ours, theirs] = [measured[name], model[name]];
    if (ours !== undefined && theirs !== undefined) difference[name] = (ours / theirs - 1) * 100;
  }
  return { ...row, preset, count: values.length, missing, measured, model, difference };
}

/** The value that a share of a list keeps; the list is sorted, the good end first, and not empty. */
export function quantile(sorted: readonly number[], share: number): number {
  const index = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}

const HEADINGS = ['figure', 'times', 'runs', 'p50', 'p99', 'worst', 'model', 'difference'] as const;

/** All figures as a table for people, each with what is measured below it. */
export function describeFigures(figures: readonly Figure[]): string {
  const lines = figures.map((figure) => [
    figure.name,
    figure.preset,
    String(figure.count),
    ...QUANTILES.map((name) => milliseconds(figure.measured[name])),
    three(figure.model, milliseconds),
    three(figure.difference, percent),
  ]);
  const table = [[...HEADINGS], ...lines];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...table.map((cells) => cells[column]?.length ?? 0)),
  );
  const text = table.map((cells) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 2 ? cell.padEnd(width) : cell.padStart(width);
    });
    return padded.join('  ').trimEnd();
  });
  const [heading = '', ...rows] = text;
  const explained = rows.flatMap((row, index) => [row, `    ${remark(figures[index])}`]);
  return [heading, ...explained].join('\n');
}

function remark(figure: Figure | undefined): string {
  if (figure === undefined) return '';
  const missing = figure.missing === 0 ? '' : `; NOTHING CAME OF IT ${figure.missing} times`;
  return `${figure.what}${missing}`;
}

function three(triple: Triple, write: (value: number | undefined) => string): string {
  return QUANTILES.map((name) => write(triple[name])).join(' / ');
}

function milliseconds(value: number | undefined): string {
  if (value === undefined) return '-';
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function percent(value: number | undefined): string {
  if (value === undefined) return '-';
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(0)} %`;
}
