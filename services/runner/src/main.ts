#!/usr/bin/env node
// koi-runner: supervises this host's services, reports to every elector, and does what the leader
// assigns. Read this first: it wires core, scripts, links and the socket together, and ends them in order.
import { randomUUID } from 'node:crypto';
import { createClock } from '@koi/lib/clock';
import type { Config } from '@koi/lib/config';
import { type DaemonContext, runDaemon } from '@koi/lib/daemon';
import { timesDigest } from '@koi/lib/digest';
import { patienceOf } from '@koi/lib/grpc/patience';
import { createServer, listen } from '@koi/lib/grpc/server';
import type { Log } from '@koi/lib/log';
import { createRepetition } from '@koi/lib/repetition';
import { EXIT_STOPPED } from '@koi/lib/signals';
import type { Duration } from '@koi/lib/time';
import type { Input } from './core/input.ts';
import type { RunnerOptions } from './core/options.ts';
import { Runner } from './core/runner.ts';
import { createElectorLink } from './io/elector-link.ts';
import { createFolderReader } from './io/folder.ts';
import { createRunnerLoop } from './io/loop.ts';
import { createRunnerLocalService, localDefinition } from './io/runner-local-service.ts';
import { createScriptRunner, type ScriptLog } from './io/script.ts';

/** How long a runner that ends waits for its last report to be written. */
const LAST_WORDS_MAX: Duration = 300;

function optionsOf(config: Config, session: string): RunnerOptions {
  const { name, times, statusInterval, timeouts, recovery } = config;
  const { mode, priority } = config.runner;
  return {
    name,
    session,
    mode,
    priority,
    heartbeat: times.heartbeat,
    demoteGrace: times.demoteGrace,
    statusInterval,
    timeouts,
    recovery,
  };
}

/** pino takes the fields first. */
function scriptLog(log: Log): ScriptLog {
  return {
    info: (text, fields) => log.info(fields, text),
    warn: (text, fields) => log.warn(fields, text),
    error: (text, fields) => log.error(fields, text),
  };
}

async function start({ config, log, exit, onFault }: DaemonContext): Promise<() => void> {
  const clock = createClock();
  const fresh = createRepetition(clock);
  const session = randomUUID();
  const core = new Runner(optionsOf(config, session), clock.now());
  const feed = (input: Input) => loop.feed(input);
  const self = {
    cluster: config.cluster,
    runner: config.name,
    digest: timesDigest(config.times),
    session,
  };
  const patience = patienceOf(config.times.heartbeat);
  const links = config.electors.map((elector) =>
    createElectorLink({ self, elector, clock, patience, feed, log, fresh }),
  );
  const scripts = createScriptRunner({
    cluster: config.cluster,
    node: config.name,
    workingDirectory: config.runner.workingDirectory,
    log: scriptLog(log),
    tell: feed,
  });
  const folder = createFolderReader(config.runner.servicesDirectory, log);
  const readFolder = async () => {
    const contents = await folder.read();
    if (contents.kind === 'folder') scripts.place(contents.services);
    feed(contents);
  };
  const world = {
    links,
    scripts,
    readFolder: () => void readFolder().catch(onFault),
    reconfigure: () => log.warn('cannot read the configuration again while running: restart it'),
    exit: () => void end().catch(onFault),
    log,
  };
  const loop = createRunnerLoop({ core, clock, world, onFault });
  const local = createRunnerLocalService({
    name: config.name,
    configuration: config.file,
    clock,
    links,
    core,
    takeLag: () => loop.takeLag(),
  });
  const server = createServer();
  server.add(localDefinition, local);
  const listener = await listen(server, `unix:${config.runner.socket}`);
  loop.start();
  for (const link of links) link.start();
  log.info(`session ${session} reports to ${links.length} electors of ${config.cluster}`);

  async function end(): Promise<void> {
    await Promise.all(links.map((link) => link.stop(LAST_WORDS_MAX)));
    loop.stop();
    scripts.close();
    await listener.stop(0);
    log.info('stopped');
    exit(EXIT_STOPPED);
  }

  return () => feed({ kind: 'stop' });
}

await runDaemon({
  program: 'koi-runner',
  purpose: "Supervises this host's services, and promotes them while the leader's lease runs.",
  role: 'any',
  start,
});
