// What can happen, in the words of stories: `run until` goes on in the moment in which it does.
import { DEADMAN, ELECTOR, RUNNER } from './scenario-state.ts';

/** What electors say to each other, by the names of the messages. */
const MESSAGES = [
  ...['hello', 'welcome', 'heartbeat', 'leading-heartbeat', 'election', 'coordinator', 'resign'],
  ...['store', 'stored', 'answer', 'prospect', 'grant', 'refusal', 'heard', 'relayed-report'],
  ...['relayed-assignment', 'handover'],
].join('|');

const SERVICE = String.raw`\S+`;

/**
 * Sentences that may follow `run until`. One that leaves out its last words means whatever comes first:
 * "e-b grants" is any grant of a claim, "e-b grants e-a" one for e-a.
 */
const FORMS: readonly RegExp[] = [
  `(${ELECTOR}) (?:stands|steps down|writes|has written)`,
  `(${ELECTOR}) (?:claims|resigns)(?: term \\d+)?`,
  `(${ELECTOR}) (?:grants|refuses)(?: (${ELECTOR})(?: term \\d+)?)?`,
  `(${ELECTOR}) sends (?:${MESSAGES})(?: to (${ELECTOR}))?`,
  `(${ELECTOR}) hears (?:${MESSAGES})(?: from (${ELECTOR}))?`,
  `(${ELECTOR}) assigns(?: (?:master|standby|stopped)(?: to (${RUNNER}))?)?`,
  `(${ELECTOR}) leases(?: epoch \\d+(?: to (${RUNNER}))?)?`,
  `(${RUNNER}) (?:starts|stops|promotes|demotes)(?: ${SERVICE})?`,
  `(${RUNNER}) has (?:started|stopped|promoted|demoted)(?: ${SERVICE})?`,
  `(${DEADMAN}) (?:stops|demotes)(?: ${SERVICE})?`,
  `(${RUNNER})'s lease ends`,
  '(?:revision \\d+|a revision) is committed',
  'the order is answered',
  'the order is refused',
].map((form) => new RegExp(`^${form}$`));

/** Whether a happening is the one that a sentence names; undefined where nobody knows the sentence. */
export function happeningOf(sentence: string): ((happening: string) => boolean) | undefined {
  if (!FORMS.some((form) => form.test(sentence))) return undefined;
  return (happening) => happening === sentence || happening.startsWith(`${sentence} `);
}
