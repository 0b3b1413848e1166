// A runner core on a bench: a clock that tests move, scripts that end when tests say so, and a
// leader that answers the last report. One `Trial` is one runner's life.
import type { Assignment, Report, ServiceState } from './assignment.ts';
import type { Effect } from './effect.ts';
import type { Action, Input, ScriptEnd, ServiceDefinition } from './input.ts';
import type { RunnerOptions } from './options.ts';
import { type RunnerRecord, withLease } from './record.ts';
import { Runner } from './runner.ts';

export type Run = Extract<Effect, { kind: 'run' }>;

export const OPTIONS: RunnerOptions = {
  name: 'a',
  session: 's1',
  mode: 'active',
  priority: 0,
  heartbeat: 200,
  demoteGrace: 1_000,
  statusInterval: 10_000,
  timeouts: {
    start: 360_000,
    stop: 360_000,
    status: 120_000,
    promote: 30_000,
    demote: 30_000,
    failed: 20_000,
  },
  recovery: { attempts: 3, delay: 10_000, factor: 2, reset: 1_800_000 },
};

export function definition(name: string, priority?: number, disabled = false): ServiceDefinition {
  return { name, priority, disabled, fingerprint: '1' };
}

export class Trial {
  runner: Runner;
  now = 1_000;
  /** Everything the core asked for, oldest first. */
  readonly effects: Effect[] = [];
  readonly running = new Map<number, Run>();
  report: Report | undefined;
  /** Who takes the lock where a lease has ended: the runner at once, or the deadman was quicker. */
  quicker: 'runner' | 'deadman' = 'runner';
  #session = 's1';
  #record: RunnerRecord | undefined;
  #lease = { epoch: 0, end: 0 };
  #sequence = 0;
  #term = 1;

  constructor(options: Partial<RunnerOptions> = {}) {
    this.runner = new Runner({ ...OPTIONS, ...options }, this.now);
  }

  /** Feeds one input now; returns what was asked for in that step, and in one that answers a claim. */
  feed(input: Input): readonly Effect[] {
    const effects = [...this.#step(input)];
    const claim = effects.find((effect) => effect.kind === 'claim-demotion');
    if (claim !== undefined) {
      const { epoch } = claim;
      effects.push(...this.#step({ kind: 'demotion-claimed', epoch, by: this.quicker }));
    }
    return effects;
  }

  #step(input: Input): readonly Effect[] {
    const effects = this.runner.step(input, this.now);
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.kind === 'run') this.running.set(effect.run, effect);
      if (effect.kind === 'report') this.report = effect.report;
      if (effect.kind === 'record') this.#record = effect.record;
      if (effect.kind === 'lease') this.#lease = effect;
    }
    if (input.kind === 'script-ended') this.running.delete(input.run);
    return effects;
  }

  /** The process is killed and a new one takes over: `after` this time, and with its record or without. */
  restart(after = 10, kept = true): readonly Effect[] {
    this.now += after;
    this.#session = 's2';
    const options = { ...OPTIONS, session: this.#session };
    const record = this.#record && withLease(this.#record, this.#lease);
    this.runner = new Runner(options, this.now, kept ? record : undefined);
    return this.feed({ kind: 'time' });
  }

  /** Moves the clock, stepping at every deadline on the way, until `duration` has passed. */
  pass(duration: number): readonly Effect[] {
    const end = this.now + duration;
    const effects: Effect[] = [];
    for (let steps = 0; this.runner.deadline <= end; steps += 1) {
      if (steps > 100_000) throw new Error('the deadline does not move');
      this.now = Math.max(this.now, this.runner.deadline);
      effects.push(...this.feed({ kind: 'time' }));
    }
    this.now = end;
    return effects;
  }

  /** An assignment that answers the last report. */
  assign(change: Partial<Assignment> = {}): readonly Effect[] {
    this.#sequence += 1;
    this.#term = change.term ?? this.#term;
    const assignment: Assignment = {
      term: this.#term,
      sequence: this.#sequence,
      session: this.#session,
      number: this.report?.number ?? 0,
      target: 'standby',
      lease: undefined,
      release: 0,
      master: undefined,
      maintenance: undefined,
      recovery: 0,
      reconfigure: 0,
      reason: '',
      ...change,
    };
    return this.feed({ kind: 'assignment', elector: 'a', assignment });
  }

  /** Told to be master under an epoch for a time. */
  promote(epoch: number, duration = 1_600, change: Partial<Assignment> = {}): readonly Effect[] {
    return this.assign({
      target: 'master',
      lease: { epoch, duration },
      release: epoch - 1,
      master: 'a',
      ...change,
    });
  }

  /** The script that runs for a service; it has to be there. */
  script(service: string): Run {
    for (const run of this.running.values()) if (run.service === service) return run;
    throw new Error(`no script runs for ${service}`);
  }

  /** What runs now: "web start", in the order in which it began. */
  get scripts(): readonly string[] {
    return [...this.running.values()].map((run) => `${run.service} ${run.action}`);
  }

  end(service: string, code = 0): readonly Effect[] {
    return this.endAs(service, { kind: 'exited', code });
  }

  endAs(service: string, end: ScriptEnd): readonly Effect[] {
    return this.feed({ kind: 'script-ended', run: this.script(service).run, end });
  }

  /** Lets every script end well, and those that follow, until none runs but those of `except`. */
  finish(statusCode = 0, except: readonly Action[] = []): void {
    for (;;) {
      const next = [...this.running.values()].find((run) => !except.includes(run.action));
      if (next === undefined) return;
      this.end(next.service, next.action === 'status' ? statusCode : 0);
    }
  }

  folder(...services: readonly ServiceDefinition[]): readonly Effect[] {
    return this.feed({ kind: 'folder', services });
  }

  /** A runner that was told to be standby, with everything started. */
  static standby(...services: readonly ServiceDefinition[]): Trial {
    const trial = new Trial();
    trial.pass(0);
    trial.folder(...services);
    trial.assign();
    trial.finish();
    return trial;
  }

  /** A runner that is master under epoch 1, everything promoted. */
  static master(...services: readonly ServiceDefinition[]): Trial {
    const trial = Trial.standby(...services);
    trial.promote(1);
    trial.finish();
    return trial;
  }

  stateOf(name: string): ServiceState | undefined {
    return this.runner.services.find((service) => service.name === name)?.state;
  }
}

/** The scripts that some effects begin: "web start". */
export function begun(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'run' ? [`${effect.service} ${effect.action}`] : [],
  );
}

export function killed(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'kill' ? [effect.service] : []));
}

export function cut(effects: readonly Effect[]): readonly number[] {
  return effects.flatMap((effect) => (effect.kind === 'cut-short' ? [effect.run] : []));
}

export function logged(effects: readonly Effect[]): string {
  return effects.flatMap((effect) => (effect.kind === 'log' ? [effect.text] : [])).join('\n');
}

export function reports(effects: readonly Effect[]): readonly Report[] {
  return effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : []));
}
