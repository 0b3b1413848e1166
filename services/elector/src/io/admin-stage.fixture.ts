// Electors that serve the admin API over real sockets, with cores that say what the test wants: who leads,
// what is committed, what becomes of orders.
import { type ChangeSignal, createChangeSignal } from '@koi/lib/change-signal';
import { openChannel, openClient } from '@koi/lib/grpc/client';
import { createServer, listen } from '@koi/lib/grpc/server';
import type { ExecutionContext } from 'ava';
import type { Decision } from '../core/charter.ts';
import type { Input } from '../core/input.ts';
import type { ClusterView, ExplainRefusal, ExplainView } from '../core/view.ts';
import type { Forecast } from '../rehearsal/forecast.ts';
import { createAdminService } from './admin-service.ts';
import { WAIT_MAX } from './edge.fixture.ts';
import { createOrderBook, type OrderBook } from './order-book.ts';
import { type AdminClient, adminDefinition, createRelay } from './relay.ts';

/** a and b are heard, c is not. */
export const electors = ['a', 'b', 'c'].map((name) => ({
  name,
  address: '127.0.0.1:1',
  priority: 1,
  role: 'follower' as const,
  heard: name !== 'c',
  charter: true,
  problem: '',
  absence: undefined,
}));

export const emptyView: ClusterView = {
  revision: 1,
  term: 1,
  leader: undefined,
  master: undefined,
  epoch: 0,
  maintenance: false,
  manual: false,
  target: undefined,
  electors,
  runners: [],
  waiting: '',
  waitingFor: undefined,
  blocked: [],
  failures: [],
  decisions: [],
};

/** What an elector on the stage knows. */
export interface StageState {
  leader: string | undefined;
  view: ClusterView;
  /** Committed; undefined: it does not lead, or not yet. */
  events: readonly Decision[] | undefined;
  explained: ExplainView | ExplainRefusal;
  forecasts: readonly Forecast[];
}

export interface StagedElector {
  readonly state: StageState;
  readonly book: OrderBook;
  readonly changes: ChangeSignal;
  readonly client: AdminClient;
  /** Ends its listener, as the death of its process does. */
  die(): Promise<void>;
}

/** An event of the timeline. */
export function eventOf(number: number, part: Partial<Decision> = {}): Decision {
  return {
    number,
    kind: 'decision',
    at: 1_000 * number,
    term: 1,
    epoch: 1,
    subject: 'a',
    rule: 'leader',
    text: `event ${number}`,
    rejected: [],
    ...part,
  };
}

/** One elector, with a core that does what the test says with commands. */
export async function serveAdmin(
  t: ExecutionContext,
  name: string,
  addresses: Map<string, string>,
  react: (input: Input) => void = () => {},
): Promise<StagedElector> {
  const state: StageState = {
    leader: undefined,
    view: emptyView,
    events: undefined,
    explained: { kind: 'refused', reason: 'EPOCH_UNKNOWN', text: 'nothing is remembered' },
    forecasts: [],
  };
  const book = createOrderBook((input) => react(input));
  const times = { connect: WAIT_MAX, order: WAIT_MAX, look: WAIT_MAX, explain: WAIT_MAX };
  const relay = createRelay({ name, addressOf: (elector) => addresses.get(elector), times });
  const changes = createChangeSignal();
  const server = createServer();
  const service = createAdminService({
    self: { cluster: 'shop', name },
    book,
    relay,
    changes,
    cluster: () => state.view,
    leader: () => state.leader,
    events: () => state.events,
    explain: () => state.explained,
    forecasts: async () => state.forecasts,
  });
  server.add(adminDefinition, service);
  const listener = await listen(server, '127.0.0.1:0');
  addresses.set(name, listener.address);
  const channel = openChannel(listener.address, { connectTimeout: WAIT_MAX });
  t.teardown(async () => {
    channel.close();
    relay.close();
    await listener.stop(0);
  });
  const client = openClient(adminDefinition, channel);
  return { state, book, changes, client, die: () => listener.stop(0) };
}
