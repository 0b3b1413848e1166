// States that are hard to bring a real cluster into, by name, for transcripts.
import { ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';
import { koiError } from '@koi/lib/grpc/errors';
import type { Answers } from './fake-elector.ts';
import { SHOP } from './shop.ts';

const READ = { seconds: 1_700_000_000n };

/** What each fake answers. */
export const FAKES: Readonly<Record<string, Answers>> = {
  /** Something of everything is going on. */
  shop: { cluster: SHOP },
  /** Nobody leads. */
  leaderless: { cluster: { ...SHOP, cluster: { ...SHOP.cluster, leader: '' } } },
  /** A host's own elector. */
  elector: {
    local: {
      program: 'koi-elector',
      name: 'a',
      version: '0.1.0',
      processId: 99,
      uptime: { seconds: 95n },
      configuration: '/etc/koi/koi.yaml',
      configurationTime: READ,
      loopLag: { nanos: 3_000_000 },
      elector: {
        term: 3n,
        role: ElectorRole.FOLLOWER,
        boundTo: 'b',
        boundFor: { nanos: 610_000_000 },
        charterTerm: 3n,
        charterIndex: 41n,
        leader: 'b',
      },
      links: [
        { peer: 'b', open: true, lastHeard: { nanos: 7_000_000 }, openFor: { seconds: 90n } },
        { peer: 'c' },
      ],
    },
    reload: { applied: ['services.startTimeout', 'log.level'], restart: ['electors'] },
  },
  /** The runner of a host without an elector. */
  runner: {
    local: {
      program: 'koi-runner',
      name: 'd',
      version: '0.1.0',
      processId: 77,
      uptime: { seconds: 7_200n },
      configuration: '/etc/koi/koi.yaml',
      configurationTime: READ,
      loopLag: { nanos: 1_000_000 },
      runner: {
        state: RunnerState.MASTER,
        epoch: 4n,
        leaseLeft: { seconds: 1n, nanos: 430_000_000 },
        released: 2n,
        services: [
          {
            name: 'database',
            priority: 1,
            state: ServiceState.PROMOTED,
            promotable: true,
            action: 'status',
            processId: 4711,
          },
          {
            name: 'web',
            state: ServiceState.FAILED,
            failure: 'stop was killed after 6 m\u001b[2J',
          },
        ],
      },
      links: [{ peer: 'a', open: true, lastHeard: { nanos: 7_000_000 } }],
    },
    reload: {},
  },
  /** Its configuration file is wrong. */
  refusing: {
    local: { program: 'koi-elector', name: 'a', configuration: '/etc/koi/koi.yaml' },
    refusal: koiError(
      'CONFIGURATION_INVALID',
      '/etc/koi/koi.yaml:3:1: elektors: is not a known key\n/etc/koi/koi.yaml:4:9: timing: is wrong',
    ),
  },
};
