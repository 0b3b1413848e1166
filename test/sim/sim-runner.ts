// One runner of the simulation: the production core in the production loop, over simulated scripts and
// streams. It keeps no record of its own yet (M6): where its process ends, the host's services end too.
import { timesDigest } from '@koi/lib/digest';
import { patienceOf } from '@koi/lib/grpc/patience';
import type { Loop } from '@koi/lib/loop';
import type { Report as RunnerReport } from '../../services/runner/src/core/assignment.ts';
import type { Input, ServiceDefinition } from '../../services/runner/src/core/input.ts';
import type { RunnerOptions } from '../../services/runner/src/core/options.ts';
import { Runner } from '../../services/runner/src/core/runner.ts';
import { createRunnerLoop } from '../../services/runner/src/io/loop.ts';
import { type RunnerDown, type RunnerUp, runnerUpBytes } from './elector-server.ts';
import type { HostPlan } from './plan.ts';
import type { Random } from './random.ts';
import type { HostKit, SimHost } from './sim-host.ts';
import { SimLink } from './sim-link.ts';
import { SimProcess } from './sim-process.ts';
import { SimulatedScripts } from './simulated-scripts.ts';

interface Daemon {
  readonly process: SimProcess;
  readonly core: Runner;
  readonly loop: Loop<Input>;
}

export class SimRunner {
  /** As the simulation calls it: no two runners share one. */
  readonly name: string;
  /** As it calls itself, and as the electors know it. */
  readonly goesBy: string;
  readonly host: SimHost;
  readonly scripts: SimulatedScripts;
  readonly services: readonly ServiceDefinition[];
  readonly mode: 'active' | 'passive';
  readonly #kit: HostKit;
  readonly #priority: number;
  readonly #random: Random;
  #daemon: Daemon | undefined;
  #sessions = 0;

  constructor(
    host: SimHost,
    kit: HostKit,
    plan: NonNullable<HostPlan['runner']>,
    name = plan.name,
  ) {
    const { world, observer } = kit;
    this.name = name;
    this.goesBy = plan.name;
    this.host = host;
    this.mode = plan.mode;
    this.#kit = kit;
    this.#priority = plan.priority;
    this.#random = kit.draw(`runner ${name}`);
    this.services = plan.services.map((service) => ({
      ...service,
      disabled: false,
      fingerprint: '',
    }));
    const { manners } = kit.plan;
    const scale = kit.plan.fast ? 0.25 : 1;
    this.scripts = new SimulatedScripts(world, kit.draw(`scripts ${name}`), manners, scale, {
      begins: ({ service, action, environment }) => {
        world.say(name, `${service}: ${action} begins (epoch ${environment.epoch})`);
        observer.scriptBegins(this, service, action, environment.epoch);
      },
      ended: ({ service, action }, succeeded) => {
        world.say(name, `${service}: ${action} ${succeeded ? 'has succeeded' : 'has failed'}`);
        observer.scriptEnded(this, service, action, succeeded);
      },
      promotionChanged: () => observer.promotionChanged(this),
      tell: (news) => {
        const daemon = this.#daemon;
        daemon?.process.deliver(() => daemon.loop.feed(news));
      },
    });
  }

  get process(): SimProcess | undefined {
    return this.#daemon?.process;
  }

  get alive(): boolean {
    return this.#daemon?.process.alive === true;
  }

  /** Whether the core believes that the cluster is in maintenance. */
  get maintenance(): boolean {
    return this.#daemon?.core.maintenance === true;
  }

  get core(): Runner | undefined {
    return this.#daemon?.core;
  }

