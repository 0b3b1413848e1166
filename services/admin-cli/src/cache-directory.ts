// Where compiled code is kept from one run to the next. Whoever can write there can have the next
// run do anything: so never in a folder that others may write to, and for root never in a folder
// that an environment variable names.
import { isAbsolute, join } from 'node:path';

/** Root's. Everybody else has one of their own. */
const OF_ROOT = '/var/cache/koi-admin';

/** The folder; undefined: there is none that is safe. */
export function cacheDirectory(
  env: Readonly<Record<string, string | undefined>>,
  user: number | undefined,
): string | undefined {
  if (user === 0) return OF_ROOT;
  const { XDG_CACHE_HOME = '', HOME = '' } = env;
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'koi-admin');
  return isAbsolute(HOME) ? join(HOME, '.cache', 'koi-admin') : undefined;
}
