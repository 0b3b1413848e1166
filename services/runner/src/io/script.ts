// Runs scripts as real processes, each the leader of a group of its own: time-out, SIGTERM, SIGKILL for
// the whole group, first reason wins. Nothing here waits: what becomes of a script is told as an input.
import { type ChildProcess, spawn } from 'node:child_process';
import { lstat, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Duration } from '@koi/lib/time';
import type { Effect } from '../core/effect.ts';
import type { Input, ScriptEnd } from '../core/input.ts';
import type { FolderEntry, ServicePlace } from './folder.ts';
import { isRecycled, signalGroup, untilGone } from './process-group.ts';
import { ScriptOutput } from './script-output.ts';

/** How long a script and its children have between SIGTERM and SIGKILL. */
export const TERM_GRACE: Duration = 1_000;

/** How many groups with something left in them are remembered for a service. */
export const GROUPS_MAX = 64;

/** How many places are remembered: a removed service is stopped by the scripts it had. */
export const PLACES_MAX = 512;

/** What scripts find as PATH, whatever the daemon was started with. */
export const SCRIPT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Node's timers cannot be longer. */
const TIMER_MAX: Duration = 2 ** 31 - 1;

/** A script to run, as the core asks for it. */
export type ScriptOrder = Omit<Extract<Effect, { kind: 'run' }>, 'kind'>;

/** What becomes of scripts. */
export type ScriptNews = Extract<Input, { kind: 'script-started' | 'script-ended' | 'killed' }>;

