// What people write as the value of an option, and what it means. A text that means nothing ends the
// command as wrong usage.
import { readAddress } from '@koi/lib/config-address';
import { readDuration } from '@koi/lib/config-duration';
import type { Duration, WallTime } from '@koi/lib/time';
import { EXIT, Failure } from './failure.ts';

/** The elector to ask: host:port, or unix:/path. */
export function readElector(text: string): string {
  if (/^unix:\//.test(text)) return text;
  const address = readAddress(text);
  if (typeof address === 'string') throw wrong('--elector', text, address);
  return text;
}

/** A whole number that is not negative. */
export function readNumber(option: string, text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw wrong(option, text, 'it must be a whole number');
  return BigInt(text);
}

/** A duration that is not zero. */
export function readTimeout(text: string): Duration {
  const timeout = readDuration(text);
  if (timeout !== undefined && timeout > 0) return timeout;
  throw wrong('--timeout', text, 'it must be a duration like 500ms, 5s or 1m');
}

/** One of some words. */
export function readChoice<Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw wrong(option, text, `it must be ${choices.join(' or ')}`);
  return choice;
}

const CLOCK = /^\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/;
const MOMENT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))? ?(Z|UTC|[+-]\d\d:\d\d)?$/;

/** "10m": so long ago; "12:03": today; "2026-11-23 12:03": then. UTC unless it says otherwise. */
export function readSince(text: string, now: WallTime): WallTime {
  const ago = readDuration(text);
  if (ago !== undefined) return now - ago;
  const today = new Date(now).toISOString().slice(0, 10);
  const match = MOMENT.exec(CLOCK.test(text) ? `${today} ${text}` : text);
  if (match !== null) {
    const [, day, clock = '00:00', zone = 'Z'] = match;
    const moment = Date.parse(`${day}T${clock}${zone === 'UTC' ? 'Z' : zone}`);
    if (!Number.isNaN(moment)) return moment;
  }
  throw wrong('--since', text, 'it must be like 10m, 12:03 or "2026-11-23 12:03"');
}

function wrong(option: string, text: string, must: string): Failure {
  return new Failure(
    EXIT.USAGE,
    `${option} ${text}: ${must}`,
    '`koi-admin --help` lists the commands',
  );
}
