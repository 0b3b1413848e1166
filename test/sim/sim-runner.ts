// One runner of the simulation: the production core in the production loop, over simulated scripts and
// streams. Its record, its services and its deadman outlive its process, and end with the host (M4, M6).
import type { Loop } from '@koi/lib/loop';
import type { Report as RunnerReport } from '../../services/runner/src/core/assignment.ts';
import type { Input, ServiceDefinition } from '../../services/runner/src/core/input.ts';
import {
  type MandateRecord,
  type RunnerRecord,
  withLease,
} from '../../services/runner/src/core/record.ts';
import { Runner } from '../../services/runner/src/core/runner.ts';
import { createRunnerLoop, type Scripts } from '../../services/runner/src/io/loop.ts';
import { missDeadman } from './deadman-faults.ts';
import type { Deed } from './fatal-deed.ts';
import type { HostPlan } from './plan.ts';
import type { Random } from './random.ts';
import { runnerOptionsOf } from './runner-options.ts';
import { linkTo } from './runner-stream.ts';
import { type DeadmanDeed, SimDeadman } from './sim-deadman.ts';
import type { HostKit, SimHost } from './sim-host.ts';
import { SimProcess } from './sim-process.ts';
import { SimulatedScripts } from './simulated-scripts.ts';

/** How long until a process that died by itself is started again, at least. */
const RESTARTED_AFTER = 100;

/** A deadman that acts is looked at so often by a new process, and for so much longer than demoteGrace. */
const AGAIN = 5;
const ACT_SLACK = 500;

interface Daemon {
  readonly session: string;
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
  readonly kit: HostKit;
  readonly scripts: SimulatedScripts;
  readonly deadman: SimDeadman;
  readonly services: readonly ServiceDefinition[];
  readonly mode: 'active' | 'passive';
  readonly #priority: number;
  readonly #random: Random;
  #daemon: Daemon | undefined;
  #sessions = 0;
  /** What is under /run, by the host's clock. */
  #record: RunnerRecord | undefined;
  /** The newest epoch that the deadman has taken down, or is taking down. */
  #takenDown = 0;
  /** What the deadman was told to watch last, by this process. */
  #watched = '';
  /** Where this says so, the process dies just before what it is about to do. */
  diesBefore: ((deed: Deed) => boolean) | undefined;
  /** The deed before which the last process but this one died in a step; undefined: between steps. */
  diedBefore: Deed | undefined;

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
    this.kit = kit;
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
      begins: ({ service, action, environment, onEnd }) => {
        const by = onEnd === undefined ? 'runner' : 'deadman';
        world.say(name, `${service}: ${action} begins (epoch ${environment.epoch})`);
        observer.scriptBegins(this, service, action, environment.epoch, by);
      },
      ended: ({ service, action }, succeeded) => {
        world.say(name, `${service}: ${action} ${succeeded ? 'has succeeded' : 'has failed'}`);
        observer.scriptEnded(this, service, action, succeeded);
      },
      disturbed: (service, how) => observer.scriptDisturbed(this, service, how),
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

  /** What it calls its present process. */
  get session(): string | undefined {
    return this.#daemon?.session;
  }

  get core(): Runner | undefined {
    return this.#daemon?.core;
  }

  start(waited = 0): void {
    this.host.whenAwake(() => {
      if (this.alive) return;
      // As the production daemon: a deadman that acts is waited for.
      const { demoteGrace } = this.kit.plan.times;
      const { life } = this.host;
      const again = () => {
        if (this.host.up && this.host.life === life) this.start(waited + AGAIN);
      };
      if (!this.deadman.acting || waited >= demoteGrace + ACT_SLACK) this.#begin();
      else this.kit.world.after(AGAIN, again);
    });
  }

  #keep(record: RunnerRecord, feed: (input: Input) => void): void {
    this.#record = record;
    const { epoch, released } = record.mandate;
    const watched = record.services
      .filter(({ promoted }) => promoted && epoch > released)
      .map(({ definition }) => definition)
      .sort((one, other) => (other.priority ?? 100) - (one.priority ?? 100));
    // As the production daemon: it is told only what is news.
    const text = JSON.stringify([epoch, watched]);
    if (text === this.#watched) return;
    this.#watched = text;
    if (!this.deadman.watch(watched)) this.#yieldTo(epoch, feed);
  }

  #yieldTo(epoch: number, feed: (input: Input) => void): void {
    if (epoch <= this.#takenDown) return;
    this.#takenDown = epoch;
    feed({ kind: 'demotion-claimed', epoch, by: 'deadman' });
    // One that has died over it is found out at once.
    if (!this.deadman.acting) missDeadman(this, this.deadman.process, AGAIN);
  }

