// A cluster of real processes on loopback, for tests and measurements: starts it, waits for what it
// shall come to, and in the end removes every process and file. What it did is read from its scripts'
// log alone, never from what the daemons say of themselves.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toJsonString } from '@bufbuild/protobuf';
import { type Cluster, ClusterSchema } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import type { Duration, Instant } from '@koi/lib/time';
import { type ClusterTimes, clusterFile } from './cluster-file.ts';
import { builtPrograms, type ClusterOptions } from './cluster-options.ts';
import { CutProxy } from './cut-proxy.ts';
import { freePorts } from './free-port.ts';
import { removeHostCgroups } from './host-cgroups.ts';
import { killHostProcesses } from './host-processes.ts';
import { describeOverlap, overlapsIn } from './overlap.ts';
import { type LogLine, readPromotionLog } from './promotion-log.ts';
import { type ServiceFolder, storeStatusFile, writeServiceFolder } from './service-folder.ts';
import { TestAdmin } from './test-admin.ts';
import { TestHost } from './test-host.ts';
import { takeTurn } from './turn.ts';

const defaultTimes: ClusterTimes = { preset: 'default', status: 500, initialPromotion: 1_000 };

/** A signal alone would end a process without its `exit` event. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long anything that a test waits for may take, on a busy machine. */
const untilMax: Duration = 20_000;
const lookEvery: Duration = 50;

/** Hosts, their log, and who answers for them. */
export class TestCluster {
  readonly admin: TestAdmin;
  readonly #directory: string;
  readonly #hosts = new Map<string, TestHost>();
  readonly #wires = new Map<string, readonly CutProxy[]>();
  readonly #webPort: number | undefined;
  readonly #endTurn: () => Promise<void>;
  // A test process that is ended early must leave nothing behind either.
  readonly #onExit = () => this.#remove();
  readonly #onSignal = () => process.exit(1);
  #last: Cluster | undefined;
  /** What was waited for in vain: whatever is waited for after that is not worth the time. */
  #vain: string | undefined;

