// What the admin API tells of a runner and of an elector beyond its plain fields.
import { create } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { ClusterSchema } from '@koi/gen/koi/cluster/v1/cluster_pb';
import test from 'ava';
import { reportOf } from '../core/driver.fixture.ts';
import type { ClusterView } from '../core/view.ts';
import { clusterToWire } from './wire-view.ts';

const lost = { at: 5_000, service: '', action: 'lease', text: 'epoch 3: down 310 ms after …' };

const view: ClusterView = {
  revision: 1,
  term: 1,
  leader: 'a',
  master: undefined,
  epoch: 3,
  maintenance: false,
  manual: false,
  target: undefined,
  electors: [
    {
      name: 'a',
      address: '127.0.0.1:1',
      priority: 1,
      role: 'leader',
      heard: true,
      charter: true,
      problem: '',
      absence: { longest: 1_900, since: 4_000 },
    },
  ],
  runners: [
    {
      name: 'r',
      state: 'standby',
      report: reportOf(9, { absence: { longest: 3_200, since: 12_000 }, failures: [lost] }),
      reportAge: 150,
      stopped: false,
      rejected: '',
    },
    {
      name: 's',
      state: 'standby',
      report: reportOf(9),
      reportAge: 150,
      stopped: false,
      rejected: '',
    },
  ],
  waiting: '',
  waitingFor: undefined,
  blocked: [],
  failures: [],
  decisions: [],
};

test('a standstill is as old as it was when it was said, and as that is old by now', (t) => {
  const { electors, runners } = create(ClusterSchema, clusterToWire('shop', view));
  const told = [...electors, ...runners].map(({ longestAway, sinceAway }) =>
    longestAway && sinceAway ? [durationMs(longestAway), durationMs(sinceAway)] : undefined,
  );
  t.deepEqual(told, [[1_900, 4_000], [3_200, 12_150], undefined]);
});

test('a lost lease is among what a runner has to tell, by its name', (t) => {
  const { runners } = create(ClusterSchema, clusterToWire('shop', view));
  const [failure] = runners[0]?.failures ?? [];
  const { failureTime, $typeName: _, ...told } = failure ?? { $typeName: '' };
  t.deepEqual(told, { runner: 'r', service: '', action: 'lease', text: lost.text });
  t.is(failureTime?.seconds, 5n);
});
