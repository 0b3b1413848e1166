// The log: JSON lines on standard error, one line per fact. systemd files standard error in the
// journal like standard output, and the latter stays free for what a program is asked to print.
import { type LogFn, type Logger, pino } from 'pino';
import type { Duration } from './time.ts';

/** What every part of a daemon writes its facts to. */
export type Log = Logger;

/**
 * Characters of a message that are kept: a script's flood must not become one line of the journal.
 */
export const LOG_TEXT_MAX = 4_096;

/** Bytes that may wait for a reader that has stopped reading; what is above that is dropped. */
export const LOG_BUFFER_MAX = 1_048_576;

/** How long a process that ends waits for its log to be read. */
export const LAST_WORDS_MAX: Duration = 300;

/** Where a log writes to, and whether that is over. */
interface Outlet {
  readonly destination: ReturnType<typeof pino.destination>;
  ended: boolean;
}

const outlets = new WeakMap<Log, Outlet>();

const LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Makes a program's log. Lines carry the program and this host's configured name. The least level
 * that is written is KOI_LOG_LEVEL (trace, debug, info, warn, error, fatal, silent), else info.
 */
export function createLog(program: string, name: string, fd = 2): Log {
  const { KOI_LOG_LEVEL: wish } = process.env;
  const known = wish === undefined || LEVELS.includes(wish);
  // Not synchronous: a full pipe must never hold up the loop.
  const destination = pino.destination({ fd, sync: false, maxLength: LOG_BUFFER_MAX });
  const outlet: Outlet = { destination, ended: false };
  const log = pino(
    {
      level: known ? (wish ?? 'info') : 'info',
      base: { program, name, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          // A destination that has ended throws: what comes too late is lost, no more.
          if (!outlet.ended) method.apply(this, cutAll(args));
        },
      },
    },
    destination,
  );
  outlets.set(log, outlet);
  if (!known) log.warn(`KOI_LOG_LEVEL is "${wish}": it must be one of ${LEVELS.join(', ')}`);
  return log;
}

/**
 * Resolves when every line is written, in order; after `LAST_WORDS_MAX` in any case. Nothing is logged after
 * it. A process that exits without it may lose or swap its last lines.
 */
export function endLog(log: Log): Promise<void> {
  const outlet = outlets.get(log);
  return new Promise((resolve) => {
    setTimeout(resolve, LAST_WORDS_MAX).unref();
    if (outlet === undefined || outlet.ended) {
      resolve();
      return;
    }
    outlet.ended = true;
    outlet.destination.once('close', resolve);
    outlet.destination.end();
  });
}

/** A text of at most `LOG_TEXT_MAX` characters: what is cut off is said. */
export function cutText(text: string): string {
  if (text.length <= LOG_TEXT_MAX) return text;
  return `${text.slice(0, LOG_TEXT_MAX)} … (${text.length - LOG_TEXT_MAX} more characters)`;
}

function cutAll(args: Parameters<LogFn>): Parameters<LogFn> {
  const cut = args.map((arg) => (typeof arg === 'string' ? cutText(arg) : arg));
  // The arguments keep their number and kinds; a mapped tuple loses that in its type only.
  return cut as Parameters<LogFn>;
}
