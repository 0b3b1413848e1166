// One test cluster at a time on a machine: two of them on two cores would make each other late, and
// what is measured or expected of time would say nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from '@koi/lib/time';
import { close, listen } from './free-port.ts';

/** No test file holds the machine for longer than this. */
const turnWaitMax: Duration = 280_000;
const turnAskEvery: Duration = 100;

/**
 * Waits until no other test cluster runs on this machine, whoever started it: two of them on two cores
 * would make each other late. Returns what ends the turn. The kernel ends it where we die.
 */
export async function takeTurn(): Promise<() => Promise<void>> {
  const attempts = turnWaitMax / turnAskEvery;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      // An abstract Unix socket: a name without a file that would be left behind.
      const server = await listen({ path: '\0koi-test-cluster' });
      server.unref();
      return () => close(server);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      await sleep(turnAskEvery);
    }
  }
  throw new Error('another test cluster runs on this machine and does not end');
}
