// The log: JSON lines on standard error, one line per fact. systemd files standard error in the
// journal like standard output, and the latter stays free for what a program is asked to print.
import { type LogFn, type Logger, pino } from 'pino';

/** What every part of a daemon writes its facts to. */
export type Log = Logger;

/**
 * Characters of a message that are kept: a script's flood must not become one line of the journal.
 */
export const LOG_TEXT_MAX = 4_096;

/** Bytes that may wait for a reader that has stopped reading; what is above that is dropped. */
export const LOG_BUFFER_MAX = 1_048_576;

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Makes a program's log. Lines carry the program and this host's configured name. The least level
 * that is written is KOI_LOG_LEVEL (trace, debug, info, warn, error, fatal, silent), else info.
 */
export function createLog(program: string, name: string, fd = 2): Log {
  const { KOI_LOG_LEVEL: wish } = process.env;
  const known = wish === undefined || LEVELS.includes(wish);
  const log = pino(
    {
      level: known ? (wish ?? 'info') : 'info',
      base: { program, name, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { logMethod: callCut },
    },
    // Not synchronous: a full pipe must never hold up the loop. pino writes the rest when the
    // process exits.
    pino.destination({ fd, sync: false, maxLength: LOG_BUFFER_MAX }),
  );
  if (!known) log.warn(`KOI_LOG_LEVEL is "${wish}": it must be one of ${LEVELS.join(', ')}`);
  return log;
}

/** A text of at most `LOG_TEXT_MAX` characters: what is cut off is said. */
export function cutText(text: string): string {
  if (text.length <= LOG_TEXT_MAX) return text;
  return `${text.slice(0, LOG_TEXT_MAX)} … (${text.length - LOG_TEXT_MAX} more characters)`;
}

function callCut(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const cut = args.map((arg) => (typeof arg === 'string' ? cutText(arg) : arg));
  // The arguments keep their number and kinds; a mapped tuple loses that in its type only.
  method.apply(this, cut as Parameters<LogFn>);
}