  #tellOf(deed: DeadmanDeed): void {
    const daemon = this.#daemon;
    this.#takenDown = Math.max(this.#takenDown, deed.epoch);
    daemon?.process.deliver(() => {
      this.deadman.settle(deed.epoch);
      daemon.loop.feed({ kind: 'deadman-acted', ...deed });
    });
  }

  /** The scripts, but for a promote that the core orders before it knows that the deadman acts. */
  #barred(feed: (input: Input) => void, does: (deed: Deed, act: () => void) => void): Scripts {
    const { scripts } = this;
    return {
      run: (order) => {
        const { run, action, environment } = order;
        const barred = action === 'promote' && environment.epoch <= this.#takenDown;
        if (barred) feed({ kind: 'script-ended', run, end: { kind: 'cut-short' } });
        else does(action, () => scripts.run(order));
      },
      cutShort: (run) => scripts.cutShort(run),
      kill: (service) => does('kill', () => scripts.kill(service)),
    };
  }

  #begin(): void {
    const { kit, mode, goesBy: name } = this;
    const random = this.#random;
    const priority = this.#priority;
    const { world, plan } = kit;
    this.#sessions += 1;
    const session = `${this.name}#${this.#sessions}`;
    const process = new SimProcess(world, this.host.clock, random);
    const options = runnerOptionsOf(plan, { name, session, mode, priority });
    const record = this.#record && withLease(this.#record, this.deadman.leased);
    const core = new Runner(options, process.clock.now(), record);
    const feed = (input: Input) => loop.feed(input);
    const parts = { runner: this, session, process, random, feed };
    const links = plan.hosts.flatMap(({ elector }) =>
      elector === undefined ? [] : [linkTo(elector.name, parts)],
    );
    const reporters = links.map(({ report }) => ({
      report: (told: RunnerReport) => {
        if (process.alive) does('report', () => report(told));
      },
    }));
    const log = (text: string) => world.say(this.name, text);
    const does = (deed: Deed, act: () => void) => {
      if (this.diesBefore?.(deed) !== true) {
        act();
        return;
      }
      this.diesBefore = undefined;
      this.crash(deed);
    };
    const loop = createRunnerLoop({
      core,
      clock: process.clock,
      world: {
        links: reporters,
        scripts: this.#barred(feed, does),
        readFolder: () => {
          world.after(this.#random.between(0.5, 5), () =>
            process.deliver(() => feed({ kind: 'folder', services: this.services })),
          );
        },
        reconfigure: () => {},
        keep: (kept) => does('record', () => this.#keep(kept, feed)),
        lease: (news) =>
          does('lease', () => {
            if (!this.deadman.lease(news)) this.#yieldTo(news.epoch, feed);
          }),
        claim: (epoch, force) =>
          does('claim', () => {
            const owner = this.deadman.claim(epoch, force) ? 'runner' : 'deadman';
            feed({ kind: 'demotion-claimed', epoch, by: owner });
            const deed = this.deadman.deed(epoch);
            if (owner === 'deadman' && deed !== undefined) this.#tellOf(deed);
          }),
        fence: (_epoch, reason) => {
          world.say(this.name, `the hook is called: ${reason}`);
          this.kit.observer.fenced(this);
        },
        exit: (detached) => world.after(0, () => this.#exited(process, detached)),
        log: { info: log, warn: log, error: log },
      },
      onFault: (error) =>
        world.violate(
          'no fault in a core',
          `${this.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
        ),
    });
    this.#daemon = { session, process, core, loop };
    world.say(this.name, `starts, session ${session}`);
    this.#watched = '';
    this.deadman.replace();
    this.kit.observer.runnerStarted(this);
    const deed = this.deadman.deed(record?.mandate.epoch ?? 0);
    if (deed !== undefined) this.#tellOf(deed);
    this.scripts.adopt(record?.services.flatMap(({ running }) => running ?? []) ?? []);
    loop.start();
    for (const { link } of links) link.start();
  }

  /** A clean end: everything goes down, then the daemon exits by itself. */
  stop(): void {
    this.#tell('stop');
  }

  #tell(kind: 'stop' | 'detach'): void {
    const daemon = this.#daemon;
    daemon?.process.deliver(() => {
      // P10: first what has run out.
      daemon.loop.feed({ kind: 'time' });
      this.kit.observer.runnerTold(this, kind);
      daemon.loop.feed({ kind });
    });
  }

  #exited(process: SimProcess, detached: boolean): void {
    if (this.#daemon?.process !== process) return;
    this.crash();
    if (!detached) this.deadman.end();
  }

  /** Leaves everything as it is for the next process (M6). */
  detach(): void {
    this.#tell('detach');
  }

  /** What does not answer is ended with all that it has begun; the rest of that is for this process. */
  replaceDeadman(): void {
    const { deadman } = this;
    const epoch = deadman.unfinished;
    deadman.replace();
    if (epoch === undefined) return;
    deadman.claim(epoch, true);
    this.#tellOf({ epoch, after: 0, services: [] });
  }

  /** Everything under /run is gone; it has to be down. */
  loseRecord(): void {
    this.#record = undefined;
    this.#takenDown = 0;
    this.deadman.lose();
  }

  /** The process is gone; its services, its record and its deadman are not. */
  crash(before?: Deed): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.diedBefore = before;
    this.#daemon = undefined;
    daemon.process.end();
    daemon.loop.stop();
    this.kit.processEnded(daemon.process);
    this.kit.world.say(this.name, 'is gone');
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
