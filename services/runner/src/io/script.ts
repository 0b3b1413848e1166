// Runs scripts as real processes, each in a group of its own and below a wrapper that outlives this
// process. Nothing here waits: what becomes of a script is told as an input.
import type { Duration } from '@koi/lib/time';
import type { Effect } from '../core/effect.ts';
import type { Input, ScriptEnd } from '../core/input.ts';
import type { FolderEntry } from './folder.ts';
import { watchKill } from './kill-watch.ts';
import { findLiving } from './living-process.ts';
import { isGroupOf, signalGroup } from './process-group.ts';
import type { ServiceTree } from './process-tree.ts';
import type { RunDirectory } from './run-directory.ts';
import { recordedEnd } from './script-end.ts';
import { type ScriptPlan, type ScriptPlanOptions, ScriptPlans } from './script-plan.ts';
import { ScriptRun, UNSEEN_END } from './script-run.ts';
import { openScriptState, type ScriptState, type ScriptStateOptions } from './script-state.ts';
import type { Refusal } from './script-wrapper.ts';

export type { ScriptLog } from './script-state.ts';

/** How long it is kept how a script ended: whoever was told of it may not have written that down. */
export const END_KEPT: Duration = 1_000;

/** A script to run, as the core asks for it. */
export type ScriptOrder = Omit<Extract<Effect, { kind: 'run' }>, 'kind'>;

/** A script that an earlier process has begun. */
export type KnownScript = Pick<ScriptOrder, 'run' | 'service' | 'action'>;

/** What becomes of scripts. */
export type ScriptNews = Extract<Input, { kind: 'script-started' | 'script-ended' | 'killed' }>;

export interface ScriptRunnerOptions extends ScriptStateOptions, ScriptPlanOptions {
  /** Milliseconds since the host's boot. */
  readonly bootNow: () => Duration;
  /** Told of everything, never before the call that caused it has returned. */
  readonly tell: (news: ScriptNews) => void;
}

