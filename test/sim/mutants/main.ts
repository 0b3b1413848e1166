// `npm run sim:mutants`: makes every mutant, runs it into its trap, and prints the table. Ends well only
// where all are caught and the unchanged code passes the same runs.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { breach, type Mutant, type Trap } from './mutant.ts';
import { MutantCopy } from './mutant-copy.ts';
import { killChildren, type MutantResult, runMutant, tryOut } from './mutant-run.ts';
import { MUTANTS } from './mutant-table.ts';

/** How long a search for one mutant may take, in milliseconds. */
const SEARCH_MAX = 600_000;

/** How many seeds a search wants. */
const SEEDS_WANTED = 3;

/** How many seeds of the unchanged code one worker runs at a time. */
const BATCH = 10;

/** Longer violations are cut: what broke is said first. */
const VIOLATION_CHARACTERS_MAX = 160;

const USAGE = `usage: npm run sim:mutants -- [--only TEXT]... [--workers COUNT] [--search SEEDS [--from N]]
  --only TEXT     mutants whose rule and name contain TEXT; may be given again
  --workers COUNT how many at a time; all cores of the machine unless said otherwise
  --search SEEDS  runs each mutant into so many seeds, and names the first that catch it`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    workers: { type: 'string' },
    search: { type: 'string' },
    from: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

const copies: MutantCopy[] = [];

/** Lets every worker, each with a copy of its own, take one job after the other. */
async function share<Job>(
  jobs: readonly Job[],
  work: (job: Job, copy: MutantCopy) => Promise<void>,
): Promise<void> {
  const waiting = [...jobs];
  const count = Math.min(Number(values.workers ?? availableParallelism()), jobs.length);
  while (copies.length < count) copies.push(await MutantCopy.make());
  const workers = copies.slice(0, count).map(async (copy) => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await work(job, copy);
  });
  await Promise.all(workers);
}

function sayRow(mutant: Mutant, result: MutantResult): void {
  const { verdict, text, violation, seconds } = result;
  const kept = mutant.cover === undefined ? '' : ' (with its cover gone)';
  const what =
    violation.length > VIOLATION_CHARACTERS_MAX
      ? `${violation.slice(0, VIOLATION_CHARACTERS_MAX)} ...`
      : violation;
  console.log(`${verdict.padEnd(12)} ${mutant.rule.padEnd(3)} ${mutant.name}${kept}`);
  console.log(`${' '.repeat(17)}${text}, ${seconds.toFixed(1)} s${what === '' ? '' : `: ${what}`}`);
}

/** The runs that the mutants are caught in, each once. */
function unionOf(mutants: readonly Mutant[]): readonly Trap[] {
  const stories = new Set<string>();
  const seeds = new Set<number>();
  for (const { trap } of mutants) {
    if ('scenario' in trap) {
      stories.add(trap.scenario);
      continue;
    }
    const { from, count } = trap.seeds;
    for (let seed = from; seed < from + count; seed += 1) seeds.add(seed);
  }
  const traps: Trap[] = [...stories].map((scenario) => ({ scenario }));
  let batch = { from: 0, count: 0 };
  for (const seed of [...seeds].sort((a, b) => a - b)) {
    if (seed === batch.from + batch.count && batch.count < BATCH) {
      batch.count += 1;
      continue;
    }
    batch = { from: seed, count: 1 };
    traps.push({ seeds: batch });
  }
  return traps;
}

/** The unchanged code in the same runs. Returns whether nothing broke. */
async function passUnchanged(mutants: readonly Mutant[]): Promise<boolean> {
  let runs = 0;
  const wrong: string[] = [];
  await share(unionOf(mutants), async (trap, copy) => {
    // Whatever breaks is reported: no run ends the others.
    const order = {
      trap,
      promise: 'a cluster comes back',
      enough: Number.MAX_SAFE_INTEGER,
    } as const;
    const { lines, late } = await tryOut(copy, order);
    runs += lines.length;
    if (late) wrong.push(`${JSON.stringify(trap)}: out of time`);
    for (const { run, broken, breakdown } of lines) {
      const found = [...broken, breakdown ?? []].flat();
      wrong.push(...found.map((text) => `${run}: ${text}`));
    }
  });
  console.log(`unchanged code: ${runs} runs, ${wrong.length} broken promises`);
  for (const line of wrong) console.log(`  ${line}`);
  return wrong.length === 0;
}

async function table(mutants: readonly Mutant[]): Promise<boolean> {
  const began = performance.now();
  const sound = await passUnchanged(mutants);
  let caught = 0;
  await share(mutants, async (mutant, copy) => {
    const result = await runMutant(mutant, copy);
    sayRow(mutant, result);
    if (result.verdict === 'caught') caught += 1;
  });
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  const kept = mutants.filter(({ cover }) => cover !== undefined);
  for (const { name, cover } of kept)
    console.log(`kept beside its cover: ${name}. ${cover?.argument}`);
  console.log(
    `${caught} of ${mutants.length} mutants caught, ${kept.length} of the rules have a cover, ` +
      `the unchanged code ${sound ? 'passes' : 'FAILS'}, ${seconds} s`,
  );
  return caught === mutants.length && sound;
}

/** For whoever changes the storms: which seeds catch a mutant now. */
async function search(mutants: readonly Mutant[], count: number): Promise<void> {
  const trap = { seeds: { from: Number(values.from), count } };
  await share(mutants, async (mutant, copy) => {
    const { rule, name, edits, cover, promise } = mutant;
    const misfit = await copy.apply([...edits, ...(cover?.edits ?? [])]);
    if (misfit !== undefined) console.log(`not applied: ${misfit}`);
    const { lines } = await tryOut(copy, { trap, promise, enough: SEEDS_WANTED }, SEARCH_MAX);
    console.log(`${rule} ${name}: ${lines.length} runs`);
    for (const line of lines) {
      const violation = breach(line, promise);
      if (violation !== undefined) console.log(`  seed ${line.run}: ${violation}`);
      else for (const text of line.broken) console.log(`  only ${line.run}: ${text}`);
    }
  });
}

async function main(): Promise<number> {
  const chosen = MUTANTS.filter(({ name, rule }) =>
    values.only.some((text) => `${rule} ${name}`.includes(text)),
  );
  if (values.help || chosen.length === 0) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  if (values.search === undefined) return (await table(chosen)) ? 0 : 1;
  await search(chosen, Number(values.search));
  return 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killChildren();
    process.exit(1);
  });
}

process.exitCode = await main();
