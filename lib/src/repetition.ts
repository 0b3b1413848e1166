// Says the same thing once a minute at most: what goes wrong at each redial would else flood the log.
import type { Clock, Duration, Instant } from './time.ts';

/** How long a sentence is not repeated. */
export const REPETITION_MIN: Duration = 60_000;

/** How many different sentences are remembered; above that the oldest is forgotten. */
export const SENTENCES_MAX = 100;

/** Returns whether a sentence was not said within `REPETITION_MIN`, and counts it as said then. */
export function createRepetition(clock: Clock): (sentence: string) => boolean {
  const said = new Map<string, Instant>();
  return (sentence) => {
    const now = clock.now();
    const last = said.get(sentence);
    if (last !== undefined && now - last < REPETITION_MIN) return false;
    said.delete(sentence);
    said.set(sentence, now);
    const oldest = said.keys().next().value;
    if (said.size > SENTENCES_MAX && oldest !== undefined) said.delete(oldest);
    return true;
  };
}
