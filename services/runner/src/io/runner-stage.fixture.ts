// A whole runner in this process: its core, its loop, its services folder, and scripts that are real. Only
// the leader is made up: it answers each report at once, and what it orders is the test's.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '@koi/lib/clock';
import type { Loop } from '@koi/lib/loop';
import { createUptime } from '@koi/lib/uptime';
import type { ExecutionContext } from 'ava';
import type { Report, ServiceReport, ServiceState, Target } from '../core/assignment.ts';
import type { Action, Input } from '../core/input.ts';
import type { RunnerOptions } from '../core/options.ts';
import { Runner } from '../core/runner.ts';
import { OPTIONS } from '../core/trial.fixture.ts';
import { writeText } from './deadman-file.ts';
import { ACTIONS, createFolderReader } from './folder.ts';
import { createRunnerLoop, type RunnerWorld } from './loop.ts';
import { createScriptRunner, type ScriptRunner } from './script.ts';
import { FIXTURES } from './script-stage.fixture.ts';

/** No test waits longer than this for anything. */
const PATIENCE = 30_000;

/** How long a lease lasts here: longer than any test. */
const LEASE = 120_000;

/** How often the folder is read and statuses run. */
const ROUND = 100;

const uptime = createUptime();

interface Line {
  readonly text: string;
  readonly service?: unknown;
  readonly action?: unknown;
}

export interface RunnerStageOptions {
  readonly core?: Partial<RunnerOptions>;
  readonly groupsOnly?: boolean;
}

export class RunnerStage {
  /** The services folder. */
  readonly services: string;
  readonly workingDirectory: string;
  readonly lines: Line[] = [];
  readonly core: Runner;
  exited = false;
  readonly #directory: string;
  readonly #scripts: ScriptRunner;
  readonly #loop: Loop<Input>;
  readonly #seen = new Set<string>();
  readonly #killed = new Set<string>();
  readonly #faults: unknown[] = [];
  #sequence = 0;
  #epoch = 0;
  #target: Target = 'standby';
  #reported = { number: 0, released: 0 };

