// A script runner over the fixtures that remembers what it was told. Whatever a test leaves running is
// ended with the stage, and the stage makes sure that it is.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createUptime } from '@koi/lib/uptime';
import type { ExecutionContext } from 'ava';
import type { Action, ScriptEnd } from '../core/input.ts';
import { writeText } from './deadman-file.ts';
import { createFolderReader, type FolderEntry } from './folder.ts';
import { readProcess } from './living-process.ts';
import {
  createScriptRunner,
  type KnownScript,
  type ScriptNews,
  type ScriptOrder,
  type ScriptRunner,
} from './script.ts';

export const FIXTURES = fileURLToPath(
  new URL('../../../../test/fixtures/services', import.meta.url),
);

/** No test waits longer than this for anything. */
const PATIENCE = 20_000;

const uptime = createUptime();

interface Line {
  readonly text: string;
  readonly service: unknown;
  readonly action: unknown;
}

export interface StageOptions {
  readonly workingDirectory?: string;
  readonly groupsOnly?: boolean;
  /** The services run in a copy of the fixtures, which they may change. */
  readonly copied?: boolean;
}

export class Stage {
  readonly news: ScriptNews[] = [];
  readonly lines: Line[] = [];
  readonly stateDirectory: string;
  readonly services: string;
  scripts: ScriptRunner;
  readonly #options: StageOptions;
  readonly #used = new Set<string>();
  readonly #trees = new Set<string>();
  #entries: readonly FolderEntry[] = [];
  #run = 0;
  #leased = false;

  private constructor(stateDirectory: string, services: string, options: StageOptions) {
    this.stateDirectory = stateDirectory;
    this.services = services;
    this.#options = options;
    this.scripts = this.#create();
  }

  static async open(t: ExecutionContext, options: StageOptions = {}): Promise<Stage> {
    const directory = await mkdtemp(join(tmpdir(), 'koi-script-'));
    const services = options.copied === true ? join(directory, 'services') : FIXTURES;
    if (options.copied === true) {
      await cp(FIXTURES, services, { recursive: true, verbatimSymlinks: true });
    }
    const stage = new Stage(join(directory, 'state'), services, options);
    t.teardown(async () => {
      await stage.#finish();
      await rm(directory, { recursive: true, force: true });
      const left = [...stage.#trees].filter(existsSync);
      if (left.length > 0) throw new Error(`${left.join(', ')} is left`);
    });
    await stage.#read();
    return stage;
  }

  /** Reads the services folder. Only what a test uses is placed: wrappers are kept ready for it. */
  async #read(): Promise<void> {
    const contents = await createFolderReader(this.services, { warn: () => {} }).read();
    if (contents.kind === 'folder-failed') throw new Error(contents.reason);
    this.#entries = contents.services;
  }

  #place(): void {
    this.scripts.place(this.#entries.filter(({ name }) => this.#used.has(name)));
  }

  /** Another process takes the place of this one, which has left everything running. */
  succeed(known: readonly KnownScript[]): void {
    this.scripts.detach();
    this.scripts = this.#create();
    this.scripts.adopt(known);
    this.#place();
  }

  /** A promote asks for a lease: there is one that outlasts every test, where none was given. */
  run(service: string, action: Action, change: Partial<ScriptOrder> = {}): number {
    this.#run += 1;
    this.uses(service);
    if (action === 'promote' && !this.#leased) this.lease(change.environment?.epoch ?? 0, PATIENCE);
    this.scripts.run({
      run: this.#run,
      service,
      action,
      timeout: 60_000,
      environment: { promoted: false, state: 'standby', epoch: 0, master: undefined },
      ...change,
    });
    return this.#run;
  }

  /** What the runner keeps for its deadman. */
  lease(epoch: number, left: number): void {
    this.#leased = true;
    const directory = join(this.stateDirectory, 'deadman');
    mkdirSync(directory, { recursive: true });
    writeText(join(directory, 'lease'), `${epoch} ${Math.floor(uptime()) + left} 0\n`);
  }

  /** Lets a script of the service `slow` end; in a copy of the fixtures, which is this stage's own. */
  release(): void {
    writeFileSync(join(this.services, 'slow', 'go'), '');
  }

  /** What runs of a service ends with the stage. */
  uses(service: string): void {
    if (this.#used.has(service)) return;
    this.#used.add(service);
    if (this.#entries.some(({ name }) => name === service)) this.#place();
  }

  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    for (let waited = 0; waited < PATIENCE; waited += 10) {
      const found = look();
      if (found !== undefined) return found;
      await sleep(10);
    }
    throw new Error(`waited in vain for ${what}: ${JSON.stringify([this.news, this.lines])}`);
  }

  ended(run: number): Promise<ScriptEnd> {
    return this.until(`the end of run ${run}`, () => {
      const found = this.news.find((news) => news.kind === 'script-ended' && news.run === run);
      return found?.kind === 'script-ended' ? found.end : undefined;
    });
  }

  started(run: number): Promise<number> {
    return this.until(`the start of run ${run}`, () => {
      const found = this.news.find((news) => news.kind === 'script-started' && news.run === run);
      return found?.kind === 'script-started' ? found.processId : undefined;
    });
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

  /** The process that a script says it has left. */
  async left(pattern = /^(?:child|daemon) (\d+)$/): Promise<number> {
    return Number((await this.line(pattern))[1]);
  }

  async killed(service: string): Promise<void> {
    const before = this.#kills(service);
    this.scripts.kill(service, 'the test says so');
    await this.until(`the end of ${service}`, () =>
      this.#kills(service) > before ? true : undefined,
    );
  }

  #kills(service: string): number {
    return this.news.filter((news) => news.kind === 'killed' && news.service === service).length;
  }

  #create(): ScriptRunner {
    const note = (text: string, fields: Readonly<Record<string, unknown>>): void => {
      const { service, action } = fields;
      this.lines.push({ text, service, action });
    };
    return createScriptRunner({
      cluster: 'shop',
      node: 'a',
      workingDirectory: this.#options.workingDirectory ?? tmpdir(),
      stateDirectory: this.stateDirectory,
      groupsOnly: this.#options.groupsOnly ?? false,
      bootNow: uptime,
      log: { info: note, warn: note, error: note },
      tell: (news) => this.news.push(news),
    });
  }

  async #finish(): Promise<void> {
    for (const service of this.#used) {
      const tree = this.scripts.treeOf(service);
      if (tree.kind === 'cgroup') this.#trees.add(dirname(tree.directory));
      await this.killed(service);
    }
    await this.scripts.close();
  }
}

/** Whether a process runs. */
export function isRunning(id: number): boolean {
  const found = readProcess(id);
  return found !== undefined && found.phase !== 'Z' && found.phase !== 'X';
}
