// A process that runs the seeds it is given, one after the other, and says what came of each.
import { simulate } from './simulate.ts';
import type { Summary } from './tally.ts';

/** Runs a seed and takes the processor time that it costs. */
function runSeed(seed: number): Summary {
  const before = process.cpuUsage();
  const { trace: _trace, taken: _taken, ...result } = simulate(seed, { traced: false });
  const { user, system } = process.cpuUsage(before);
  return { ...result, cost: (user + system) / 1_000 };
}

if (process.send !== undefined) {
  // An interrupt of the terminal reaches the whole group: the parent ends its workers itself.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
  process.on('message', (seed: number) => process.send?.(runSeed(seed)));
}
