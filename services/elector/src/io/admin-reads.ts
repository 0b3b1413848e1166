// The reads of koi.admin.v1. The leader's word counts; where none is to be had, an elector tells what it
// knows itself and says that the view is its own.
import { koiError } from '@koi/lib/grpc/errors';
import { countFromWire, optionalName, wallFromWire } from '@koi/lib/grpc/wire-value';
import type { ServiceImplementation } from 'nice-grpc';
import { failovers } from '../core/failovers.ts';
import type { ClusterView, ExplainRefusal, ExplainView } from '../core/view.ts';
import type { Forecast } from '../rehearsal/forecast.ts';
import type { LeaderCalls } from './leader-call.ts';
import type { adminDefinition } from './relay.ts';
import type { Identity } from './wire.ts';
import { decisionToWire } from './wire-charter.ts';
import { failoverToWire, failureToWire } from './wire-event.ts';
import { explainToWire } from './wire-explain.ts';
import { clusterToWire } from './wire-view.ts';

type Implementation = ServiceImplementation<typeof adminDefinition>;

export type AdminReads = Pick<
  Implementation,
  'getCluster' | 'getNode' | 'listEvents' | 'listFailures' | 'explain'
>;

export interface AdminReadsOptions {
  readonly self: Identity;
  readonly calls: Pick<LeaderCalls, 'look'>;
  readonly cluster: () => ClusterView;
  readonly explain: (runner: string | undefined, epoch: number) => ExplainView | ExplainRefusal;
  /** What each single failure would lead to; empty where this elector does not lead. */
  readonly forecasts: () => Promise<readonly Forecast[]>;
}

export function createAdminReads(options: AdminReadsOptions): AdminReads {
  const { self } = options;
  const { look } = options.calls;

  function cluster() {
    return { cluster: clusterToWire(self.cluster, options.cluster()), elector: self.name };
  }

  function node(name: string) {
    const view = clusterToWire(self.cluster, options.cluster());
    const { electors = [], runners = [] } = view;
    const elector = electors.find((one) => one.name === name);
    const runner = runners.find((one) => one.name === name);
    if (elector === undefined && runner === undefined) {
      const names = new Set([...electors, ...runners].map((one) => one.name));
      throw koiError(
        'NODE_UNKNOWN',
        `there is neither an elector nor a runner named ${name}: there are ${[...names].sort().join(', ')}`,
      );
    }
    return {
      asked: self.name,
      ...(elector === undefined ? {} : { elector }),
      ...(runner === undefined ? {} : { runner }),
    };
  }

  function events(after: number, since: number) {
    const { decisions, master } = options.cluster();
    const listed = decisions.filter(({ number, at }) => number > after && at >= since);
    const numbers = new Set(listed.map(({ number }) => number));
    // Made from all that is remembered: one that began before what is asked for is told whole.
    const told = failovers(decisions, master).filter((one) =>
      one.events.some((number) => numbers.has(number)),
    );
    return { events: listed.map(decisionToWire), failovers: told.map(failoverToWire) };
  }

  function failures(runner: string | undefined) {
    const view = options.cluster();
    if (runner !== undefined && !view.runners.some(({ name }) => name === runner)) {
      const names = view.runners.map(({ name }) => name).join(', ') || 'none has reported yet';
      throw koiError(
        'RUNNER_UNKNOWN',
        `there is no runner named ${runner}; known runners: ${names}`,
      );
    }
    const found = view.failures.filter((one) => runner === undefined || one.runner === runner);
    return { failures: found.map(failureToWire) };
  }

  async function explain(runner: string | undefined, epoch: number) {
    const found = options.explain(runner, epoch);
    if (found.kind === 'refused') throw koiError(found.reason, found.text);
    const present = epoch === 0 || epoch === options.cluster().epoch;
    const forecasts = present ? await options.forecasts() : [];
    return explainToWire(found, forecasts, self.name);
  }

  return {
    getCluster: (request, context) =>
      look(context, cluster, (client, call) => client.getCluster(request, call)),

    async getNode(request, context) {
      const { name } = request;
      if (name === '') throw koiError('REQUEST_INVALID', 'the request names no node');
      return look(
        context,
        () => node(name),
        (client, call) => client.getNode(request, call),
      );
    },

    async listEvents(request, context) {
      const after = countFromWire(request.afterNumber, 'after_number');
      const here = () => events(after, wallFromWire(request.since));
      return look(context, here, (client, call) => client.listEvents(request, call));
    },

    async listFailures(request, context) {
      const here = () => failures(optionalName(request.runner));
      return look(context, here, (client, call) => client.listFailures(request, call));
    },

    async explain(request, context) {
      const epoch = countFromWire(request.epoch, 'epoch');
      return look(
        context,
        () => explain(optionalName(request.runner), epoch),
        (client, call) => client.explain(request, call),
        'explain',
      );
    },
  };
}