/** All scripts of this runner, and what they left running. */
export class ScriptRunner {
  readonly #options: ScriptRunnerOptions;
  readonly #state: ScriptState;
  readonly #plans: ScriptPlans;
  readonly #scripts = new Set<ScriptRun>();
  /** Those whose end somebody waits for, by number. */
  readonly #awaited = new Map<number, ScriptRun>();
  /** Kills that are waited for, by service. */
  readonly #kills = new Map<string, () => void>();
  readonly #removals = new Map<RunDirectory, NodeJS.Timeout>();
  #closed = false;

  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
    this.#state = openScriptState(options);
    this.#plans = new ScriptPlans(options, this.#state.output);
  }

  /** Says where the scripts of services are. Removed services keep their last place. */
  place(entries: readonly Pick<FolderEntry, 'name' | 'place'>[]): void {
    const { output, trees, wrappers } = this.#state;
    const { added, absent, forgotten } = this.#plans.place(entries);
    for (const service of added) output.resume(service);
    wrappers.keepFor(entries.map(({ name }) => name));
    const busy = new Set([...this.#scripts].map(({ order }) => order.service));
    for (const service of absent) if (!busy.has(service)) trees.tidy(service);
    for (const service of forgotten) output.remove(service);
  }

  /** Begins a script. */
  run(order: ScriptOrder): void {
    try {
      this.#begin(order);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#tellLater(order.run, { kind: 'not-started', reason });
    }
  }

  /** How a script would be run now, for whoever has to do it in our place. */
  planOf(...asked: Parameters<ScriptPlans['planOf']>): ScriptPlan | undefined {
    return this.#plans.planOf(...asked);
  }

  /** Where somebody else finds what belongs to a service. */
  treeOf(service: string): ServiceTree {
    return this.#state.trees.treeOf(service);
  }

  /** Ends a script early; its whole group gets SIGTERM, and SIGKILL after a grace. */
  cutShort(run: number): void {
    this.#awaited.get(run)?.end({ kind: 'cut-short' });
  }

  /** Kills at once what a service has running, scripts and what they left. */
  kill(service: string, reason: string): void {
    const { trees, wrappers } = this.#state;
    const scripts = [...this.#scripts].filter(({ order }) => order.service === service);
    for (const script of scripts) script.kill();
    const groups = scripts.map(({ group }) => group).filter((group) => group !== undefined);
    wrappers.dismiss(service);
    const { isGone, hints } = trees.kill(service);
    const areGone = (): boolean =>
      groups.every((group) => trees.membersOf(service, group).length === 0) && isGone();
    const fields = { service };
    this.#options.log.warn(`SIGKILL for everything that belongs to it: ${reason}`, fields);
    // The later one waits for all that the earlier one waits for.
    this.#kills.get(service)?.();
    const cancel = watchKill({
      remains: { isGone: areGone, hints },
      onGone: () => {
        this.#kills.delete(service);
        this.#options.tell({ kind: 'killed', service });
      },
      onLate: () => this.#options.log.error('processes have outlived SIGKILL', fields),
    });
    this.#kills.set(service, cancel);
  }

  /** Takes over what an earlier process has begun. What is not in `known` is ended: nobody waits for it. */
  adopt(known: readonly KnownScript[]): void {
    const missing = new Map(known.map((script) => [script.run, script]));
    for (const directory of this.#state.runs.found()) {
      const { run, service, action } = directory.order;
      const asked = missing.get(run);
      const isKnown = asked?.service === service && asked.action === action;
      if (isKnown) missing.delete(run);
      this.#takeOver(directory, isKnown);
    }
    const reason = `${this.#options.stateDirectory} has nothing of it`;
    for (const run of missing.keys()) this.#tellLater(run, { kind: 'unknown', reason });
  }

  /** Leaves everything running for the next process, and follows nothing any more. */
  detach(): void {
    this.#closed = true;
    for (const script of this.#scripts) script.leave();
    for (const cancel of this.#kills.values()) cancel();
    for (const timer of this.#removals.values()) clearTimeout(timer);
    this.#state.output.close();
    this.#state.wrappers.leave();
  }

  /** Ends the same way once everything is down, and takes away what nobody needs then. */
  async close(): Promise<void> {
    const gone = this.#state.wrappers.close();
    this.detach();
    for (const directory of this.#removals.keys()) this.#state.runs.remove(directory);
    await gone;
    this.#state.trees.close();
  }

  #begin({ run, service, action, timeout, environment }: ScriptOrder): void {
    const plan = this.#plans.planOf(service, action, environment);
    if (plan === undefined) throw new Error('it is not in the services folder');
    const { kind, directory, file } = plan;
    const deadline = this.#options.bootNow() + timeout;
    const order = { run, service, action, timeout, deadline, kind, directory, file };
    const begun = this.#state.runs.create(order, plan);
    let script: ScriptRun | undefined;
    try {
      script = this.#follow(begun, true);
      script.begin();
    } catch (error) {
      if (script !== undefined) this.#forget(script);
      this.#state.runs.remove(begun);
      throw error;
    }
  }

  #takeOver(directory: RunDirectory, isKnown: boolean): void {
    const { run, service, action } = directory.order;
    let script: ScriptRun | undefined;
    const onGone = (): void => script?.onGone();
    let life = directory.follow(onGone);
    // One that has not begun must not begin any more; it may have in this very moment.
    const isGivenUp = life === undefined && directory.exit === undefined && directory.giveUp();
    if (life === undefined && !isGivenUp) life = directory.follow(onGone);
    if (life === undefined) {
      this.#removeSoon(directory);
      const end = isGivenUp ? NEVER_BEGUN : lostEnd(directory);
      if (isKnown) this.#tellLater(run, end);
      return;
    }
    script = this.#follow(directory, isKnown);
    script.adopt(life);
    if (isKnown) return;
    const text = 'it runs, and nobody waits for it: it is ended';
    this.#options.log.warn(text, { service, action });
    script.end({ kind: 'cut-short' });
  }

  #follow(directory: RunDirectory, isKnown: boolean): ScriptRun {
    const { bootNow, log, tell } = this.#options;
    const { run, service, action, deadline } = directory.order;
    const script = new ScriptRun({
      directory,
      output: this.#state.output.expect(service, action),
      left: deadline - bootNow(),
      state: this.#state,
      onStarted: (processId) => {
        if (isKnown) tell({ kind: 'script-started', run, processId });
      },
      onEnded: (end) => {
        if (directory.exit === LATE) log.warn(LATE_TEXT, { service, action });
        this.#forget(script);
        this.#removeSoon(directory);
        if (isKnown) tell({ kind: 'script-ended', run, end });
      },
      onOutlived: () => log.error('processes have outlived SIGKILL', { service, action }),
    });
    this.#scripts.add(script);
    if (isKnown) this.#awaited.set(run, script);
    return script;
  }

  #forget(script: ScriptRun): void {
    const { run, service } = script.order;
    script.leave();
    this.#scripts.delete(script);
    if (this.#awaited.get(run) === script) this.#awaited.delete(run);
    this.#state.trees.ended(service);
    this.#state.wrappers.defer();
  }

  #removeSoon(directory: RunDirectory): void {
    const remove = (): void => {
      this.#removals.delete(directory);
      this.#state.runs.remove(directory);
    };
    this.#removals.set(directory, setTimeout(remove, END_KEPT).unref());
  }

  #tellLater(run: number, end: ScriptEnd): void {
    setImmediate(() => {
      if (!this.#closed) this.#options.tell({ kind: 'script-ended', run, end });
    });
  }
}

/** M4: what the wrapper leaves of a promote whose order it followed too late. */
const LATE: Refusal = 'no-lease';
const LATE_TEXT = 'it did not begin: its lease was over before it could';

const NEVER_BEGUN: ScriptEnd = { kind: 'unknown', reason: 'it had not begun' };

/** The end of a script whose wrapper was gone before we came. */
function lostEnd({ exit, order, wrapper }: RunDirectory): ScriptEnd {
  if (exit !== undefined) return recordedEnd(exit, order);
  // Without its wrapper nobody would learn how it ends. One that lives is not the wrapper, but somebody
  // who has taken the order back.
  if (wrapper !== undefined && findLiving(wrapper) === undefined && isGroupOf(wrapper)) {
    signalGroup(wrapper.pid, 'SIGKILL');
  }
  return UNSEEN_END;
}

/** Makes what runs scripts. */
export function createScriptRunner(options: ScriptRunnerOptions): ScriptRunner {
  return new ScriptRunner(options);
}
