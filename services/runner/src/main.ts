#!/usr/bin/env node
// koi-runner: supervises this host's services, reports to every elector, and does what the leader
// assigns. Read this first: it wires core, scripts, links and the socket together, and ends them in order.
import { randomUUID } from 'node:crypto';
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { createChangeSignal } from '@koi/lib/change-signal';
import { createClock } from '@koi/lib/clock';
import type { Config } from '@koi/lib/config';
import { type DaemonContext, runDaemon, StartRefusal, unlessConfigError } from '@koi/lib/daemon';
import { timesDigest } from '@koi/lib/digest';
import { lockDirectory } from '@koi/lib/directory-lock';
import { patienceOf } from '@koi/lib/grpc/patience';
import { createServer, listen } from '@koi/lib/grpc/server';
import { addStandardServices } from '@koi/lib/grpc/standard-services';
import type { Log } from '@koi/lib/log';
import { createLagWatch } from '@koi/lib/loop-lag';
import { createRepetition } from '@koi/lib/repetition';
import { EXIT_STOPPED } from '@koi/lib/signals';
import type { Duration } from '@koi/lib/time';
import { createUptime, readBootId } from '@koi/lib/uptime';
import type { Input } from './core/input.ts';
import type { ChangeableOptions, RunnerOptions } from './core/options.ts';
import type { RunnerRecord } from './core/record.ts';
import { Runner } from './core/runner.ts';
import { describeFound } from './io/adoption-account.ts';
import type { DeadmanLog } from './io/deadman.ts';
import { createElectorLink } from './io/elector-link.ts';
import type { FenceHook } from './io/fence.ts';
import { createFolderReader } from './io/folder.ts';
import { createRunnerLoop, type RunnerWorld } from './io/loop.ts';
import { RecordStore } from './io/record-store.ts';
import { createRunnerLocalService, localDefinition } from './io/runner-local-service.ts';
import { Safeguard } from './io/safeguard.ts';
import { createScriptRunner, type KnownScript, type ScriptLog } from './io/script.ts';
import { SCRIPT_PATH } from './io/script-environment.ts';

/** How long a runner that ends waits for its last report to be written. */
const LAST_WORDS_MAX: Duration = 300;

function optionsOf(config: Config, session: string): RunnerOptions {
  const { name, times } = config;
  return {
    name,
    session,
    heartbeat: times.heartbeat,
    demoteGrace: times.demoteGrace,
    ...changeableOf(config),
  };
}

/** What a reload may change. */
function changeableOf(config: Config): ChangeableOptions {
  const { statusInterval, timeouts, recovery } = config;
  const { mode, priority } = config.runner;
  return { mode, priority, statusInterval, timeouts, recovery };
}

/** pino takes the fields first. */
function scriptLog(log: Log): ScriptLog {
  return {
    info: (text, fields) => log.info(fields, text),
    warn: (text, fields) => log.warn(fields, text),
    error: (text, fields) => log.error(fields, text),
  };
}

