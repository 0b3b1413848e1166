// Where a command looks for an elector: --elector alone, else this host's elector socket, else the
// elector list in its order. The configuration is parsed only where it is needed.
import { existsSync } from 'node:fs';
import type { Config } from '@koi/lib/config';
import { EXIT, Failure } from './failure.ts';
import type { Session } from './session.ts';

/** Where the configuration is unless --config or KOI_CONFIG says otherwise. */
export const CONFIG_FILE = '/etc/koi/koi.yaml';

/** Where the elector's socket is unless the configuration says otherwise. */
const ELECTOR_SOCKET = '/run/koi-elector/elector.sock';

/** The runner's. */
const RUNNER_SOCKET = '/run/koi/runner.sock';

/** The configuration that --config or KOI_CONFIG names; undefined: neither does. */
export function namedConfig({ options, terminal }: Session): string | undefined {
  if (options.config !== undefined) return options.config;
  const { KOI_CONFIG = '' } = terminal.env;
  return KOI_CONFIG === '' ? undefined : KOI_CONFIG;
}

/** The addresses to ask, one after the other, as they are needed. */
export async function* electorAddresses(session: Session): AsyncGenerator<string, void, undefined> {
  const { elector } = session.options;
  if (elector !== undefined) {
    yield elector;
    return;
  }
  const quick = namedConfig(session) === undefined && existsSync(ELECTOR_SOCKET);
  if (quick) yield `unix:${ELECTOR_SOCKET}`;
  // That socket is there but nobody answers on it: without a configuration that is all there is.
  if (quick && !existsSync(CONFIG_FILE)) return;
  const config = await readConfig(session);
  const { socket } = config.elector;
  if (existsSync(socket) && !(quick && socket === ELECTOR_SOCKET)) yield `unix:${socket}`;
  if (config.tls.kind === 'files') {
    throw new Failure(
      EXIT.REFUSED,
      'this version does not speak TLS and the elector socket of this host does not answer',
      'run it as root on a host whose elector runs',
    );
  }
  for (const { address } of config.electors) yield address;
}

/** The sockets of this host's daemons: the elector's, then the runner's. */
export async function localSockets(session: Session): Promise<readonly string[]> {
  if (namedConfig(session) === undefined && !existsSync(CONFIG_FILE)) {
    return [ELECTOR_SOCKET, RUNNER_SOCKET];
  }
  const { elector, runner } = await readConfig(session);
  return [elector.socket, runner.socket];
}

/** Reads the configuration; refuses as the daemons would. */
export async function readConfig(session: Session): Promise<Config> {
  const file = namedConfig(session) ?? CONFIG_FILE;
  // Loaded here: what reads YAML costs as much as the rest of the command.
  const { loadConfig } = await import('@koi/lib/config-file');
  const { ConfigError } = await import('@koi/lib/config-error');
  try {
    return loadConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.message.split('\n');
    const more = error.problems.length - 1;
    throw new Failure(
      EXIT.REFUSED,
      `${first}${more > 0 ? ` (and ${more} more)` : ''}`,
      more > 0
        ? `\`koi-admin check-config ${file}\` tells all of them`
        : 'name a configuration with --config, or an elector with --elector HOST:PORT',
    );
  }
}
