// What an elector shows travels as it is.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ClusterSchema, ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import { EventKind, EventSchema } from '@koi/gen/koi/cluster/v1/event_pb';
import test from 'ava';
import type { Decision } from '../core/charter.ts';
import type { ClusterView } from '../core/view.ts';
import { decisionToWire } from './wire-charter.ts';
import { clusterToWire } from './wire-view.ts';

const VIEW: ClusterView = {
  revision: 7,
  term: 3,
  leader: 'a',
  master: 'b',
  epoch: 4,
  maintenance: false,
  manual: false,
  target: undefined,
  electors: [
    {
      name: 'a',
      address: 'a:1',
      priority: 1,
      role: 'leader',
      heard: true,
      charter: true,
      problem: '',
      absence: undefined,
    },
  ],
  runners: [],
  waiting: '',
  waitingFor: undefined,
  blocked: ['there is no other runner', '0 of 1 electors would be left and 1 are needed'],
  failures: [],
  decisions: [],
};

test('a cluster says what stands in the way of a failover', (t) => {
  const bytes = toBinary(ClusterSchema, create(ClusterSchema, clusterToWire('shop', VIEW)));
  const cluster = fromBinary(ClusterSchema, bytes);
  t.deepEqual(cluster.blocked, VIEW.blocked);
  t.is(cluster.electors[0]?.role, ElectorRole.LEADER);
  t.is(cluster.epoch, 4n);
});

test('an event says whether it was decided or seen, and who was rejected', (t) => {
  const event: Decision = {
    number: 5,
    kind: 'decision',
    at: 1_000,
    term: 3,
    epoch: 4,
    subject: 'b',
    rule: 'only-one',
    text: 'b is promoted',
    rejected: [{ runner: 'c', rule: 'not-standby', reason: 'live' }],
  };
  const sent = (each: Decision) =>
    fromBinary(EventSchema, toBinary(EventSchema, create(EventSchema, decisionToWire(each))));
  t.is(sent(event).kind, EventKind.DECISION);
  t.like(sent(event).rejected[0], { runner: 'c', rule: 'not-standby', reason: 'live' });
  t.is(sent({ ...event, kind: 'change' }).kind, EventKind.CHANGE);
});