  private constructor(directory: string, { core, groupsOnly = false }: RunnerStageOptions) {
    this.#directory = directory;
    this.services = join(directory, 'services');
    this.workingDirectory = join(directory, 'work');
    for (const name of ['services', 'work', 'answers', 'state/deadman']) {
      mkdirSync(join(directory, name), { recursive: true });
    }
    const note = (text: string, fields: Partial<Line> = {}): void => {
      this.lines.push({ text, service: fields.service, action: fields.action });
    };
    const clock = createClock();
    this.#scripts = createScriptRunner({
      cluster: 'shop',
      node: 'a',
      workingDirectory: this.workingDirectory,
      stateDirectory: join(directory, 'state'),
      groupsOnly,
      bootNow: uptime,
      log: { info: note, warn: note, error: note },
      tell: (news) => {
        if (news.kind === 'killed') this.#killed.add(news.service);
        this.#loop.feed(news);
      },
    });
    // What has failed stays so, unless a test is about that.
    const recovery = { ...OPTIONS.recovery, attempts: 0 };
    // No load makes the leader unheard: what a runner says of itself would be another.
    const heartbeat = 1_000;
    const options = { ...OPTIONS, heartbeat, statusInterval: ROUND, recovery, ...core };
    this.core = new Runner(options, clock.now());
    const onFault = (error: unknown): void => {
      this.#faults.push(error);
    };
    const world = this.#world(note, onFault);
    this.#loop = createRunnerLoop({ core: this.core, clock, world, onFault });
  }

  /** Opens a runner that begins with what `prepare` has put into its folder. */
  static async open(
    t: ExecutionContext,
    prepare: (stage: RunnerStage) => void | Promise<void>,
    options: RunnerStageOptions = {},
  ): Promise<RunnerStage> {
    const directory = await mkdtemp(join(tmpdir(), 'koi-runner-'));
    const stage = new RunnerStage(directory, options);
    t.teardown(() => stage.#finish());
    await prepare(stage);
    stage.#loop.start();
    return stage;
  }

  /** A runner that stands by, with these entries in its folder. */
  static async standby(
    t: ExecutionContext,
    entries: readonly string[],
    options: RunnerStageOptions = {},
  ): Promise<RunnerStage> {
    const prepare = (stage: RunnerStage): void => {
      for (const entry of entries) stage.add(entry);
    };
    const stage = await RunnerStage.open(t, prepare, options);
    await stage.state('standby');
    return stage;
  }

  /** One that is master, everything promoted. */
  static async master(t: ExecutionContext, entries: readonly string[]): Promise<RunnerStage> {
    const stage = await RunnerStage.standby(t, entries);
    stage.order('master');
    const { core } = stage;
    await stage.holds('master', () => core.services.every((one) => one.state === 'promoted'));
    return stage;
  }

  /** Puts scripts into the folder that note what they are run for, and end as they are told to. */
  add(entry: string, actions: readonly Action[] = ACTIONS): void {
    mkdirSync(join(this.services, entry), { recursive: true });
    for (const action of actions) this.write(`${entry}/${action}`, this.#noting());
  }

  /** Puts one file that does the same for all actions there. */
  addFile(entry: string): void {
    this.write(entry, this.#noting());
  }

  /** Puts one of the fixtures there. */
  addFixture(name: string): Promise<void> {
    const options = { recursive: true, verbatimSymlinks: true } as const;
    return cp(join(FIXTURES, name), join(this.services, name), options);
  }

  write(path: string, text: string, mode = 0o755): void {
    writeFileSync(join(this.services, path), text, { mode });
  }

  /** What the next script of the kind does after it has noted what it is run for. */
  answer(service: string, action: Action, command: string): void {
    writeFileSync(join(this.#directory, 'answers', `${service}.${action}`), `${command}\n`);
  }

  /** What the leader wants from now on. A new master is one under a new epoch. */
  order(target: Target): void {
    if (target === 'master') this.#epoch += 1;
    this.#target = target;
    this.#assign();
  }

  /** The daemon is told to end. */
  end(): void {
    this.#loop.feed({ kind: 'stop' });
  }

  /** What scripts were run, in order: service, action, KOI_IS_PROMOTED and KOI_STATE. */
  get trace(): readonly string[] {
    const file = this.#traceFile;
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  /** The same without statuses, by service and action alone. */
  get scripts(): readonly string[] {
    const runs = this.trace.map((line) => line.split(' ').slice(0, 2).join(' '));
    return runs.filter((run) => !run.endsWith(' status'));
  }

  service(name: string): ServiceReport | undefined {
    return this.core.services.find((service) => service.name === name);
  }

  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    for (let waited = 0; waited < PATIENCE; waited += 10) {
      const [fault] = this.#faults;
      if (fault !== undefined) throw fault;
      const found = look();
      if (found !== undefined) return found;
      await sleep(10);
    }
    const said = this.lines.slice(-40).map(({ text }) => text);
    throw new Error(`waited in vain for ${what}: ${JSON.stringify([this.trace.slice(-20), said])}`);
  }

  /** Waits until something is so. */
  async holds(what: string, look: () => boolean): Promise<void> {
    await this.until(what, () => (look() ? true : undefined));
  }

  async runs(script: string): Promise<void> {
    await this.holds(script, () => this.scripts.includes(script));
  }

  async stateOf(name: string, state: ServiceState): Promise<void> {
    await this.holds(`${name} ${state}`, () => this.service(name)?.state === state);
  }

  async state(state: Report['state']): Promise<void> {
    await this.holds(state, () => this.core.state === state);
  }

  line(pattern: RegExp): Promise<RegExpExecArray> {
    return this.until(`a line like ${pattern}`, () => {
      for (const { text } of this.lines) {
        const match = pattern.exec(text);
        if (match !== null) return match;
      }
      return undefined;
    });
  }

  /** Waits until so many more rounds of statuses have begun. */
  async rounds(count: number): Promise<void> {
    const end = uptime() + count * ROUND;
    await this.holds(`${count} rounds`, () => uptime() >= end);
  }

  get #traceFile(): string {
    return join(this.#directory, 'trace');
  }

  #noting(): string {
    return [
      '#!/bin/sh',
      `echo "$KOI_SERVICE $KOI_ACTION $KOI_IS_PROMOTED $KOI_STATE" >>'${this.#traceFile}'`,
      'echo "$KOI_ACTION $#$1 in $(pwd)"',
      `answer='${join(this.#directory, 'answers')}/'$KOI_SERVICE.$KOI_ACTION`,
      '[ ! -e "$answer" ] || . "$answer"',
      '',
    ].join('\n');
  }

  #world(note: (text: string) => void, onFault: (error: unknown) => void): RunnerWorld {
    const scripts = this.#scripts;
    const folder = createFolderReader(this.services, { warn: note });
    const readFolder = async (): Promise<void> => {
      const contents = await folder.read();
      if (contents.kind === 'folder') {
        for (const { name } of contents.services) this.#seen.add(name);
        scripts.place(contents.services);
      }
      this.#loop.feed(contents);
    };
    return {
      links: [{ report: (report) => this.#hear(report) }],
      scripts: {
        run: (order) => scripts.run(order),
        cutShort: (run) => scripts.cutShort(run),
        kill: (service, reason) => scripts.kill(service, reason),
      },
      readFolder: () => void readFolder().catch(onFault),
      reconfigure: () => {},
      keep: () => {},
      lease: ({ epoch }) => {
        // What promotions ask for; there is no deadman that goes by it.
        const end = Math.floor(uptime()) + LEASE;
        writeText(join(this.#directory, 'state/deadman/lease'), `${epoch} ${end} 0\n`);
      },
      claim: (epoch) => this.#loop.feed({ kind: 'demotion-claimed', epoch, by: 'runner' }),
      fence: () => {},
      exit: () => {
        this.exited = true;
      },
      log: { info: note, warn: note, error: note } as RunnerWorld['log'],
    };
  }

  #hear(report: Report): void {
    this.#reported = report;
    setImmediate(() => this.#assign());
  }

  #assign(): void {
    this.#sequence += 1;
    const target = this.#target;
    const epoch = this.#epoch;
    const isMaster = target === 'master';
    const { number, released } = this.#reported;
    this.#loop.feed({
      kind: 'assignment',
      elector: 'a',
      assignment: {
        term: 1,
        sequence: this.#sequence,
        session: OPTIONS.session,
        number,
        target,
        // What was given back is not leased again.
        lease: epoch <= released ? undefined : { epoch, duration: LEASE },
        release: isMaster ? epoch - 1 : epoch,
        master: isMaster ? 'a' : undefined,
        maintenance: undefined,
        recovery: 0,
        reconfigure: 0,
        reason: '',
      },
    });
  }

  async #finish(): Promise<void> {
    this.#loop.stop();
    const trees = new Set<string>();
    for (const service of this.#seen) {
      const tree = this.#scripts.treeOf(service);
      if (tree.kind === 'cgroup') trees.add(dirname(tree.directory));
      this.#killed.delete(service);
      this.#scripts.kill(service, 'the test is over');
      await this.holds(`the end of ${service}`, () => this.#killed.has(service));
    }
    await this.#scripts.close();
    await rm(this.#directory, { recursive: true, force: true });
    const left = [...trees].filter(existsSync);
    if (left.length > 0) throw new Error(`${left.join(', ')} is left`);
  }
}
