// Makes a mutant in a scratch copy, has the compiler look at it, and runs it into its trap.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  breach,
  type Edit,
  type Mutant,
  type Trap,
  type TrialLine,
  type TrialOrder,
} from './mutant.ts';
import { MutantCopy } from './mutant-copy.ts';

/** How long the runs of one mutant may take, in milliseconds. */
const TRIAL_MAX = 90_000;

/** How long the checker of types may take. */
const CHECK_MAX = 60_000;

/** What came of a mutant. */
export interface MutantResult {
  readonly verdict: 'caught' | 'survived' | 'not applied' | 'not compiled';
  /** By which seed or story, or why not. */
  readonly text: string;
  /** What broke; empty: nothing of what should. */
  readonly violation: string;
  readonly seconds: number;
}

/** Children that are under way, for an end in a hurry. */
const children = new Set<ChildProcess>();

/** Ends whatever runs. */
export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

interface Ended {
  /** Null: it was ended, for its time was over. */
  readonly code: number | null;
  readonly output: string;
}

function run(cwd: string, args: readonly string[], timeout: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout, killSignal: 'SIGKILL' } as const;
    const child = spawn(process.execPath, args, options);
    children.add(child);
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', (code) => {
      children.delete(child);
      resolve({ code, output });
    });
  });
}

/** Has the compiler look at a copy. Returns what it objects to; undefined: nothing. */
async function objection({ path }: MutantCopy): Promise<string | undefined> {
  const compiler = join(path, 'node_modules/typescript/bin/tsc');
  // What a mutant no longer uses is no fault of it.
  const lenient = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
  const args = [compiler, '-p', 'tsconfig.json', ...lenient];
  const { code, output } = await run(path, args, CHECK_MAX);
  return code === 0 ? undefined : `${output.split('\n')[0]} (exit ${code})`;
}

/** Runs a trap in a copy as it is now. */
export async function tryOut(
  { path }: MutantCopy,
  order: TrialOrder,
  timeout = TRIAL_MAX,
): Promise<{ readonly lines: readonly TrialLine[]; readonly late: boolean }> {
  const trial = join(path, 'test/sim/mutants/mutant-trial.ts');
  const { code, output } = await run(path, [trial, JSON.stringify(order)], timeout);
  if (code !== null && code !== 0) throw new Error(output);
  // One that was ended for its time may have left half a line.
  const whole = output.split('\n').slice(0, -1);
  return { lines: whole.map((line): TrialLine => JSON.parse(line)), late: code === null };
}

/** Makes a mutant, in a copy of its own unless one is given, and runs it into its trap. */
export async function runMutant(mutant: Mutant, given?: MutantCopy): Promise<MutantResult> {
  const began = performance.now();
  const copy = given ?? (await MutantCopy.make());
  try {
    const found = (await checkCover(mutant, copy)) ?? (await spring(mutant, copy));
    return { ...found, seconds: (performance.now() - began) / 1_000 };
  } finally {
    if (given === undefined) copy.remove();
    else await copy.restore();
  }
}

type Found = Omit<MutantResult, 'seconds'>;

function failed(verdict: MutantResult['verdict'], text: string): Found {
  return { verdict, text, violation: '' };
}

/** The first half of the proof of a covered rule: alone it keeps the promise. */
async function checkCover(mutant: Mutant, copy: MutantCopy): Promise<Found | undefined> {
  const { cover, trap, promise } = mutant;
  if (cover === undefined) return undefined;
  const misfit = await change(copy, cover.edits);
  if (misfit !== undefined) return misfit;
  const { lines } = await tryOut(copy, { trap, promise, enough: 1 });
  const early = lines.flatMap((line) => breach(line, promise) ?? [])[0];
  return early === undefined ? undefined : failed('survived', `broken without it: ${early}`);
}

async function change(copy: MutantCopy, edits: readonly Edit[]): Promise<Found | undefined> {
  const misfit = await copy.apply(edits);
  if (misfit !== undefined) return failed('not applied', misfit);
  const complaint = await objection(copy);
  return complaint === undefined ? undefined : failed('not compiled', complaint);
}

async function spring(mutant: Mutant, copy: MutantCopy): Promise<Found> {
  const { edits, cover, trap, promise } = mutant;
  const misfit = await change(copy, [...edits, ...(cover?.edits ?? [])]);
  if (misfit !== undefined) return misfit;
  const { lines, late } = await tryOut(copy, { trap, promise, enough: 1 });
  const last = lines.at(-1);
  const violation = last && breach(last, promise);
  if (last !== undefined && violation !== undefined) {
    return { verdict: 'caught', text: describe(trap, last, lines.length), violation };
  }
  if (late) return failed('survived', `out of time after ${lines.length} runs`);
  const others = lines.flatMap(({ broken, breakdown }) => [...broken, breakdown ?? []].flat());
  const text = others.length === 0 ? 'nothing broke' : `only: ${others.join('; ')}`;
  return failed('survived', `${text} (runs: ${lines.length})`);
}

function describe(trap: Trap, line: TrialLine, runs: number): string {
  if ('scenario' in trap) return `story ${line.run}`;
  const { from, count } = trap.seeds;
  return `seed ${line.run}, run ${runs} of ${count} from seed ${from} on`;
}