  private constructor(setup: {
    readonly directory: string;
    readonly targets: ReadonlyMap<string, string>;
    readonly webPort: number | undefined;
    readonly endTurn: () => Promise<void>;
  }) {
    this.#directory = setup.directory;
    this.#webPort = setup.webPort;
    this.#endTurn = setup.endTurn;
    this.admin = new TestAdmin(setup.targets);
    process.once('exit', this.#onExit);
    // Each time: a second signal must not cut the removal short.
    for (const signal of endingSignals) process.on(signal, this.#onSignal);
  }

  /** Starts all hosts at once, once no other test cluster runs. */
  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const endTurn = await takeTurn();
    const names = options.hosts ?? ['a', 'b', 'c'];
    const [webPort, ...electorPorts] = await freePorts(names.length + 1);
    const ports = new Map(names.map((name, index) => [name, electorPorts[index] ?? 0]));
    const directory = mkdtempSync(join(tmpdir(), 'koi-test-'));
    // A socket is reached from wherever its file is, another network's addresses are not.
    const targetOf = ([name, port]: [string, number]): [string, string] => [
      name,
      options.network ? `unix:${join(directory, name, 'elector.sock')}` : `127.0.0.1:${port}`,
    ];
    const cluster = new TestCluster({
      directory,
      targets: new Map([...ports].map(targetOf)),
      webPort: options.web === false ? undefined : webPort,
      endTurn,
    });
    writeFileSync(cluster.#logFile, '');
    for (const name of names) await cluster.#addHost(name, ports, options);
    for (const host of cluster.#hosts.values()) host.start();
    return cluster;
  }

  /** One host. */
  host(name: string): TestHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`there is no host ${name}`);
    return host;
  }

  /** Where an elector listens: host:port. */
  address(elector: string): string {
    return this.admin.address(elector);
  }

  /** The socket file of a daemon. */
  socket(host: string, daemon: 'elector' | 'runner'): string {
    return join(this.#directory, host, `${daemon}.sock`);
  }

  /** Writes a runner's configuration file anew; the runner has to be told. */
  changeRunnerFile(host: string, change: (content: string) => string): void {
    const file = join(this.#directory, host, 'runner.yaml');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }

  /** The names of the hosts that are none of these. */
  others(...names: readonly string[]): readonly string[] {
    return [...this.#hosts.keys()].filter((name) => !names.includes(name));
  }

  /** Waits until the leader says something of the cluster; tells what it then said. */
  async until(what: string, holds: (cluster: Cluster) => boolean): Promise<Cluster> {
    const deadline = this.#deadline();
    while (performance.now() < deadline) {
      const living = [...this.#hosts.values()].filter((host) => host.runs('elector'));
      const cluster = await this.admin.cluster(living.map(({ name }) => name));
      if (cluster !== undefined) {
        this.#last = cluster;
        if (holds(cluster)) return cluster;
      }
      await sleep(lookEvery);
    }
    throw this.#inVain(what);
  }

  /** Waits until the scripts' log shows something. */
  async untilLog(what: string, holds: (lines: readonly LogLine[]) => boolean): Promise<void> {
    const deadline = this.#deadline();
    while (!holds(this.log())) {
      if (performance.now() > deadline) {
        throw this.#inVain(what);
      }
      await sleep(lookEvery);
    }
  }

  /** Waits until one host has promoted all its services and every other living one stands by. */
  async untilSettled(master?: string): Promise<Cluster> {
    const settled = await this.until(
      `${master ?? 'somebody'} is master, all others stand by`,
      (cluster) => {
        if (!this.#hosts.get(cluster.master)?.runs('runner')) return false;
        if (master !== undefined && cluster.master !== master) return false;
        if (cluster.electors.some(({ name, heard }) => heard !== this.host(name).runs('elector')))
          return false;
        const living = [...this.#hosts.values()].filter((host) => host.runs('runner'));
        return living.every(({ name }) => {
          const runner = cluster.runners.find((one) => one.name === name);
          const wanted = name === cluster.master ? RunnerState.MASTER : RunnerState.STANDBY;
          return runner?.state === wanted && (runner.promoted || name !== cluster.master);
        });
      },
    );
    await this.untilLog(`the scripts of ${settled.master} have promoted it`, (lines) => {
      const services = this.#webPort === undefined ? ['store'] : ['store', 'web'];
      return services.every((service) => {
        const last = lines.findLast(
          (line) =>
            line.kind === 'end' &&
            line.host === settled.master &&
            line.service === service &&
            line.action !== 'status',
        );
        return last?.kind === 'end' && last.action === 'promote' && last.code === 0;
      });
    });
    return settled;
  }

  /** What the scripts of all hosts have written so far. */
  log(): readonly LogLine[] {
    return readPromotionLog(readFileSync(this.#logFile, 'utf8'));
  }

  /** The host that holds the exclusive port now. */
  async answers(): Promise<string | undefined> {
    try {
      const signal = AbortSignal.timeout(1_000);
      const response = await fetch(`http://127.0.0.1:${this.#webPort}/`, { signal });
      return (await response.text()).trim();
    } catch {
      return undefined;
    }
  }

  /**
   * Everything that speaks against one master at a time, as sentences: promotions that overlap by the
   * log, and a promote that failed, as it does where the exclusive port is still held.
   */
  faults(): readonly string[] {
    const lines = this.log();
    const refused = lines.flatMap((line) =>
      line.kind === 'end' && line.action === 'promote' && line.code !== 0
        ? [`promote of ${line.service} on ${line.host} failed with ${line.code}`]
        : [],
    );
    return [...overlapsIn(lines).map(describeOverlap), ...refused];
  }

  /** Sets what the status script of a host's store answers; undefined: success. */
  setStoreStatus(host: string, code: number | undefined): void {
    const file = storeStatusFile(this.#memory(host));
    if (code === undefined) rmSync(file, { force: true });
    else writeFileSync(file, `${code}\n`);
  }

  /** Cuts a runner off from every elector, or from one; its services go on. Returns the moment before. */
  cut(host: string, elector?: string): Instant {
    const before = Date.now();
    const names = [...this.#hosts.keys()];
    for (const [index, wire] of (this.#wires.get(host) ?? []).entries()) {
      if (elector === undefined || names[index] === elector) wire.cut();
    }
    return before;
  }

  /** Ends the cut. */
  mend(host: string): void {
    for (const wire of this.#wires.get(host) ?? []) wire.mend();
  }

  /** The last view of the cluster, the scripts' log and the daemons' own words, for a failing test. */
  tell(): string {
    const view =
      this.#last === undefined
        ? 'nobody led'
        : toJsonString(ClusterSchema, this.#last, { prettySpaces: 1 });
    const log = readFileSync(this.#logFile, 'utf8')
      .trimEnd()
      .split('\n')
      .filter((line) => !line.includes(' status '))
      .slice(-40)
      .join('\n');
    return [view, log, ...[...this.#hosts.values()].map((host) => host.tail())].join('\n');
  }

  /** Removes every process and every file. */
  async close(): Promise<void> {
    process.removeListener('exit', this.#onExit);
    for (const signal of endingSignals) process.removeListener(signal, this.#onSignal);
    this.admin.close();
    for (const wire of [...this.#wires.values()].flat()) wire.close();
    this.#remove();
    await this.#endTurn();
  }

  #deadline(): Instant {
    if (this.#vain !== undefined) throw new Error(`given up: never came "${this.#vain}"`);
    return performance.now() + untilMax;
  }

  #inVain(what: string): Error {
    this.#vain = what;
    return new Error(`waited ${untilMax} ms in vain until ${what}\n${this.tell()}`);
  }

  /** Its own, so that its processes are told from every other cluster's. */
  get name(): string {
    return basename(this.#directory);
  }

  get #logFile(): string {
    return join(this.#directory, 'promotions.log');
  }

  #memory(host: string): string {
    return join(this.#directory, host, 'memory');
  }

  #remove(): void {
    killHostProcesses(this.name);
    for (const { stateDirectory } of this.#hosts.values()) removeHostCgroups(stateDirectory);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #addHost(
    name: string,
    ports: ReadonlyMap<string, number>,
    options: ClusterOptions,
  ): Promise<void> {
    const directory = join(this.#directory, name);
    const servicesDirectory = join(directory, 'services');
    mkdirSync(servicesDirectory, { recursive: true });
    const folder: ServiceFolder = {
      host: name,
      directory: servicesDirectory,
      memory: this.#memory(name),
      log: this.#logFile,
      webPort: this.#webPort,
    };
    writeServiceFolder(folder);
    options.addServices?.(name, servicesDirectory, folder);
    const { network } = options;
    const wires =
      options.wires === true
        ? await Promise.all([...ports.values()].map((port) => CutProxy.open(port)))
        : [];
    this.#wires.set(name, wires);
    const write = (daemon: string, list: readonly number[]): string => {
      const electors = [...ports.keys()].map((elector, index) => ({
        name: elector,
        ...(network === undefined ? {} : { address: network.addressOf(elector) }),
        port: list[index] ?? 0,
        priority: ports.size - index,
      }));
      const file = join(directory, `${daemon}.yaml`);
      const times = { ...defaultTimes, ...options.times };
      writeFileSync(
        file,
        clusterFile({ cluster: this.name, name, directory, servicesDirectory, electors, times }),
      );
      return file;
    };
    const direct = [...ports.values()];
    const host = new TestHost({
      cluster: this.name,
      name,
      directory,
      programs: { ...builtPrograms, ...options.programs },
      electorFile: write('elector', direct),
      // The digests that daemons compare are of times, and of the electors' own list: a runner may take detours.
      runnerFile: write('runner', wires.length > 0 ? wires.map(({ port }) => port) : direct),
      log: this.#logFile,
      enter: network?.enter(name) ?? [],
    });
    this.#hosts.set(name, host);
  }
}
