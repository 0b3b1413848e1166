// What the end of a script means, in the original's exit codes: 0 is success, 90 to 93 from `status`
// are the truth about the service, everything else is a failure.
import { describeDuration } from '@koi/lib/time';
import type { Action, ScriptEnd } from './input.ts';

/** What a service learns from the end of its script. `told`: `failed` has run, whatever its end. */
export type Outcome =
  | 'succeeded'
  | 'failed'
  | 'cut-short'
  /** It has ended while no runner was there to see how (M6). */
  | 'unknown'
  | 'told'
  | 'found-promoted'
  | 'found-standby'
  | 'found-stopped'
  | 'found-live';

const STATUS_CODES: ReadonlyMap<number, Outcome> = new Map([
  [0, 'succeeded'],
  [90, 'found-promoted'],
  [91, 'found-standby'],
  [92, 'found-stopped'],
  [93, 'found-live'],
]);

/** Sorts the end of a script into what its service makes of it. */
export function outcomeOf(action: Action, end: ScriptEnd): Outcome {
  // Nothing depends on how `failed` ends: it is told, it is not asked.
  if (action === 'failed') return 'told';
  if (end.kind === 'cut-short' || end.kind === 'unknown') return end.kind;
  // Nobody has looked; whether anybody has to, the folder tells.
  if (end.kind === 'gone' && action === 'status') return 'cut-short';
  if (end.kind !== 'exited') return 'failed';
  if (action === 'status') return STATUS_CODES.get(end.code) ?? 'failed';
  return end.code === 0 ? 'succeeded' : 'failed';
}

/** The end of a script as half a sentence: "start exited with code 3". */
export function describeEnd(action: Action, end: ScriptEnd): string {
  switch (end.kind) {
    case 'exited':
      return `${action} exited with code ${end.code}`;
    case 'signalled':
      return `${action} was ended by ${end.signal}`;
    case 'timed-out':
      return `${action} was ended because it ran longer than ${describeDuration(end.after)}`;
    case 'cut-short':
      return `${action} was cut short`;
    case 'unknown':
      return `${action} has ended unseen: ${end.reason}`;
    case 'gone':
    case 'not-started':
      return `${action} could not be started: ${end.reason}`;
  }
}
