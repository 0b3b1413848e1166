// Measures the production cores on the events for which a model of the protocol gave figures, and prints
// both. The same seeds give the same numbers. Exits 1 where nothing came of a run.
import { parseArgs } from 'node:util';
import { CASES, measureOnce, type Row, type Values } from './figures-case.ts';
import type { Preset } from './figures-plan.ts';
import { STORM_ROWS, weatherStorm } from './figures-storm.ts';
import { describeFigures, type Figure, figureOf } from './figures-table.ts';

/** The most runs of a case at a time. */
const RUNS_MAX = 100_000;

const PRESETS: readonly Preset[] = ['default', 'fast'];

const USAGE = `usage: node test/sim/figures.ts [--runs COUNT] [--from SEED] [--preset default|fast]
                                [-o table|json] [NAME...]
       node test/sim/figures.ts --seed N [--preset default|fast] NAME
A NAME is a figure's, or its beginning. The second form prints what happened in one run.`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    preset: { type: 'string' },
    output: { type: 'string', short: 'o', default: 'table' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Rows that are measured together. */
interface Group {
  readonly rows: readonly Row[];
  readonly once: (seed: number, preset: Preset) => Values;
  /** A run of which nothing came is a fault, not one that had nothing to measure. */
  readonly owes: boolean;
}

const GROUPS: readonly Group[] = [
  ...CASES.map((one) => ({
    rows: one.rows,
    once: (seed: number, preset: Preset) =>
      measureOnce(one, { seed, preset, traced: false }).values,
    owes: true,
  })),
  { rows: STORM_ROWS, once: weatherStorm, owes: false },
];

function isWanted({ name }: Row): boolean {
  return positionals.length === 0 || positionals.some((wanted) => name.startsWith(wanted));
}

function measure({ rows, once, owes }: Group, preset: Preset, runs: number, from: number) {
  const all = rows.map(() => ({ values: [] as number[], missing: 0 }));
  for (let seed = from; seed < from + runs; seed += 1) {
    const values = attempt(() => once(seed, preset));
    for (const [index, one] of all.entries()) {
      const value = values?.[index];
      if (value !== undefined) one.values.push(value);
      else if (owes || values === undefined) one.missing += 1;
    }
  }
  return rows.map((row, index) =>
    figureOf(row, preset, all[index]?.values ?? [], all[index]?.missing ?? 0),
  );
}

/** A run that breaks a promise spoils one value, not all of them. */
function attempt(run: () => Values): Values | undefined {
  try {
    return run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

function printAll(presets: readonly Preset[], runs: number, from: number): void {
  const figures: Figure[] = [];
  for (const group of GROUPS) {
    if (!group.rows.some(isWanted)) continue;
    for (const preset of presets) figures.push(...measure(group, preset, runs, from));
  }
  const wanted = figures.filter(isWanted);
  if (options.output === 'json') console.log(JSON.stringify(wanted, undefined, 2));
  else console.log(describeFigures(wanted));
  process.exitCode = wanted.every(({ missing }) => missing === 0) ? 0 : 1;
}

function printOne(preset: Preset, seed: number): void {
  const found = CASES.find(({ rows }) => rows.some(isWanted));
  if (found === undefined || positionals.length === 0) {
    refuse();
    return;
  }
  const { values, trace } = measureOnce(found, { seed, preset, traced: true });
  for (const line of trace) console.log(line);
  for (const [index, { name }] of found.rows.entries()) {
    console.log(`${name}: ${values[index]?.toFixed(1) ?? 'nothing came of it'}`);
  }
}

function refuse(): void {
  console.error(USAGE);
  process.exitCode = 2;
}

function main(): void {
  const numbers = [options.runs, options.from, options.seed ?? '1'].map(Number);
  const [runs = 0, from = 0, seed = 0] = numbers;
  const presets = PRESETS.filter((one) => (options.preset ?? one) === one);
  const [preset] = presets;
  const known = GROUPS.some(({ rows }) => rows.some(isWanted));
  if (options.help) console.log(USAGE);
  else if (preset === undefined || !known) refuse();
  else if (!numbers.every(Number.isSafeInteger) || runs < 1 || runs > RUNS_MAX) refuse();
  else if (!['table', 'json'].includes(options.output)) refuse();
  else if (options.seed !== undefined) printOne(preset, seed);
  else printAll(presets, runs, from);
}

main();
