// A cluster in which something of everything is going on.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetClusterResponseSchema } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { RunnerMode, RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import { ServiceState } from '@koi/gen/koi/cluster/v1/service_pb';

const elector = { heard: true, charter: true, role: ElectorRole.FOLLOWER };

/** As elector a sees it: b leads, a is master, c is gone. */
export const SHOP = {
  elector: 'a',
  cluster: {
    name: 'shop',
    revision: 41n,
    term: 3n,
    leader: 'b',
    master: 'a',
    epoch: 2n,
    blocked: ['no other runner is electable'],
    electors: [
      { ...elector, name: 'b', address: '127.0.0.1:42012', priority: 3, role: ElectorRole.LEADER },
      { ...elector, name: 'a', address: '127.0.0.1:42011', priority: 2, charter: false },
      { name: 'c', address: '127.0.0.1:42013', priority: 1, problem: 'its list has 2 electors' },
    ],
    runners: [
      {
        name: 'a',
        state: RunnerState.MASTER,
        mode: RunnerMode.ACTIVE,
        uptime: { seconds: 10_800n },
        reportAge: { nanos: 100_000_000 },
        epoch: 2n,
        released: 1n,
        promoted: true,
        services: [
          {
            name: 'database',
            priority: 1,
            state: ServiceState.PROMOTED,
            promotable: true,
            action: 'status',
            processId: 4711,
          },
          { name: 'web', state: ServiceState.PROMOTING, promotable: true },
        ],
      },
      {
        name: 'b',
        state: RunnerState.FAILED,
        mode: RunnerMode.PASSIVE,
        priority: 7,
        uptime: { seconds: 95n },
        reportAge: { nanos: 50_000_000 },
        sinceFailure: { seconds: 12n },
        rejected: 'it is passive',
        services: [{ name: 'web', state: ServiceState.FAILED, failure: 'start exited with 1' }],
      },
      {
        name: 'c',
        state: RunnerState.DISCONNECTED,
        rejected: 'it has not reported',
        stopped: true,
      },
    ],
  },
} satisfies MessageInitShape<typeof GetClusterResponseSchema>;