  #options(session: string): RunnerOptions {
    const { plan } = this.#kit;
    const scale = plan.fast ? 0.25 : 1;
    const times = { start: 6_000, stop: 4_000, promote: 3_000, demote: 3_000, failed: 2_000 };
    return {
      name: this.goesBy,
      session,
      mode: this.mode,
      priority: this.#priority,
      heartbeat: plan.times.heartbeat,
      demoteGrace: plan.times.demoteGrace,
      statusInterval: plan.statusInterval,
      timeouts: {
        start: times.start * scale,
        stop: times.stop * scale,
        promote: times.promote * scale,
        demote: times.demote * scale,
        failed: times.failed * scale,
        status: 2_000 * scale,
      },
      recovery: { attempts: 1_000, delay: plan.recoveryDelay, factor: 1, reset: 60_000 },
    };
  }

  start(): void {
    this.host.whenAwake(() => {
      if (!this.alive) this.#begin();
    });
  }

  #begin(): void {
    const { world, plan } = this.#kit;
    this.#sessions += 1;
    const session = `${this.name}#${this.#sessions}`;
    const process = new SimProcess(world, this.host.clock, this.#random);
    const core = new Runner(this.#options(session), process.clock.now());
    const feed = (input: Input) => loop.feed(input);
    const links = plan.hosts.flatMap(({ elector }) =>
      elector === undefined ? [] : [this.#linkTo(elector.name, session, process, feed)],
    );
    const log = (text: string) => world.say(this.name, text);
    const loop = createRunnerLoop({
      core,
      clock: process.clock,
      world: {
        links,
        scripts: this.scripts,
        readFolder: () => {
          world.after(this.#random.between(0.5, 5), () =>
            process.deliver(() => feed({ kind: 'folder', services: this.services })),
          );
        },
        reconfigure: () => {},
        exit: () => world.after(0, () => this.#exited(process)),
        log: { info: log, warn: log, error: log },
      },
      onFault: (error) =>
        world.violate(
          'no fault in a core',
          `${this.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
        ),
    });
    this.#daemon = { process, core, loop };
    world.say(this.name, `starts, session ${session}`);
    loop.start();
    for (const { link } of links) link.start();
  }

  #linkTo(elector: string, session: string, process: SimProcess, feed: (input: Input) => void) {
    const { network, codec, plan, flow, observer } = this.#kit;
    const there = this.#kit.electorNamed(elector);
    const link = new SimLink<RunnerUp, RunnerDown>({
      network,
      random: this.#random,
      process,
      station: this.host,
      serverStation: there.host,
      server: () => there.server?.runners,
      patience: patienceOf(plan.times.heartbeat),
      flow,
      bytesOf: runnerUpBytes,
      onOpen: () => {
        const digest = timesDigest(plan.times);
        link.send({ kind: 'hello', runner: this.goesBy, session, digest });
        feed({ kind: 'elector-connected', elector });
      },
      onMessage: (down) => {
        const assignment =
          down.kind === 'assignment' ? codec.fromAssignment(down.assignment) : undefined;
        if (assignment === undefined) feed({ kind: 'elector-heard', elector });
        else {
          observer.runnerHears(this, assignment);
          feed({ kind: 'assignment', elector, assignment });
        }
      },
      onLost: () => feed({ kind: 'elector-lost', elector }),
      onConnection: (connection) => this.#kit.keep(connection),
    });
    return {
      link,
      report: (report: RunnerReport) => {
        observer.runnerReports(this, report);
        if (link.open) {
          link.send({ kind: 'report', report: codec.report(report, this.goesBy) }, 'report');
        }
      },
    };
  }

  /** A clean end: everything goes down, then the daemon exits by itself. */
  stop(): void {
    const daemon = this.#daemon;
    daemon?.process.deliver(() => daemon.loop.feed({ kind: 'stop' }));
  }

  #exited(process: SimProcess): void {
    if (this.#daemon?.process === process) this.crash();
  }

  /** The process is gone, and with it, until M6 is there, its services. */
  crash(): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#daemon = undefined;
    daemon.process.end();
    daemon.loop.stop();
    this.scripts.hostDies();
    this.#kit.processEnded(daemon.process);
    this.#kit.world.say(this.name, 'is gone');
  }
}
