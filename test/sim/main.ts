// The simulator's command line: runs seeds on all cores of the machine, or one seed with its trace. A
// broken promise prints the command that shows it again.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Result, simulate } from './simulate.ts';

/** How many seeds a worker runs before it asks for more. */
const BATCH = 5;

const USAGE = `usage: node test/sim/main.ts [--seeds COUNT | --seconds SECONDS | --seed N [--trace]]
                             [--from N] [--workers COUNT] [--failures COUNT]`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    seeds: { type: 'string' },
    seconds: { type: 'string' },
    from: { type: 'string' },
    workers: { type: 'string' },
    failures: { type: 'string', default: '20' },
    help: { type: 'boolean', default: false },
  },
});

type Summary = Omit<Result, 'trace'>;

/** What all runs came to. */
class Tally {
  readonly #began = performance.now();
  runs = 0;
  simulated = 0;
  faults = 0;
  failovers = 0;
  terms = 0;
  orders = 0;
  violations: Summary[] = [];

  add(result: Summary): void {
    this.runs += 1;
    this.simulated += result.simulated;
    this.faults += result.faults;
    this.failovers += result.failovers;
    this.terms += result.terms;
    this.orders += result.orders;
    if (result.violation === undefined) return;
    this.violations.push(result);
    console.log(`seed ${result.seed}: ${result.violation}`);
    console.log(`  node test/sim/main.ts --seed ${result.seed} --trace`);
  }

  print(workers: number): void {
    const seconds = (performance.now() - this.#began) / 1_000;
    const hours = (this.simulated / 3_600_000).toFixed(2);
    const speed = Math.round(this.simulated / 1_000 / seconds / workers);
    console.log(
      `${this.runs} runs, ${hours} cluster-hours in ${seconds.toFixed(0)} s, ` +
        `${speed} simulated seconds a second and worker`,
    );
    console.log(
      `${this.faults} effective faults, ${this.terms} leaderships, ${this.failovers} promotions ` +
        `of a new epoch, ${this.orders} orders answered, ${this.violations.length} violations`,
    );
  }
}

function runOne(seed: number): void {
  const tally = new Tally();
  const result = simulate(seed, { traced: values.trace });
  for (const line of result.trace) console.log(line);
  tally.add(result);
  tally.print(1);
  process.exitCode = result.violation === undefined ? 0 : 1;
}

function work(): void {
  process.on('message', (seeds: number[]) => {
    for (const seed of seeds) {
      const { trace: _trace, ...summary } = simulate(seed, { traced: false });
      process.send?.(summary);
    }
    process.send?.('more');
  });
}

function runMany(): void {
  const workers = Number(values.workers ?? availableParallelism());
  const first = Number(values.from ?? 1);
  const count = values.seeds === undefined ? Number.POSITIVE_INFINITY : Number(values.seeds);
  const until = values.seconds === undefined ? undefined : Number(values.seconds) * 1_000;
  const failuresMax = Number(values.failures);
  const began = performance.now();
  const tally = new Tally();
  let next = first;
  const exhausted = () =>
    next >= first + count ||
    tally.violations.length >= failuresMax ||
    (until !== undefined && performance.now() - began > until);
  let busy = workers;
  for (let index = 0; index < workers; index += 1) {
    const child = fork(fileURLToPath(import.meta.url), [], {
      env: { ...process.env, KOI_SIM_WORKER: '1' },
    });
    const give = () => {
      if (exhausted()) {
        child.disconnect();
        busy -= 1;
        if (busy > 0) return;
        tally.print(workers);
        process.exitCode = tally.violations.length === 0 ? 0 : 1;
        return;
      }
      const batch: number[] = [];
      while (batch.length < BATCH && next < first + count) batch.push(next++);
      child.send(batch);
    };
    child.on('message', (message: Summary | 'more') => {
      if (message === 'more') give();
      else tally.add(message);
    });
    give();
  }
}

if (process.env['KOI_SIM_WORKER'] === '1') work();
else if (values.help) console.log(USAGE);
else if (values.seed !== undefined) runOne(Number(values.seed));
else if (values.seeds !== undefined || values.seconds !== undefined) runMany();
else {
  console.error(USAGE);
  process.exitCode = 2;
}
