// One runner of the simulation: the production core in the production loop, over simulated scripts and
// streams. Its record, its services and its deadman outlive its process, and end with the host (M4, M6).
import { timesDigest } from '@koi/lib/digest';
import { patienceOf } from '@koi/lib/grpc/patience';
import type { Loop } from '@koi/lib/loop';
import type { Report as RunnerReport } from '../../services/runner/src/core/assignment.ts';
import type { Input, ServiceDefinition } from '../../services/runner/src/core/input.ts';
import type { RunnerOptions } from '../../services/runner/src/core/options.ts';
import {
  type MandateRecord,
  type RunnerRecord,
  withLease,
} from '../../services/runner/src/core/record.ts';
import { Runner } from '../../services/runner/src/core/runner.ts';
import { createRunnerLoop, type Scripts } from '../../services/runner/src/io/loop.ts';
import { type RunnerDown, type RunnerUp, runnerUpBytes } from './elector-server.ts';
import type { HostPlan } from './plan.ts';
import type { Random } from './random.ts';
import { type DeadmanDeed, SimDeadman } from './sim-deadman.ts';
import type { HostKit, SimHost } from './sim-host.ts';
import { SimLink } from './sim-link.ts';
import { SimProcess } from './sim-process.ts';
import { SimulatedScripts } from './simulated-scripts.ts';

/** How long until a process that died by itself is started again, at least. */
const RESTARTED_AFTER = 100;

/** How long until it is looked again whether the deadman has come to an end. */
const AGAIN = 5;

/** How long it takes until the runner has found a dead deadman and armed another one, at most. */
const REARMED_WITHIN = 20;

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
  readonly deadman: SimDeadman;
  readonly services: readonly ServiceDefinition[];
  readonly mode: 'active' | 'passive';
  readonly #kit: HostKit;
  readonly #priority: number;
  readonly #random: Random;
  #daemon: Daemon | undefined;
  #sessions = 0;
  /** What is under /run, by the host's clock. */
  #record: RunnerRecord | undefined;
  /** The newest epoch that the deadman has taken down, or is taking down. */
  #takenDown = 0;

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
        return daemon !== undefined;
      },
    });
    this.deadman = new SimDeadman({
      name,
      world,
      host,
      random: kit.draw(`deadman ${name}`),
      scripts: this.scripts,
      demoteGrace: kit.plan.times.demoteGrace,
      runner: () => this.#daemon?.process,
      killRunner: () => {
        this.crash();
        world.after(this.#random.between(RESTARTED_AFTER, 3 * RESTARTED_AFTER), () => {
          if (host.up) this.start();
        });
      },
      onActed: (deed) => this.#tellOf(deed),
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

  /** The lease that it holds or held, as the next process would find it. */
  get mandate(): MandateRecord | undefined {
    return this.#record?.mandate;
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
      if (this.alive) return;
      // As the production daemon: a deadman that acts is waited for.
      if (this.deadman.acting) this.#kit.world.after(AGAIN, () => this.host.up && this.start());
      else this.#begin();
    });
  }

  #keep(record: RunnerRecord, feed: (input: Input) => void): void {
    this.#record = record;
    const { epoch, released } = record.mandate;
    const watched = record.services
      .filter(({ promoted }) => promoted && epoch > released)
      .map(({ definition }) => definition)
      .sort((one, other) => (other.priority ?? 100) - (one.priority ?? 100));
    if (!this.deadman.watch(watched)) this.#yieldTo(epoch, feed);
  }

  #yieldTo(epoch: number, feed: (input: Input) => void): void {
    if (epoch <= this.#takenDown) return;
    this.#takenDown = epoch;
    feed({ kind: 'demotion-claimed', epoch, by: 'deadman' });
  }

  #tellOf(deed: DeadmanDeed): void {
    const daemon = this.#daemon;
    this.#takenDown = Math.max(this.#takenDown, deed.epoch);
    daemon?.process.deliver(() => daemon.loop.feed({ kind: 'deadman-acted', ...deed }));
  }

  /** The scripts, but for a promote that the core orders before it knows that the deadman acts. */
  #barred(feed: (input: Input) => void): Scripts {
    const { scripts } = this;
    return {
      run: (order) => {
        const { run, action, environment } = order;
        if (action !== 'promote' || environment.epoch > this.#takenDown) scripts.run(order);
        else feed({ kind: 'script-ended', run, end: { kind: 'cut-short' } });
      },
      cutShort: (run) => scripts.cutShort(run),
      kill: (service) => scripts.kill(service),
    };
  }

  #begin(): void {
    const { world, plan } = this.#kit;
    this.#sessions += 1;
    const session = `${this.name}#${this.#sessions}`;
    const process = new SimProcess(world, this.host.clock, this.#random);
    const record = this.#record && withLease(this.#record, this.deadman.leased);
    const core = new Runner(this.#options(session), process.clock.now(), record);
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
        scripts: this.#barred(feed),
        readFolder: () => {
          world.after(this.#random.between(0.5, 5), () =>
            process.deliver(() => feed({ kind: 'folder', services: this.services })),
          );
        },
        reconfigure: () => {},
        keep: (kept) => this.#keep(kept, feed),
        lease: (news) => {
          if (!this.deadman.lease(news)) this.#yieldTo(news.epoch, feed);
        },
        claim: (epoch, force) => {
          const by = this.deadman.claim(epoch, force) ? 'runner' : 'deadman';
          feed({ kind: 'demotion-claimed', epoch, by });
        },
        fence: (_epoch, reason) => world.say(this.name, `the hook is called: ${reason}`),
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
    this.deadman.arm();
    const deed = this.deadman.deed(record?.mandate.epoch ?? 0);
    if (deed !== undefined) feed({ kind: 'deadman-acted', ...deed });
    this.scripts.adopt(record?.services.flatMap(({ running }) => running ?? []) ?? []);
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

  /** Leaves everything as it is for the next process (M6). */
  detach(): void {
    const daemon = this.#daemon;
    daemon?.process.deliver(() => daemon.loop.feed({ kind: 'detach' }));
  }

  /** SIGKILL for the second process: this one finds out and arms another. */
  killDeadman(found = this.#random.between(REARMED_WITHIN / 10, REARMED_WITHIN)): void {
    this.deadman.end();
    this.#kit.world.say(this.name, 'its deadman is killed');
    const { process } = this;
    this.#kit.world.after(found, () =>
      process?.deliver(() => {
        if (this.deadman.process === undefined) this.deadman.arm();
      }),
    );
  }

  /** The process is gone; its services, its record and its deadman are not. */
  crash(): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#daemon = undefined;
    daemon.process.end();
    daemon.loop.stop();
    this.#kit.processEnded(daemon.process);
    this.#kit.world.say(this.name, 'is gone');
  }

  /** The host has died, and with it everything that ran on it and all of /run. */
  hostDies(): void {
    this.crash();
    this.#record = undefined;
    this.#takenDown = 0;
    this.deadman.forget();
    this.scripts.hostDies();
  }
}
