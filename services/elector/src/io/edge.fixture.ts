// What tests of the elector's edge share: a clock, a silent log, a wait with a bound.
import { createClock } from '@koi/lib/clock';
import { createLog, type Log } from '@koi/lib/log';
import { createRepetition } from '@koi/lib/repetition';

export const clock = createClock();

/** Bound of every wait of a test, in milliseconds. */
export const WAIT_MAX = 10_000;

/** A log that nobody reads, and what would have been written to it. */
export function quietLog(): { log: Log; fresh: (sentence: string) => boolean; said: string[] } {
  const log = createLog('koi-test', 'test');
  log.level = 'silent';
  const said: string[] = [];
  const first = createRepetition(clock);
  const fresh = (sentence: string) => {
    said.push(sentence);
    return first(sentence);
  };
  return { log, fresh, said };
}

/** Waits until something holds. Throws where it does not come to pass in time. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = clock.now() + WAIT_MAX;
  while (!condition()) {
    if (clock.now() > deadline) throw new Error(`it did not come to pass within ${WAIT_MAX} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
