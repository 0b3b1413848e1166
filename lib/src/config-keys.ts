// Every key of the configuration, by whom it is used, and whether a reload may change it. What defines the
// cluster and its timing is agreed between daemons when they start (P1) and needs a restart.
import type { Config } from './config.ts';

/** Who uses a key. */
export type Daemon = 'elector' | 'runner';

/** What becomes of a changed key: it is in force at once, or with the next start. */
export type ReloadEffect = 'applied' | 'restart';

/** One key. */
export interface ConfigKey {
  /** As it is written in the file: `services.startTimeout`. */
  readonly key: string;
  readonly value: (config: Config) => unknown;
  /** By daemon; a daemon that is not here does not use it. */
  readonly effect: Partial<Readonly<Record<Daemon, ReloadEffect>>>;
}

const BOTH_RESTART = { elector: 'restart', runner: 'restart' } as const;
const ELECTOR_RESTART = { elector: 'restart' } as const;
const RUNNER_RESTART = { runner: 'restart' } as const;
const ELECTOR_APPLIES = { elector: 'applied' } as const;
const RUNNER_APPLIES = { runner: 'applied' } as const;

function keysOf<Section extends object>(
  prefix: string,
  sectionOf: (config: Config) => Section,
  names: Readonly<Record<keyof Section & string, string>>,
  effect: ConfigKey['effect'],
): readonly ConfigKey[] {
  // Object.entries widens the table's own keys to string.
  const entries = Object.entries(names) as [keyof Section & string, string][];
  return entries.map(([field, name]) => ({
    key: `${prefix}.${name}`,
    value: (config) => sectionOf(config)[field],
    effect,
  }));
}

function same<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, Name>> {
  // Object.fromEntries loses the names of the keys.
  return Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;
}

/** All of them, in the order of the file. */
export const CONFIG_KEYS: readonly ConfigKey[] = [
  { key: 'cluster', value: (config) => config.cluster, effect: BOTH_RESTART },
  { key: 'name', value: (config) => config.name, effect: BOTH_RESTART },
  { key: 'electors', value: (config) => config.electors, effect: BOTH_RESTART },
  { key: 'preempt', value: (config) => config.preempt, effect: ELECTOR_RESTART },
  ...keysOf(
    'elector',
    (config) => config.elector,
    same('listen', 'stateDirectory', 'socket'),
    ELECTOR_RESTART,
  ),
  { key: 'runner.mode', value: (config) => config.runner.mode, effect: RUNNER_APPLIES },
  { key: 'runner.priority', value: (config) => config.runner.priority, effect: RUNNER_APPLIES },
  ...keysOf(
    'runner',
    ({ runner: { mode: _mode, priority: _priority, ...rest } }) => rest,
    same('servicesDirectory', 'workingDirectory', 'stateDirectory', 'socket', 'fence'),
    RUNNER_RESTART,
  ),
  ...keysOf(
    'timing',
    (config) => config.times,
    same('heartbeat', 'leaderLease', 'masterLease', 'demoteGrace', 'drift'),
    BOTH_RESTART,
  ),
  { key: 'timing.status', value: (config) => config.statusInterval, effect: RUNNER_APPLIES },
  {
    key: 'timing.initialPromotion',
    value: (config) => config.initialPromotion,
    effect: ELECTOR_APPLIES,
  },
  { key: 'timing.forgetAfter', value: (config) => config.forgetAfter, effect: ELECTOR_APPLIES },
  ...keysOf(
    'services',
    (config) => config.timeouts,
    {
      start: 'startTimeout',
      stop: 'stopTimeout',
      status: 'statusTimeout',
      promote: 'promoteTimeout',
      demote: 'demoteTimeout',
      failed: 'failedTimeout',
    },
    RUNNER_APPLIES,
  ),
  ...keysOf(
    'recovery',
    ({ recovery: { promotionHold: _hold, ...rest } }) => rest,
    same('attempts', 'delay', 'factor', 'reset'),
    RUNNER_APPLIES,
  ),
  {
    key: 'recovery.promotionHold',
    value: (config) => config.recovery.promotionHold,
    effect: ELECTOR_APPLIES,
  },
  {
    key: 'tls',
    value: (config) => config.tls,
    effect: { elector: 'applied', runner: 'applied' },
  },
];
