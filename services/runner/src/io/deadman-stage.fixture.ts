// A stage for the deadman: a state directory, services whose scripts note what they do and when, and hosts
// (deadman-host.fixture.ts) that a test kills, stops and continues.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readText } from './deadman-file.ts';
import type { HostCommand, HostNews, HostOptions } from './deadman-host.fixture.ts';
import { type DeadmanResult, parseResult } from './deadman-result.ts';
import { Succession } from './deadman-succession.ts';
import type { WatchedScript, WatchedService } from './deadman-watch.ts';
import { findLiving, killLiving, type ProcessIdentity, parseIdentity } from './living-process.ts';
import type { ServiceTree } from './process-tree.ts';

/** No test waits longer than this for anything. */
const PATIENCE = 15_000;

const HOST = fileURLToPath(new URL('deadman-host.fixture.ts', import.meta.url));

/** Says its number and its start time, in bash. */
const SAY_IDENTITY = 'read -r stat </proc/self/stat; set -- $stat; shift 21; echo "$$ $1"';

/** What a script noted. */
export interface Note {
  /** Milliseconds by the wall clock. */
  readonly at: number;
  readonly service: string;
  readonly action: string;
  readonly what: string;
}

/** The bodies of a service's scripts, in bash; `note WORD` is there for them. */
export interface Bodies {
  readonly demote?: string;
  readonly stop?: string;
}

export interface ServiceOptions extends Bodies {
  readonly priority?: number;
  readonly tree?: ServiceTree;
  readonly output?: string;
}

/** A script that the runner has begun. */
export interface RunUnderWay {
  readonly directory: string;
  readonly pid: number;
}

