// Follows an order from its commit to its end: a live line while it is under way, then what has come
// of it and how long there was no master.
import { durationMs } from '@bufbuild/protobuf/wkt';
import type { ListEventsResponse } from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { Cluster } from '@koi/gen/koi/cluster/v1/cluster_pb';
import type { Failover } from '@koi/gen/koi/cluster/v1/event_pb';
import { writeDuration } from '@koi/lib/config-duration';
import { type Duration, describeDuration } from '@koi/lib/time';
import { ask } from './ask.ts';
import { EXIT, Failure } from './failure.ts';
import type { Goal } from './goal.ts';
import { LiveLine } from './live-line.ts';
import { printPage } from './print.ts';
import { line } from './render/page.ts';
import type { Session } from './session.ts';
import { stay } from './stay.ts';

/** How long an order is followed unless --timeout says otherwise: every script may take its time. */
export const FOLLOW_MAX: Duration = 600_000;

/** How long the record of a failover may take to be committed after its end. */
export const RECORD_MAX: Duration = 8_000;

/** What is followed. */
export interface Followed {
  readonly goal: Goal;
  readonly wanted: string;
  /** The cluster before the order was given. */
  readonly before: Cluster;
  /** The revision that holds the order. */
  readonly since: bigint;
  /** Ends it, quietly. */
  readonly signal: AbortSignal;
}

/** Returns when the order is done; throws a `Failure` where it comes to nothing or takes too long. */
export async function followOrder(session: Session, followed: Followed): Promise<void> {
  const live = new LiveLine(session.terminal);
  const { timeout = FOLLOW_MAX } = session.options;
  const late = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([followed.signal, late]);
  try {
    const end = await untilDone(session, followed, live, signal);
    if (end === undefined) {
      if (followed.signal.aborted) return;
      throw new Failure(
        EXIT.REFUSED,
        `${followed.wanted}: that is not done after ${writeDuration(timeout)}`,
        'it goes on without this command: `koi-admin watch` shows it, --timeout waits longer',
      );
    }
    live.clear();
    tell(session, end.text);
    const { epoch, master } = end.now;
    if (epoch === followed.before.epoch || master === '') return;
    const failover = await recordOf(session, epoch, live, signal);
    live.clear();
    if (failover?.gap === undefined) return;
    tell(session, `there was no master for ${describeDuration(durationMs(failover.gap))}`);
  } finally {
    live.clear();
  }
}

function tell(session: Session, text: string): void {
  // As JSON the answer is the response alone.
  if (session.options.output !== 'json') printPage(session, [line(text)]);
}

interface End {
  readonly now: Cluster;
  readonly text: string;
}

async function untilDone(
  session: Session,
  { goal, before, since }: Followed,
  live: LiveLine,
  signal: AbortSignal,
): Promise<End | undefined> {
  const sightings = stay(session, {
    open: (client, options) => client.watchCluster({}, options),
    led: ({ cluster }) => cluster !== undefined && cluster.leader !== '',
    signal,
  });
  for await (const sighting of sightings) {
    if (sighting.kind === 'lost')
      live.show(`${sighting.address}: ${sighting.why}, another one is asked`);
    if (sighting.kind === 'alone') live.show('no elector answers, they are asked again');
    const now = sighting.kind === 'message' ? sighting.message.cluster : undefined;
    // An elector that has not heard of the order yet cannot tell what came of it.
    if (now === undefined || now.revision < since) continue;
    const progress = goal(now, before);
    if (progress.state === 'failed') throw new Failure(EXIT.REFUSED, progress.text);
    if (progress.state === 'done') return { now, text: progress.text };
    live.show(progress.text);
  }
  return undefined;
}

const NOTHING: Pick<ListEventsResponse, 'failovers'> = { failovers: [] };

/** The record of how an epoch came to be, once it is whole; undefined where it does not come. */
async function recordOf(
  session: Session,
  epoch: bigint,
  live: LiveLine,
  signal: AbortSignal,
): Promise<Failover | undefined> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(RECORD_MAX)]);
  const sightings = stay(session, {
    open: (client, options) => client.watchEvents({}, options),
    led: ({ leader }) => leader !== '',
    signal: bounded,
  });
  for await (const sighting of sightings) {
    if (sighting.kind !== 'message') continue;
    // Between two leaders nobody may be able to tell: the next event comes from the new one.
    const { failovers } = await ask(session, (client, options) => client.listEvents({}, options), {
      signal: bounded,
    }).catch(() => NOTHING);
    const found = failovers.find((failover) => failover.epoch === epoch);
    if (found?.gap !== undefined) return found;
    live.show('waiting for the record of how long there was no master');
  }
  return undefined;
}
