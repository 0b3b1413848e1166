// How both daemons begin and end: arguments, configuration, log, signals, exit code. What they do in
// between is theirs.
import { parseArgs } from 'node:util';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { createClock } from './clock.ts';
import type { Config } from './config.ts';
import type { Role } from './config-check.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './config-file.ts';
import type { Daemon } from './config-keys.ts';
import { ConfigReload } from './config-reload.ts';
import { tlsRefusal } from './config-tls.ts';
import { configWarnings } from './config-warning.ts';
import { createLog, endLog, type Log } from './log.ts';
import {
  EXIT_CONFIGURATION,
  EXIT_FAULT,
  EXIT_STOPPED,
  exitOnFault,
  onReload,
  onStop,
  tolerateClosedOutput,
} from './signals.ts';
import { VERSION } from './version.ts';

/** The configuration that is read where none is named. */
export const CONFIG_FILE = '/etc/koi/koi.yaml';

/** The options of both daemons, for the command line, the help and the manual. */
export const DAEMON_OPTIONS = {
  config: { type: 'string', value: 'FILE', summary: `the configuration (default ${CONFIG_FILE})` },
  help: { type: 'boolean', value: '', summary: 'print this and exit' },
  version: { type: 'boolean', value: '', summary: 'print the version and exit' },
} as const;

/** Something that a human has to put right before the daemon can start: exit code 78. */
export class StartRefusal extends Error {
  constructor(text: string, options?: ErrorOptions) {
    super(text, options);
    this.name = 'StartRefusal';
  }
}

/** What a daemon is given when it starts. */
export interface DaemonContext {
  readonly config: Config;
  readonly log: Log;
  /** Reads the configuration again: at SIGHUP, or whenever the daemon is told to. */
  readonly reload: ConfigReload;
  /** Ends the process as soon as its log is written. */
  readonly exit: (code: number) => void;
  /** Ends the process after an exception that leaves the daemon's state unknown. */
  readonly onFault: (error: unknown) => void;
}

export interface DaemonOptions {
  /** `koi-elector` or `koi-runner`. */
  readonly program: string;
  /** What it does, for `--help`. */
  readonly purpose: string;
  /** What each signal makes it do, for `--help`, a line each. */
  readonly signals: readonly string[];
  readonly role: Role;
  /** Starts it. Resolves to what is called at each SIGTERM and SIGINT. */
  readonly start: (context: DaemonContext) => Promise<() => void>;
}

/** Runs a daemon until it exits the process itself. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  tolerateClosedOutput();
  // Standard error is the log, one JSON object a line; what grpc-js would say there is an error of ours.
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);
  const file = readArguments(options);
  const config = readConfig(options, file);
  const log = createLog(options.program, config.name);
  const exit = (code: number) => void endLog(log).then(() => process.exit(code));
  const onFault = exitOnFault((error) => {
    log.fatal({ err: error }, 'internal fault: the daemon ends');
  });
  for (const warning of configWarnings(config, options.role)) log.warn(warning);
  // One that comes while it starts waits for that: it must end as cleanly as any other.
  let early = 0;
  let stop = () => {
    early += 1;
  };
  onStop((signal) => {
    log.info(`${signal}: stopping`);
    stop();
  });
  try {
    const reload = new ConfigReload({
      config,
      daemon: daemonOf(options.role),
      clock: createClock(),
      log,
    });
    // What is wrong with the file is in the log, and what was in force stays.
    onReload(() => void reload.reload('SIGHUP').catch(unlessConfigError(onFault)));
    stop = await options.start({ config, log, reload, exit, onFault });
    for (; early > 0; early -= 1) stop();
  } catch (error) {
    if (error instanceof StartRefusal) {
      log.fatal(error.message);
      exit(EXIT_CONFIGURATION);
      return;
    }
    const why = error instanceof Error ? error.message : String(error);
    log.fatal({ err: error }, `cannot start: ${why}`);
    exit(EXIT_FAULT);
  }
}

function daemonOf(role: Role): Daemon {
  return role === 'elector' ? 'elector' : 'runner';
}

/** Passes on every error but one that says what is wrong with a configuration, which was logged. */
export function unlessConfigError(then: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ConfigError)) then(error);
  };
}

function readArguments(options: DaemonOptions): string {
  const { program } = options;
  try {
    const { values } = parseArgs({ options: DAEMON_OPTIONS });
    if (values.help === true) print(usage(options));
    if (values.version === true) print(`${program} ${VERSION}`);
    return values.config ?? CONFIG_FILE;
  } catch (error) {
    return refuse(program, `${error instanceof Error ? error.message : error}\n${usage(options)}`);
  }
}

function usage({ program, purpose, signals }: DaemonOptions): string {
  return [
    `usage: ${program} [--config FILE]`,
    `${purpose}`,
    ...Object.entries(DAEMON_OPTIONS).map(
      ([name, { value, summary }]) => `  ${`--${name} ${value}`.padEnd(13)}  ${summary}`,
    ),
    'signals:',
    ...signals.map((line) => `  ${line}`),
    `exit codes: ${EXIT_STOPPED} stopped cleanly, ${EXIT_CONFIGURATION} configuration refused, ` +
      `${EXIT_FAULT} internal fault`,
  ].join('\n');
}

function readConfig({ program, role }: DaemonOptions, file: string): Config {
  try {
    const config = loadConfig(file, { role });
    const refusal = tlsRefusal(config);
    return refusal === undefined ? config : refuse(program, `${file}: ${refusal}`);
  } catch (error) {
    if (error instanceof ConfigError) return refuse(program, error.message);
    throw error;
  }
}

function print(text: string): never {
  process.stdout.write(`${text}\n`);
  process.exit(EXIT_STOPPED);
}

function refuse(program: string, text: string): never {
  const lines = text.split('\n').map((line) => `${program}: ${line}\n`);
  process.stderr.write(lines.join(''));
  process.exit(EXIT_CONFIGURATION);
}