/** Takes the output of scripts and sentences about them. */
export interface ScriptLog {
  info(text: string, fields: Readonly<Record<string, unknown>>): void;
  warn(text: string, fields: Readonly<Record<string, unknown>>): void;
  error(text: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface ScriptRunnerOptions {
  readonly cluster: string;
  /** This host's configured name. */
  readonly node: string;
  /** Where single executables run. */
  readonly workingDirectory: string;
  readonly log: ScriptLog;
  /** Told of everything, never before the call that caused it has returned. */
  readonly tell: (news: ScriptNews) => void;
}

interface Script {
  readonly order: ScriptOrder;
  readonly child: ChildProcess;
  readonly output: ScriptOutput;
  /** Why we end it: the first reason stays. */
  reason: ScriptEnd | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** All scripts of this runner, and what they left running. */
export class ScriptRunner {
  readonly #options: ScriptRunnerOptions;
  readonly #places = new Map<string, ServicePlace>();
  readonly #scripts = new Map<number, Script>();
  /** Groups whose leader has ended, by service: background daemons live there. */
  readonly #groups = new Map<string, Set<number>>();
  readonly #outputs = new Set<ScriptOutput>();

  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
  }

  /** Says where the scripts of services are. Removed services keep their last place. */
  place(entries: readonly Pick<FolderEntry, 'name' | 'place'>[]): void {
    for (const { name, place } of entries) {
      this.#places.delete(name);
      this.#places.set(name, place);
    }
    for (const name of this.#places.keys()) {
      if (this.#places.size <= PLACES_MAX) break;
      this.#places.delete(name);
    }
  }

  /** Begins a script. */
  run(order: ScriptOrder): void {
    const place = this.#places.get(order.service);
    if (place === undefined) {
      this.#tellLater(order, { kind: 'not-started', reason: 'it is not in the services folder' });
      return;
    }
    try {
      this.#spawn(order, place);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#tellLater(order, { kind: 'not-started', reason });
    }
  }

  /** Ends a script early; its whole group gets SIGTERM, and SIGKILL after a grace. */
  cutShort(run: number): void {
    const script = this.#scripts.get(run);
    if (script !== undefined) this.#end(script, { kind: 'cut-short' });
  }

  /** Kills at once what a service has running, scripts and what they left. */
  kill(service: string, reason: string): void {
    const groups = [...(this.#groups.get(service) ?? [])].filter((group) => !isRecycled(group));
    for (const { order, child } of this.#scripts.values()) {
      if (order.service === service && child.pid !== undefined) groups.push(child.pid);
    }
    for (const group of groups) signalGroup(group, 'SIGKILL');
    const fields = { service };
    this.#options.log.warn(`SIGKILL for ${groups.length} process groups: ${reason}`, fields);
    untilGone(groups).then(
      (gone) => {
        this.#prune(service);
        if (gone) this.#options.tell({ kind: 'killed', service });
        else this.#options.log.error('processes have outlived SIGKILL', fields);
      },
      (error: unknown) => this.#options.log.error(`/proc cannot be read: ${error}`, fields),
    );
  }

  /** Follows no output any more and ends nothing: whatever runs goes on. */
  close(): void {
    for (const { timer } of this.#scripts.values()) clearTimeout(timer);
    for (const output of this.#outputs) output.close();
    this.#outputs.clear();
  }

  #spawn(order: ScriptOrder, place: ServicePlace): void {
    const { service, action } = order;
    const directory = place.kind === 'directory';
    const file = directory ? join(place.directory, action) : place.file;
    const child = spawn(file, directory ? [] : [action], {
      cwd: directory ? place.directory : this.#options.workingDirectory,
      env: this.#environment(order),
      // A group of its own, so that it can be ended as a whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const fields = { service, action };
    const output = new ScriptOutput((line) => this.#options.log.info(line, fields));
    const script: Script = { order, child, output, reason: undefined, timer: undefined };
    this.#scripts.set(order.run, script);
    this.#outputs.add(output);
    child.once('spawn', () => {
      const { pid } = child;
      if (pid === undefined) return;
      this.#options.tell({ kind: 'script-started', run: order.run, processId: pid });
    });
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      this.#outputs.delete(output);
      findReason(error, place, file, this.#options.workingDirectory).then(
        (end) => this.#ended(script, end),
        (failure: unknown) => this.#ended(script, { kind: 'not-started', reason: String(failure) }),
      );
    });
    if (child.pid === undefined) return;
    // Not `close`: a daemon that the script leaves behind may hold its output open for ever.
    child.once('exit', (code, signal) => {
      const how: ScriptEnd =
        code === null
          ? { kind: 'signalled', signal: signal ?? 'an unknown signal' }
          : { kind: 'exited', code };
      this.#ended(script, how);
    });
    child.once('close', () => this.#outputs.delete(output));
    for (const stream of [child.stdout, child.stderr]) if (stream) output.follow(stream);
    const after = order.timeout;
    const timeOut = (): void => this.#end(script, { kind: 'timed-out', after });
    script.timer = setTimeout(timeOut, Math.min(after, TIMER_MAX));
  }

  #end(script: Script, reason: ScriptEnd): void {
    const { pid } = script.child;
    if (script.reason !== undefined) return;
    script.reason = reason;
    if (pid === undefined) return;
    clearTimeout(script.timer);
    signalGroup(pid, 'SIGTERM');
    script.timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), TERM_GRACE);
  }

  #ended(script: Script, how: ScriptEnd): void {
    const { order, child, reason, output } = script;
    clearTimeout(script.timer);
    this.#scripts.delete(order.run);
    output.release();
    // Nobody waits any more for the children of a script that was ended: they end with it.
    if (reason !== undefined && child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    if (child.pid !== undefined) this.#remember(order.service, child.pid);
    this.#options.tell({ kind: 'script-ended', run: order.run, end: reason ?? how });
  }

  // Whatever is left in the group of a script that has ended belongs to the service.
  #remember(service: string, group: number): void {
    this.#prune(service);
    if (!signalGroup(group, 0)) return;
    const groups = this.#groups.get(service) ?? new Set();
    this.#groups.set(service, groups.add(group));
    const [oldest] = groups;
    if (groups.size <= GROUPS_MAX || oldest === undefined) return;
    groups.delete(oldest);
    const text = `more than ${GROUPS_MAX} process groups are left: ${oldest} is no longer followed`;
    this.#options.log.warn(text, { service });
  }

  #prune(service: string): void {
    const groups = this.#groups.get(service);
    for (const group of groups ?? []) {
      if (!signalGroup(group, 0) || isRecycled(group)) groups?.delete(group);
    }
    if (groups?.size === 0) this.#groups.delete(service);
  }

  #tellLater(order: ScriptOrder, end: ScriptEnd): void {
    setImmediate(() => this.#options.tell({ kind: 'script-ended', run: order.run, end }));
  }

  #environment(order: ScriptOrder): NodeJS.ProcessEnv {
    const { promoted, state, epoch, master } = order.environment;
    return {
      PATH: SCRIPT_PATH,
      HOME: homedir(),
      LANG: 'C.UTF-8',
      KOI_IS_PROMOTED: promoted ? '1' : '0',
      KOI_STATE: state,
      KOI_CLUSTER: this.#options.cluster,
      KOI_NODE: this.#options.node,
      KOI_SERVICE: order.service,
      KOI_ACTION: order.action,
      KOI_EPOCH: String(epoch),
      KOI_MASTER: master ?? '',
    };
  }
}

/** Makes what runs scripts. */
export function createScriptRunner(options: ScriptRunnerOptions): ScriptRunner {
  return new ScriptRunner(options);
}

/** Why a script could not be started. One that a directory does not have has succeeded. */
async function findReason(
  error: Error,
  place: ServicePlace,
  file: string,
  workingDirectory: string,
): Promise<ScriptEnd> {
  const code = 'code' in error ? error.code : undefined;
  const notStarted = (reason: string): ScriptEnd => ({ kind: 'not-started', reason });
  if (code === 'EACCES') return notStarted(`${file} is not executable: chmod +x ${file}`);
  if (code === 'ENOEXEC') return notStarted(`${file} does not begin with #!: say what runs it`);
  if (code !== 'ENOENT') return notStarted(error.message);
  const there = await Promise.all([
    isThere(place.kind === 'directory' ? place.directory : workingDirectory, stat),
    isThere(file, lstat),
  ]);
  const [directory, script] = there;
  if (!directory && place.kind === 'directory') return notStarted(`${place.directory} is gone`);
  if (!directory) return notStarted(`the working directory ${workingDirectory} does not exist`);
  if (script) return notStarted(`what the first line of ${file} names does not exist`);
  if (place.kind === 'executable') return notStarted(`${file} is gone`);
  return { kind: 'exited', code: 0 };
}

async function isThere(path: string, look: (path: string) => Promise<unknown>): Promise<boolean> {
  try {
    await look(path);
    return true;
  } catch {
    return false;
  }
}