async function start(context: DaemonContext): Promise<() => void> {
  const { config, log, reload, exit, onFault } = context;
  const { stateDirectory, servicesDirectory, workingDirectory } = config.runner;
  let started = false;
  let detaching = false;
  // Unhandled, as while it starts, the signal would end the process in another way.
  process.on('SIGUSR2', () => {
    log.info('SIGUSR2: detaching');
    detaching = true;
    if (started) feed({ kind: 'detach' });
  });
  const lock = await lockDirectory(stateDirectory).catch((error: Error) => {
    throw new StartRefusal(`cannot use runner.stateDirectory: ${error.message}`, { cause: error });
  });
  const clock = createClock();
  const uptime = createUptime();
  const boot = readBootId();
  const fresh = createRepetition(clock);
  const session = randomUUID();
  const feed = (input: Input) => loop.feed(input);
  const store = new RecordStore(stateDirectory, { now: () => clock.now(), uptime, boot });
  const found = store.read();
  const { record, places } = found;
  const account = describeFound(found, stateDirectory, clock.now());
  log[account.level](account.text);
  const scripts = createScriptRunner({
    cluster: config.cluster,
    node: config.name,
    workingDirectory,
    stateDirectory,
    bootNow: uptime,
    log: scriptLog(log),
    tell: feed,
  });
  scripts.place(places);
  const safeguard = new Safeguard({
    stateDirectory,
    demoteGrace: config.times.demoteGrace,
    heartbeat: config.times.heartbeat,
    fence: fenceHookOf(config),
    clock,
    uptime,
    boot,
    log: plainLog(log),
    store,
    scripts,
    feed,
  });
  const patience = patienceOf(config.times.heartbeat);
  const self = {
    cluster: config.cluster,
    runner: config.name,
    digest: timesDigest(config.times),
    session,
  };
  const links = config.electors.map((elector) =>
    createElectorLink({ self, elector, clock, patience, feed, log, fresh }),
  );
  const folder = createFolderReader(servicesDirectory, log);
  const readFolder = async () => {
    const contents = await folder.read();
    if (contents.kind === 'folder') scripts.place(contents.services);
    feed(contents);
  };
  const world: RunnerWorld = {
    links,
    scripts: {
      run: (order) => {
        // The core learns it in its next step: nothing may rise beside the deadman until then.
        if (order.action !== 'promote' || !safeguard.bars(order.environment.epoch)) {
          scripts.run(order);
        } else feed({ kind: 'script-ended', run: order.run, end: { kind: 'cut-short' } });
      },
      cutShort: (run) => scripts.cutShort(run),
      kill: (service, reason) => scripts.kill(service, reason),
    },
    readFolder: () => void readFolder().catch(onFault),
    reconfigure: () => void reload.reload('told by the leader').catch(unlessConfigError(onFault)),
    keep: (kept) => safeguard.keep(kept),
    lease: (news) => safeguard.lease(news),
    claim: (epoch, force) => safeguard.claim(epoch, force),
    fence: (epoch, reason) => safeguard.fence(epoch, reason),
    exit: (detached) => void end(detached).catch(onFault),
    log,
  };
  // Defined before anything may be fed: what an earlier deadman did comes while the new one is armed.
  const core = new Runner(optionsOf(config, session), clock.now(), record);
  const onLag = createLagWatch({
    lease: { key: 'masterLease', duration: config.times.masterLease },
    heartbeat: config.times.heartbeat,
    log,
  });
  const loop = createRunnerLoop({ core, clock, world, onFault, onLag });
  await safeguard.open();
  scripts.adopt(runsOf(record));
  const local = createRunnerLocalService({
    name: config.name,
    reload,
    clock,
    links,
    core,
    lag: () => loop.lag(),
  });
  const server = createServer();
  server.add(localDefinition, local);
  // A runner that runs serves, whoever leads.
  const health = { serves: () => true, changes: createChangeSignal() };
  addStandardServices(server, [LocalService], health);
  const listener = await listen(server, `unix:${config.runner.socket}`);
  loop.start();
  reload.onChange((changed) => feed({ kind: 'options', options: changeableOf(changed) }));
  for (const link of links) link.start();
  log.info(`session ${session} reports to ${links.length} electors of ${config.cluster}`);

  async function end(detached: boolean): Promise<void> {
    await Promise.all(links.map((link) => link.stop(LAST_WORDS_MAX)));
    loop.stop();
    if (detached) {
      safeguard.detach();
      scripts.detach();
    } else {
      await safeguard.end();
      await scripts.close();
    }
    await listener.stop(0);
    await lock.release();
    log.info(detached ? 'stopped: what runs is left to the next runner' : 'stopped');
    exit(EXIT_STOPPED);
  }

  started = true;
  if (detaching) feed({ kind: 'detach' });
  return () => feed({ kind: 'stop' });
}

/** The scripts that the core of an earlier process waited for. */
function runsOf(record: RunnerRecord | undefined): readonly KnownScript[] {
  return (record?.services ?? []).flatMap(({ definition, running }) =>
    running === undefined
      ? []
      : [{ run: running.run, service: definition.name, action: running.action }],
  );
}

function fenceHookOf(config: Config): FenceHook | undefined {
  const { fence } = config.runner;
  if (fence === undefined) return undefined;
  const environment = { PATH: SCRIPT_PATH, KOI_CLUSTER: config.cluster, KOI_NODE: config.name };
  return { file: fence, environment };
}

function plainLog(log: Log): DeadmanLog {
  return {
    info: (text) => log.info(text),
    warn: (text) => log.warn(text),
    error: (text) => log.error(text),
  };
}

await runDaemon({
  program: 'koi-runner',
  purpose: "Supervises this host's services, and promotes them while the leader's lease runs.",
  signals: [
    'SIGTERM, SIGINT  demotes and stops its services, then exits 0; the second one kills what is left',
    'SIGUSR2          detaches: exits 0 and leaves everything running, for the koi-runner that is started next',
    'SIGHUP           reads the configuration again; what needs a restart is named in the log',
    'However it ends, what is promoted stays so as long as its lease runs: then koi-deadman takes it down.',
  ],
  role: 'any',
  start,
});
