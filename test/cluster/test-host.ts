// One host of a test cluster: a koi-elector and a koi-runner as real processes, and everything the
// runner's scripts start. A host dies whole, its daemons can be stopped one by one.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration, Instant } from '@koi/lib/time';
import { hostEnvironment, killHostProcesses, signalProcess } from './host-processes.ts';
import { killedLine } from './promotion-log.ts';

/** The bundles that a host runs. */
export interface Programs {
  readonly elector: string;
  readonly runner: string;
}

/** What a host is made of. */
export interface HostOptions {
  readonly cluster: string;
  readonly name: string;
  readonly directory: string;
  readonly programs: Programs;
  readonly electorFile: string;
  readonly runnerFile: string;
  readonly log: string;
  /** The command that enters the host's network namespace; empty: it lives in ours. */
  readonly enter: readonly string[];
}

/** How long a daemon may take to end cleanly before a test fails. */
const cleanStopMax: Duration = 15_000;

/** Lines of a daemon's own log that a failing test shows. */
const tailLines = 25;

type Daemon = 'elector' | 'runner';

/** A host that can be started, stopped, killed and started again. */
export class TestHost {
  readonly name: string;
  readonly #options: HostOptions;
  readonly #daemons = new Map<Daemon, ChildProcess>();

  constructor(options: HostOptions) {
    this.name = options.name;
    this.#options = options;
    mkdirSync(join(options.directory, 'elector'), { recursive: true });
  }

  /** Whether a daemon runs, as far as its parent knows. */
  runs(daemon: Daemon): boolean {
    return this.#daemons.has(daemon);
  }

  /** Where its runner keeps what outlives it. */
  get stateDirectory(): string {
    return join(this.#options.directory, 'run');
  }

  /** Starts what does not run. A host that was dead comes back as from a reboot: its /run is empty. */
  start(): void {
    if (!this.runs('runner')) this.#emptyRun();
    if (!this.runs('elector')) this.startDaemon('elector');
    if (!this.runs('runner')) this.startDaemon('runner');
  }

  /** Starts one daemon. What it says goes to a file that `tail` shows. */
  startDaemon(daemon: Daemon): void {
    const { directory, programs } = this.#options;
    const program = programs[daemon];
    if (!existsSync(program)) throw new Error(`${program} is not there: npm run build makes it`);
    const file = daemon === 'elector' ? this.#options.electorFile : this.#options.runnerFile;
    const output = openSync(this.#outputFile(daemon), 'a');
    const words = [...this.#options.enter, process.execPath, program, '--config', file];
    const [command = '', ...parameters] = words;
    const child = spawn(command, parameters, {
      cwd: directory,
      detached: true,
      env: { ...process.env, ...hostEnvironment(this.#options.cluster, this.name) },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#daemons.set(daemon, child);
    child.once('exit', () => {
      if (this.#daemons.get(daemon) === child) this.#daemons.delete(daemon);
    });
  }

  /**
   * Kills the host: both daemons and all that their scripts started, as a power cut does. Returns the
   * moment before the first of them died.
   */
  kill(): Instant {
    const before = Date.now();
    // The daemons go first, so that nobody is left to notice the others' deaths.
    for (const child of this.#daemons.values()) kill(child, 'SIGKILL');
    killHostProcesses(this.#options.cluster, this.name);
    this.#daemons.clear();
    appendFileSync(this.#options.log, killedLine(this.name, Date.now() + 1));
    return before;
  }

  /** Sends a signal to one daemon alone. Returns the moment before it. */
  signal(daemon: Daemon, signal: NodeJS.Signals): Instant {
    const before = Date.now();
    const child = this.#daemons.get(daemon);
    if (child === undefined) throw new Error(`the ${daemon} of ${this.name} does not run`);
    if (signal === 'SIGKILL') this.#daemons.delete(daemon);
    kill(child, signal);
    return before;
  }

  /** Stops one daemon cleanly; tells its exit code. */
  async stop(daemon: Daemon): Promise<number> {
    const child = this.#daemons.get(daemon);
    if (child === undefined) return 0;
    kill(child, 'SIGTERM');
    const deadline = performance.now() + cleanStopMax;
    while (child.exitCode === null && child.signalCode === null) {
      if (performance.now() > deadline) {
        throw new Error(`the ${daemon} of ${this.name} does not stop\n${this.tail()}`);
      }
      await sleep(20);
    }
    if (child.exitCode === null) throw new Error(`${daemon} was ended by ${child.signalCode}`);
    return child.exitCode;
  }

  /** The last lines both daemons wrote. */
  tail(): string {
    const daemons: readonly Daemon[] = ['elector', 'runner'];
    return daemons
      .filter((daemon) => existsSync(this.#outputFile(daemon)))
      .map((daemon) => {
        const lines = readFileSync(this.#outputFile(daemon), 'utf8').trimEnd().split('\n');
        return `--- ${daemon} of ${this.name}\n${lines.slice(-tailLines).join('\n')}`;
      })
      .join('\n');
  }

  #outputFile(daemon: Daemon): string {
    return join(this.#options.directory, `${daemon}.log`);
  }

  #emptyRun(): void {
    rmSync(this.stateDirectory, { recursive: true, force: true });
    mkdirSync(this.stateDirectory, { recursive: true });
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) signalProcess(child.pid, signal);
}
