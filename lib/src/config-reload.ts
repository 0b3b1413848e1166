// Reads the configuration file again while a daemon runs: what may change at once is handed to the daemon,
// what needs a restart is named, and a wrong file changes nothing.
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readConfig } from './config-file.ts';
import { CONFIG_KEYS, type ConfigKey, type Daemon, type ReloadEffect } from './config-keys.ts';
import { tlsRefusal } from './config-tls.ts';
import { configWarnings } from './config-warning.ts';
import type { Log } from './log.ts';
import type { Clock, WallTime } from './time.ts';

/** What a reload has changed, as keys of the file. */
export interface ReloadOutcome {
  /** In force now. */
  readonly applied: readonly string[];
  /** Changed in the file, and in force after a restart. */
  readonly restart: readonly string[];
}

export interface ConfigReloadOptions {
  /** What the daemon has started with. */
  readonly config: Config;
  readonly daemon: Daemon;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

/** The configuration of a running daemon. */
export class ConfigReload {
  readonly #options: ConfigReloadOptions;
  readonly #keys: readonly ConfigKey[];
  /** The values in force, by key. */
  readonly #inForce = new Map<string, unknown>();
  readonly #warned: Set<string>;
  #readAt: WallTime;
  #apply: (config: Config) => void = () => {};
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ConfigReloadOptions) {
    const { config, daemon, clock } = options;
    this.#options = options;
    this.#keys = CONFIG_KEYS.filter(({ effect }) => effect[daemon] !== undefined);
    for (const { key, value } of this.#keys) this.#inForce.set(key, value(config));
    this.#warned = new Set(configWarnings(config));
    this.#readAt = clock.wall();
  }

  get file(): string {
    return this.#options.config.file;
  }

  /** When the file was last read and found right, by this host's wall clock. */
  get readAt(): WallTime {
    return this.#readAt;
  }

  /** Says what takes a changed configuration. It uses what a reload may change, and nothing else of it. */
  onChange(apply: (config: Config) => void): void {
    this.#apply = apply;
  }

  /** Reads the file again. Rejects with a `ConfigError` where it is wrong. `asker` is for the log. */
  reload(asker: string): Promise<ReloadOutcome> {
    // One after the other, or the older content might be applied last.
    const reload = this.#last.then(() => this.#reload(asker));
    this.#last = reload.catch(() => {});
    return reload;
  }

  async #reload(asker: string): Promise<ReloadOutcome> {
    const { log } = this.#options;
    try {
      const config = await this.#read();
      const outcome = this.#take(config);
      log.info(`${asker}: ${describeOutcome(this.file, outcome)}`);
      for (const warning of configWarnings(config)) {
        if (!this.#warned.has(warning)) log.warn(warning);
        this.#warned.add(warning);
      }
      return outcome;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.error(`${asker}: the configuration is wrong, what was in force stays:\n${error.message}`);
      throw error;
    }
  }

  async #read(): Promise<Config> {
    const role = this.#options.daemon === 'elector' ? 'elector' : 'any';
    const config = await readConfig(this.file, { role });
    const refusal = tlsRefusal(config);
    if (refusal === undefined) return config;
    throw new ConfigError([{ file: this.file, line: 0, column: 0, key: '', text: refusal }]);
  }

  #take(config: Config): ReloadOutcome {
    this.#readAt = this.#options.clock.wall();
    const applied = this.#changed(config, 'applied');
    const restart = this.#changed(config, 'restart').map(({ key }) => key);
    for (const { key, value } of applied) this.#inForce.set(key, value(config));
    if (applied.length > 0) this.#apply(config);
    return { applied: applied.map(({ key }) => key), restart };
  }

  #changed(config: Config, effect: ReloadEffect): readonly ConfigKey[] {
    const { daemon } = this.#options;
    return this.#keys
      .filter((one) => one.effect[daemon] === effect)
      .filter(({ key, value }) => !isDeepStrictEqual(this.#inForce.get(key), value(config)));
  }
}

function describeOutcome(file: string, { applied, restart }: ReloadOutcome): string {
  if (applied.length + restart.length === 0) return `read ${file} again: nothing has changed`;
  const parts: string[] = [];
  if (applied.length > 0) parts.push(`in force now: ${applied.join(', ')}`);
  if (restart.length > 0)
    parts.push(`changed, but in force after a restart: ${restart.join(', ')}`);
  return `read ${file} again; ${parts.join('; ')}`;
}
