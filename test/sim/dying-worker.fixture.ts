// A worker of a campaign that dies over every third seed, and finds every other one in order.
import { simulate } from './simulate.ts';

/** A run so short that it costs nothing. */
const MOMENT = 1;

process.on('message', (seed: number) => {
  if (seed % 3 === 0) process.kill(process.pid, 'SIGKILL');
  const {
    trace: _trace,
    taken: _taken,
    ...result
  } = simulate(seed, {
    traced: false,
    excerpt: { only: [], stormLasts: MOMENT },
  });
  process.send?.({ ...result, cost: 1 });
});
