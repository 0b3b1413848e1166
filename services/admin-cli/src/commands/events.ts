// `koi-admin events`: the timeline, each failover summed up after its last event; with --follow on
// and on, from one elector to the next and through every change of the leader.

import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { ListEventsResponse } from '@koi/gen/koi/admin/v1/admin_service_pb';
import {
  type Event,
  EventSchema,
  type Failover,
  FailoverSchema,
} from '@koi/gen/koi/cluster/v1/event_pb';
import type { WallTime } from '@koi/lib/time';
import { ask } from '../ask.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { printNext, printPage, remark } from '../print.ts';
import { failoverBlocks, failoversPage, timelinePage } from '../render/event-page.ts';
import { line } from '../render/page.ts';
import type { Session } from '../session.ts';
import { stay } from '../stay.ts';

/** Which events, and how. */
export interface EventsOptions {
  /** Only those with a higher number. */
  readonly after: bigint;
  readonly since: WallTime | undefined;
  /** The failovers alone. */
  readonly failovers: boolean;
  readonly follow: boolean;
}

/** Lists them; follows them where that is wanted, until interrupted. */
export async function events(session: Session, options: EventsOptions): Promise<ExitCode> {
  const { after, since, follow } = options;
  const remembered = await list(session, after, since);
  printRemembered(session, remembered, options);
  if (!follow) return EXIT.DONE;
  const stop = new AbortController();
  const release = session.terminal.onInterrupt(() => stop.abort());
  try {
    const follower = new Follower(session, options.failovers, remembered, after);
    await follower.run(stop.signal);
  } finally {
    release();
  }
  return EXIT.DONE;
}

function list(
  session: Session,
  afterNumber: bigint,
  since: WallTime | undefined,
  signal?: AbortSignal,
): Promise<ListEventsResponse> {
  const request = {
    afterNumber,
    ...(since === undefined ? {} : { since: timestampFromMs(since) }),
  };
  return ask(
    session,
    (client, options) => client.listEvents(request, options),
    signal === undefined ? {} : { signal },
  );
}

function printRemembered(
  session: Session,
  remembered: ListEventsResponse,
  { failovers: grouped, follow }: EventsOptions,
): void {
  const { events, failovers } = remembered;
  if (session.options.output === 'json') {
    if (grouped) for (const one of failovers.filter(isOver)) printFailover(session, one);
    else for (const one of events) printEvents(session, [one]);
  } else if (grouped) {
    if (!follow || failovers.length > 0) printPage(session, failoversPage(failovers));
  } else if (!follow || events.length > 0) {
    const wide = session.options.output === 'wide';
    printPage(session, timelinePage(events, failovers, wide));
  }
}

function printEvents(session: Session, events: readonly Event[]): void {
  if (session.options.output === 'json') {
    for (const event of events) printNext(session, EventSchema, event, () => []);
  } else if (events.length > 0) {
    printPage(session, timelinePage(events, [], session.options.output === 'wide'));
  }
}

function printFailover(session: Session, failover: Failover): void {
  printNext(session, FailoverSchema, failover, () => failoverBlocks(failover));
}

function isOver({ gap }: Failover): boolean {
  return gap !== undefined;
}

const NOTHING: Pick<ListEventsResponse, 'failovers'> = { failovers: [] };

/** What comes after the remembered events, each once and in order. */
class Follower {
  readonly #session: Session;
  readonly #grouped: boolean;
  /** Epochs whose failover was summed up. */
  readonly #told: Set<bigint>;
  /** What has ended by this number was listed, or was not asked for. */
  readonly #begin: bigint;
  #last: bigint;
  #leader: string | undefined;
  #address: string | undefined;

  constructor(
    session: Session,
    grouped: boolean,
    { events, failovers }: ListEventsResponse,
    after: bigint,
  ) {
    this.#session = session;
    this.#grouped = grouped;
    this.#told = new Set(failovers.filter(isOver).map(({ epoch }) => epoch));
    this.#begin = events.at(-1)?.number ?? after;
    this.#last = this.#begin;
  }

  async run(signal: AbortSignal): Promise<void> {
    const sightings = stay(this.#session, {
      open: (client, options) => client.watchEvents({ afterNumber: this.#last }, options),
      led: ({ leader }) => leader !== '',
      signal,
    });
    for await (const sighting of sightings) {
      if (sighting.kind === 'lost') {
        this.#say(`${sighting.address}: ${sighting.why}, another elector is asked`);
      } else if (sighting.kind === 'alone') {
        this.#say('no elector answers, they are asked again');
      } else {
        this.#heard(sighting.address, sighting.message.leader);
        await this.#take(sighting.message.events, signal);
      }
    }
  }

  /** Says who tells and who leads, where either is new. */
  #heard(address: string, leader: string): void {
    if (this.#address !== undefined && this.#address !== address) {
      this.#say(`${address} answers now, nothing was missed`);
    }
    this.#address = address;
    if (this.#leader !== undefined && this.#leader !== leader) {
      this.#say(leader === '' ? `${this.#leader} leads no more` : `${leader} leads now`);
    }
    this.#leader = leader;
  }

  async #take(events: readonly Event[], signal: AbortSignal): Promise<void> {
    const fresh = events.filter(({ number }) => number > this.#last);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const json = this.#session.options.output === 'json';
    if (!this.#grouped) printEvents(this.#session, fresh);
    this.#last = last.number;
    // As JSON the failovers come alone or not at all: a reader wants one kind of line.
    if (json && !this.#grouped) return;
    // Between two leaders nobody may be able to tell: they are summed up with the next event then.
    const { failovers } = await list(this.#session, 0n, undefined, signal).catch(() => NOTHING);
    for (const failover of failovers.filter(isOver)) {
      const ended = failover.events.at(-1) ?? 0n;
      if (this.#told.has(failover.epoch) || ended <= this.#begin) continue;
      this.#told.add(failover.epoch);
      printFailover(this.#session, failover);
    }
  }

  #say(text: string): void {
    remark(this.#session, [line(`koi-admin: ${text}`)]);
  }
}