export class DeadmanStage {
  readonly directory: string;
  readonly state: string;
  readonly hosts: DeadmanHost[] = [];
  readonly #log: string;
  readonly #cgroups: string[] = [];

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'koi-deadman-'));
    this.state = join(this.directory, "state 'n' $more");
    this.#log = join(this.directory, 'notes');
    for (const name of ['deadman', 'runs', 'output', 'groups']) {
      mkdirSync(join(this.state, name), { recursive: true, mode: 0o700 });
    }
    writeFileSync(this.#log, '');
  }

  /** Starts a host and, unless told otherwise, its deadman. */
  async host(options: Partial<HostOptions> = {}, opened = true): Promise<DeadmanHost> {
    const host = new DeadmanHost({
      stateDirectory: this.state,
      demoteGrace: 1_000,
      heartbeat: 100,
      fence: undefined,
      ...options,
    });
    this.hosts.push(host);
    if (opened) {
      await host.ask({ kind: 'open' });
      await until('the deadman to answer', async () => {
        const { value } = await host.ask({ kind: 'armed' });
        return value || undefined;
      });
    }
    return host;
  }

  /** A folder service as it is watched. */
  service(name: string, options: ServiceOptions = {}): WatchedService {
    const directory = join(this.directory, `services/${encodeURIComponent(name)}`);
    mkdirSync(directory, { recursive: true });
    const script = (action: 'demote' | 'stop'): WatchedScript => {
      const file = join(directory, action);
      const body = options[action] ?? 'note begin; note end';
      const text = `#!/bin/bash\n${this.#noteFunction(name, action)}\n${body}\n`;
      writeFileSync(file, text, { mode: 0o755 });
      return {
        kind: 'directory',
        file,
        directory,
        parameters: [],
        output: options.output ?? '',
        environment: {
          PATH: '/usr/bin:/bin',
          KOI_SERVICE: name,
          KOI_ACTION: action,
          KOI_EPOCH: '7',
        },
      };
    };
    return {
      name,
      priority: options.priority,
      demote: script('demote'),
      stop: script('stop'),
      tree: options.tree ?? {
        kind: 'groups',
        file: join(this.state, 'groups', encodeURIComponent(name)),
      },
    };
  }

  #noteFunction(service: string, action: string): string {
    const words = `"$EPOCHREALTIME" '${encodeURIComponent(service).replaceAll("'", '%27')}' ${action} "$1"`;
    return `note() { printf '%s %s %s %s\n' ${words} >>'${this.#log}'; }`;
  }

  /** What the scripts have noted so far. */
  get notes(): readonly Note[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const [, at = '', service = '', action = '', what = ''] =
        /^(\S+) (\S+) (\S+) (.*)$/.exec(line) ?? [];
      return { at: Number(at) * 1_000, service: decodeURIComponent(service), action, what };
    });
  }

  /** The same without times. */
  get story(): readonly string[] {
    return this.notes.map(({ service, action, what }) => `${service} ${action} ${what}`);
  }

  noteAt(text: string): number | undefined {
    const found = this.notes.find((note) => `${note.service} ${note.action} ${note.what}` === text);
    return found?.at;
  }

  /** What the deadman left last; undefined: it has not acted, or not to the end. */
  get result(): DeadmanResult | undefined {
    return parseResult(readText(join(this.state, 'deadman', 'result')) ?? '');
  }

  /** The outcomes in it, by service. */
  async outcomes(): Promise<Readonly<Record<string, string>>> {
    const { services } = await until('a result', () => this.result);
    return Object.fromEntries(services.map(({ name, outcome }) => [name, outcome]));
  }

  /** Runs a program that only SIGKILL ends: double-forked in a cgroup, or as a group that is listed. */
  async daemon(tree: ServiceTree): Promise<ProcessIdentity> {
    const name = join(this.directory, `daemon-${randomUUID()}`);
    const body = `trap '' TERM HUP INT\n${SAY_IDENTITY} >${name}.pid\nwhile :; do sleep 1; done\n`;
    writeFileSync(name, body);
    if (tree.kind === 'cgroup') {
      const enter = `echo 0 >${tree.directory}/cgroup.procs`;
      spawnSync('bash', ['-c', `${enter}; setsid bash ${name} &`], { stdio: 'ignore' });
    } else {
      spawn('bash', [name], { detached: true, stdio: 'ignore' }).unref();
    }
    const found = await until('a daemon', () => parseIdentity(readText(`${name}.pid`) ?? ''));
    if (tree.kind === 'groups') appendFileSync(tree.file, `${found.pid} ${found.start}\n`);
    return found;
  }

  /** A script that the runner has under way, as its wrapper leaves word of it. */
  async run(service: string, action: string, body: string, number = 1): Promise<RunUnderWay> {
    const directory = join(this.state, 'runs', `00000000-0000-4000-8000-00000000000a-${number}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, 'order'),
      JSON.stringify({ run: number, service, action, timeout: 60_000, deadline: 0 }),
    );
    const text = [
      this.#noteFunction(service, action),
      // As the real one: it lives as long as its child.
      'trap : TERM',
      `${SAY_IDENTITY} >"$RUN/pid"`,
      `( ${body}\n)`,
      'echo $? >"$RUN/exit"',
    ].join('\n');
    const child = spawn('bash', ['-c', text], {
      detached: true,
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin', KOI_SERVICE: service, RUN: directory },
    });
    const { pid = 0 } = child;
    await until('its number', () => existsSync(join(directory, 'pid')) || undefined);
    return { directory, pid };
  }

  /** The deadman that wrote down its number last. */
  get deadman(): ProcessIdentity {
    const identity = parseIdentity(readFileSync(join(this.state, 'deadman', 'pid'), 'utf8'));
    if (identity === undefined) throw new Error('no deadman has written its number');
    return identity;
  }

  /** Waits for the deadman that takes the place of another one. */
  async successor(old: ProcessIdentity): Promise<ProcessIdentity> {
    return await until('another deadman', () => {
      // It may just be writing its number.
      const found = parseIdentity(readText(join(this.state, 'deadman', 'pid')) ?? '');
      return found?.pid === old.pid ? undefined : found;
    });
  }

  /** Makes a cgroup; undefined where this host has none. */
  cgroup(): string | undefined {
    for (const mount of ['/sys/fs/cgroup/unified', '/sys/fs/cgroup']) {
      const path = join(mount, `koi-test-${process.pid}-${this.#cgroups.length}-${Date.now()}`);
      try {
        mkdirSync(path);
        readFileSync(join(path, 'cgroup.events'));
      } catch {
        continue;
      }
      this.#cgroups.push(path);
      return path;
    }
    return undefined;
  }

  /** Makes a FIFO for output. */
  fifo(name: string): string {
    const path = join(this.state, 'output', name);
    spawnSync('mkfifo', [path]);
    return path;
  }

  async close(): Promise<void> {
    for (const host of this.hosts) host.signal('SIGKILL');
    killLiving(this.deadman, 'process');
    new Succession(join(this.state, 'deadman'), this.deadman).endJobs();
    for (const cgroup of this.#cgroups) {
      writeFileSync(join(cgroup, 'cgroup.kill'), '1');
      await sleep(50);
    }
    spawnSync('rmdir', this.#cgroups);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A host process. */
export class DeadmanHost {
  readonly log: string[] = [];
  readonly acted: { readonly result: DeadmanResult; readonly at: number }[] = [];
  readonly #child: ChildProcess;
  readonly #answers: ((answer: HostNews & { kind: 'answer' }) => void)[] = [];

  constructor(options: HostOptions) {
    const child = spawn(process.execPath, [HOST, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    child.stdin?.on('error', () => {});
    if (child.stdout === null) throw new Error('a host has an output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const news: HostNews = JSON.parse(line);
      if (news.kind === 'answer') this.#answers.shift()?.(news);
      else if (news.kind === 'log') this.log.push(news.text);
      else this.acted.push(news);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get dead(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async ask(command: HostCommand): Promise<HostNews & { kind: 'answer' }> {
    const answer = new Promise<HostNews & { kind: 'answer' }>((resolve) => {
      this.#answers.push(resolve);
    });
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return await answer;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Looks again and again until there is an answer. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (let waited = 0; waited < PATIENCE; waited += 5) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(5);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Waits for the end of a process. */
export async function untilDead(identity: ProcessIdentity): Promise<void> {
  await until(`the end of ${identity.pid}`, () => (findLiving(identity) ? undefined : true));
}
