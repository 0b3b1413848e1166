// The watches of koi.admin.v1: streams that tell what there is at once, and then every change. Nothing polls:
// a change wakes whoever waits for one.
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeSignal } from '@koi/lib/change-signal';
import { KoiError, koiError } from '@koi/lib/grpc/errors';
import { countFromWire, countToWire } from '@koi/lib/grpc/wire-value';
import type { Duration } from '@koi/lib/time';
import type { CallContext, ServiceImplementation } from 'nice-grpc';
import type { Decision } from '../core/charter.ts';
import type { ClusterView } from '../core/view.ts';
import { refuseSecondRelay } from './leader-call.ts';
import type { adminDefinition, Relay } from './relay.ts';
import type { Identity } from './wire.ts';
import { decisionToWire } from './wire-charter.ts';
import { clusterToWire } from './wire-view.ts';

/** How many watches may be open at a time. */
export const WATCHES_MAX = 64;

/** How long to wait before a leader whose stream broke is asked again: at first, and at the most. */
const RETRY_MIN: Duration = 50;
const RETRY_MAX: Duration = 1_000;

export type AdminWatches = Pick<
  ServiceImplementation<typeof adminDefinition>,
  'watchCluster' | 'watchEvents'
>;

export interface AdminWatchesOptions {
  readonly self: Identity;
  readonly relay: Pick<Relay, 'watch'>;
  readonly changes: Pick<ChangeSignal, 'watch'>;
  readonly cluster: () => ClusterView;
  readonly leader: () => string | undefined;
  /** The committed events; undefined where this elector does not lead, or has committed nothing yet. */
  readonly events: () => readonly Decision[] | undefined;
}

export function createAdminWatches(options: AdminWatchesOptions): AdminWatches {
  const { self, changes } = options;
  let watches = 0;

  async function* bounded<Response>(
    stream: AsyncGenerator<Response, void, undefined>,
  ): AsyncGenerator<Response, void, undefined> {
    if (watches >= WATCHES_MAX) {
      throw koiError('OVERLOADED', `${WATCHES_MAX} watches are open: that is the most`);
    }
    watches += 1;
    try {
      yield* stream;
    } finally {
      watches -= 1;
    }
  }

  async function* clusters(context: CallContext) {
    for await (const _change of changes.watch(context.signal)) {
      yield { cluster: clusterToWire(self.cluster, options.cluster()), elector: self.name };
    }
  }

  return {
    watchCluster: (_request, context) => bounded(clusters(context)),
    watchEvents(request, context) {
      const after = countFromWire(request.afterNumber, 'after_number');
      return bounded(new EventWatch(options, context, after).follow());
    },
  };
}

/** What is told of events: in the order of their numbers, each once. */
interface Told {
  readonly events: ReturnType<typeof decisionToWire>[];
  readonly leader: string;
}

/** One watch of the events, through any number of leaders. */
class EventWatch {
  readonly #options: AdminWatchesOptions;
  readonly #context: CallContext;
  /** The number of the last event that was told. */
  #last: number;
  /** Who was told to lead; undefined: nothing was told yet. */
  #leader: string | undefined;
  /** All that this elector had as the leader was told: from here on no number is left out. */
  #caughtUp = false;

  constructor(options: AdminWatchesOptions, context: CallContext, after: number) {
    this.#options = options;
    this.#context = context;
    this.#last = after;
  }

  async *follow(): AsyncGenerator<Told, void, undefined> {
    const { self, changes } = this.#options;
    for await (const _change of changes.watch(this.#context.signal)) {
      const leader = this.#options.leader() ?? '';
      if (leader !== self.name) {
        refuseSecondRelay(this.#context, self, leader === '' ? 'nobody' : leader);
        this.#caughtUp = false;
        if (leader !== this.#leader) yield this.#told([], leader);
        if (leader !== '') yield* this.#passOn(leader);
        continue;
      }
      const fresh = this.#fresh();
      if (fresh.length > 0 || leader !== this.#leader) yield this.#told(fresh, leader);
    }
  }

  /** The committed events that were not told yet. */
  #fresh(): readonly Decision[] {
    const events = this.#options.events();
    if (events === undefined) return [];
    const fresh = events.filter(({ number }) => number > this.#last);
    const missing = (fresh.at(-1)?.number ?? this.#last) - this.#last - fresh.length;
    if (this.#caughtUp && missing > 0) {
      throw koiError(
        'OVERLOADED',
        `${missing} events were forgotten before this watch read them: watch again after number ${this.#last}`,
      );
    }
    this.#caughtUp = true;
    return fresh;
  }

  #told(events: readonly Decision[], leader: string): Told {
    this.#leader = leader;
    this.#last = events.at(-1)?.number ?? this.#last;
    return { events: events.map(decisionToWire), leader };
  }

  /** Passes on what the leader tells, for as long as it leads; asks it again where its stream breaks. */
  async *#passOn(leader: string): AsyncGenerator<Told, void, undefined> {
    const over = new AbortController();
    const ended = this.#abortWhenNot(leader, over);
    const signal = AbortSignal.any([this.#context.signal, over.signal]);
    let wait = RETRY_MIN;
    try {
      while (!signal.aborted) {
        try {
          for await (const told of this.#relayed(leader, signal)) {
            wait = RETRY_MIN;
            yield told;
          }
        } catch (error) {
          if (error instanceof KoiError && error.reason === 'OVERLOADED') throw error;
        }
        await delay(wait, undefined, { signal }).catch(() => {});
        wait = Math.min(2 * wait, RETRY_MAX);
      }
    } finally {
      over.abort();
      await ended;
    }
  }

  async *#relayed(leader: string, signal: AbortSignal): AsyncGenerator<Told, void, undefined> {
    const afterNumber = countToWire(this.#last);
    const stream = this.#options.relay.watch(leader, signal, (client, call) =>
      client.watchEvents({ afterNumber }, call),
    );
    for await (const { events } of stream) {
      const fresh = events.filter(({ number }) => Number(number) > this.#last);
      const last = fresh.at(-1);
      if (last === undefined) continue;
      this.#last = Number(last.number);
      yield { events: fresh, leader };
    }
  }

  async #abortWhenNot(leader: string, over: AbortController): Promise<void> {
    for await (const _change of this.#options.changes.watch(over.signal)) {
      if (this.#options.leader() !== leader) over.abort();
    }
  }
}
