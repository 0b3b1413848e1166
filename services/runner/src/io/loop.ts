// The runner's loop: where the core's effects become reports and processes. Nothing here waits for a
// script: how it ends comes back as an input.
import { unreachable } from '@koi/lib/assert';
import type { Log } from '@koi/lib/log';
import { createLoop, type Loop } from '@koi/lib/loop';
import type { LagWatch } from '@koi/lib/loop-lag';
import type { Clock, Duration } from '@koi/lib/time';
import type { Effect, ScriptEnvironment } from '../core/effect.ts';
import type { Action, Input } from '../core/input.ts';
import type { RunnerRecord } from '../core/record.ts';
import type { Runner } from '../core/runner.ts';
import type { ElectorLink } from './elector-link.ts';

/** Runs scripts as processes; what becomes of them is fed to the loop. */
export interface Scripts {
  run(order: {
    readonly run: number;
    readonly service: string;
    readonly action: Action;
    readonly timeout: Duration;
    readonly environment: ScriptEnvironment;
  }): void;
  cutShort(run: number): void;
  kill(service: string, reason: string): void;
}

/** The lease as the deadman has to know it. */
export type LeaseNews = Omit<Extract<Effect, { kind: 'lease' }>, 'kind'>;

/** Everything a runner acts on. A simulator passes its own. */
export interface RunnerWorld {
  readonly links: readonly Pick<ElectorLink, 'report'>[];
  readonly scripts: Scripts;
  readonly readFolder: () => void;
  readonly reconfigure: () => void;
  /** M6: keeps what the next process has to know, before it returns. */
  readonly keep: (record: RunnerRecord) => void;
  /** M4: the deadman goes by this from now on. */
  readonly lease: (lease: LeaseNews) => void;
  /** M4: takes the demotion lock; `demotion-claimed` tells who has it. */
  readonly claim: (epoch: number, force: boolean) => void;
  readonly fence: (epoch: number, reason: string) => void;
  /** `detached`: what runs is left to the next runner. */
  readonly exit: (detached: boolean) => void;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

export interface RunnerLoopOptions {
  readonly core: Pick<Runner, 'deadline' | 'step'>;
  readonly clock: Clock;
  readonly world: RunnerWorld;
  readonly onFault: (error: unknown) => void;
  /** Told how late the loop comes to its deadlines. A simulator has nobody to warn. */
  readonly onLag?: LagWatch | undefined;
}

export function createRunnerLoop(options: RunnerLoopOptions): Loop<Input> {
  const { core, clock, world, onFault, onLag } = options;
  return createLoop<Input, Effect>({
    core,
    clock,
    act: (effect) => act(effect, world),
    onFault,
    onLag,
  });
}

function act(effect: Effect, world: RunnerWorld): void {
  switch (effect.kind) {
    case 'report':
      for (const link of world.links) link.report(effect.report);
      break;
    case 'run':
      world.scripts.run(effect);
      break;
    case 'cut-short':
      world.scripts.cutShort(effect.run);
      break;
    case 'kill':
      world.scripts.kill(effect.service, effect.reason);
      break;
    case 'read-folder':
      world.readFolder();
      break;
    case 'reconfigure':
      world.reconfigure();
      break;
    case 'log':
      world.log[effect.level](effect.text);
      break;
    case 'record':
      world.keep(effect.record);
      break;
    case 'lease':
      world.lease(effect);
      break;
    case 'claim-demotion':
      world.claim(effect.epoch, effect.force);
      break;
    case 'fence':
      world.fence(effect.epoch, effect.reason);
      break;
    case 'exit':
      world.exit(effect.detached);
      break;
    default:
      unreachable(effect);
  }
}
