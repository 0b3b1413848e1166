#!/usr/bin/env node
// koi-elector: votes on who leads, and decides who is master while it leads itself. Read this first:
// it wires core, disk, links and services together, and ends them in order.
import { AdminService } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { ElectionService } from '@koi/gen/koi/election/v1/election_service_pb';
import { LocalService } from '@koi/gen/koi/local/v1/local_service_pb';
import { RunnerService } from '@koi/gen/koi/runner/v1/runner_service_pb';
import { createChangeSignal } from '@koi/lib/change-signal';
import { createClock } from '@koi/lib/clock';
import type { Config } from '@koi/lib/config';
import { type DaemonContext, runDaemon, StartRefusal } from '@koi/lib/daemon';
import { clusterDigest, timesDigest } from '@koi/lib/digest';
import { lockDirectory } from '@koi/lib/directory-lock';
import { patienceOf } from '@koi/lib/grpc/patience';
import { createServer, listen } from '@koi/lib/grpc/server';
import { addStandardServices } from '@koi/lib/grpc/standard-services';
import { createLagWatch } from '@koi/lib/loop-lag';
import { createRepetition } from '@koi/lib/repetition';
import { EXIT_STOPPED } from '@koi/lib/signals';
import type { Duration } from '@koi/lib/time';
import { Elector } from './core/elector.ts';
import type { Input } from './core/input.ts';
import type { ChangeableOptions, ElectorOptions } from './core/options.ts';
import { createAdminService } from './io/admin-service.ts';
import { createElectorLocalService, localDefinition } from './io/elector-local-service.ts';
import { createForecaster } from './io/forecaster.ts';
import { createElectorLoop } from './io/loop.ts';
import { createOrderBook } from './io/order-book.ts';
import { createPeerLink } from './io/peer-link.ts';
import { createPeerService, electionDefinition } from './io/peer-service.ts';
import { adminDefinition, createRelay } from './io/relay.ts';
import { createRunnerService, runnerDefinition } from './io/runner-service.ts';
import { DamagedRecordError, readRecord, Store } from './io/store.ts';

/** How long a stopping elector waits for its last words (the resignation) to be written. */
const LAST_WORDS_MAX: Duration = 300;

function optionsOf(config: Config): ElectorOptions {
  const { cluster, name, electors, times } = config;
  return {
    cluster,
    name,
    electors,
    times,
    digest: clusterDigest(electors, times),
    timesDigest: timesDigest(times),
    preempt: config.preempt,
    ...changeableOf(config),
  };
}

/** What a reload may change. */
function changeableOf({ initialPromotion, forgetAfter, recovery }: Config): ChangeableOptions {
  return { initialPromotion, forgetAfter, promotionHold: recovery.promotionHold };
}

async function start(context: DaemonContext): Promise<() => void> {
  const { config, log, reload, exit, onFault } = context;
  const address = config.elector.listen;
  if (address === undefined) {
    throw new StartRefusal(`${config.name} is not in the elector list: add it, or run no elector`);
  }
  const directory = config.elector.stateDirectory;
  const lock = await lockDirectory(directory).catch((error: Error) => {
    throw new StartRefusal(`cannot use elector.stateDirectory: ${error.message}`, { cause: error });
  });
  const record = await readRecord(directory).catch((error: unknown) => {
    throw error instanceof DamagedRecordError
      ? new StartRefusal(error.message, { cause: error })
      : error;
  });

  const clock = createClock();
  const fresh = createRepetition(clock);
  const core = new Elector(optionsOf(config), record, clock.now());
  const feed = (input: Input) => loop.feed(input);
  const cluster = () => core.cluster(clock.now());
  const self = { cluster: config.cluster, name: config.name };
  const patience = patienceOf(config.times.heartbeat);

  const store = new Store(directory, {
    persisted: (number) => feed({ kind: 'persisted', number }),
    failed: (number, reason) => feed({ kind: 'persist-failed', number, reason }),
  });
  const links = config.electors
    .filter(({ name }) => name !== config.name)
    .map((peer) => createPeerLink({ self, peer, clock, patience, feed, log, fresh }));
  const { silenceMax } = patience;
  const peers = createPeerService({ self, clock, silenceMax, feed, log, fresh });
  const runners = createRunnerService({ self, clock, feed, log, fresh });
  const book = createOrderBook(feed);
  const changes = createChangeSignal();
  const world = {
    store,
    links: new Map(links.map((link) => [link.peer, link])),
    peers,
    runners,
    book,
    changes,
    log,
  };
  const onLag = createLagWatch({
    lease: { key: 'leaderLease', duration: config.times.leaderLease },
    heartbeat: config.times.heartbeat,
    log,
  });
  const loop = createElectorLoop({ core, clock, world, onFault, onLag });

  const relay = createRelay({
    name: config.name,
    addressOf: (name) => config.electors.find((elector) => elector.name === name)?.address,
  });
  const leader = () => core.leader;
  const forecaster = createForecaster(() => core.present(clock.now()), clock);
  const admin = createAdminService({
    self,
    book,
    relay,
    changes,
    cluster,
    leader,
    events: () => core.events,
    explain: (runner, epoch) => core.explain(runner, epoch, clock.now()),
    forecasts: () => forecaster.forecasts(),
  });
  const local = createElectorLocalService({
    name: config.name,
    reload,
    clock,
    links,
    cluster,
    standing: () => core.standing(clock.now()),
    lag: () => loop.lag(),
  });

  let ending = false;
  const health = {
    changes,
    // What an administrator asks needs a leader; electors and runners are served without one.
    serves: (service: string) =>
      !ending && (leader() !== undefined || !['', AdminService.typeName].includes(service)),
  };
  const socketServer = createServer();
  socketServer.add(adminDefinition, admin);
  socketServer.add(localDefinition, local);
  addStandardServices(socketServer, [AdminService, LocalService], health);
  const server = createServer();
  server.add(electionDefinition, peers.implementation);
  server.add(runnerDefinition, runners.implementation);
  server.add(adminDefinition, admin);
  addStandardServices(server, [AdminService, ElectionService, RunnerService], health);
  const listeners = [
    await listen(socketServer, `unix:${config.elector.socket}`),
    await listen(server, address),
  ];
  loop.start();
  reload.onChange((changed) => feed({ kind: 'options', options: changeableOf(changed) }));
  for (const link of links) link.start();
  log.info(
    `listening on ${address}, one of ${config.electors.length} electors of ${config.cluster}`,
  );

  async function end(): Promise<void> {
    feed({ kind: 'stop' });
    peers.end();
    runners.end();
    await Promise.all(links.map((link) => link.stop(LAST_WORDS_MAX)));
    loop.stop();
    relay.close();
    await Promise.all(listeners.map((listener) => listener.stop(0)));
    await lock.release();
    log.info('stopped');
    exit(EXIT_STOPPED);
  }

  return () => {
    if (ending) return;
    ending = true;
    changes.raise();
    end().catch(onFault);
  };
}

await runDaemon({
  program: 'koi-elector',
  purpose: 'Votes on who leads the cluster, and decides who is master while it leads itself.',
  signals: [
    'SIGTERM, SIGINT  resigns, if it leads, and exits 0',
    'SIGHUP           reads the configuration again; what needs a restart is named in the log',
  ],
  role: 'elector',
  start,
});
