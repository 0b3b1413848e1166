// Warns of a loop that comes late before that can cost a lease. Measured all the time and at no cost: by the
// lateness of the loop's own timer, which every core sets to the next heartbeat at the latest. That
// sees a busy loop, a stopped process and a paused machine alike. It misses the part of a stall that lies
// before the timer was due, at most a heartbeat, which costs nobody a lease; a monitor with a timer of its own
// would see that too, and wake an idle daemon up all the time.
import { type Duration, describeDuration, type Instant } from './time.ts';

/** The share of what a lease can spare at which a late loop is warned of. */
export const LAG_WARN_SHARE = 0.25;

/** A loop that was in time for so long is well again: the next lateness is warned of anew. */
export const LAG_EPISODE_GAP: Duration = 60_000;

export interface LagWatchOptions {
  /** What of the loop's work a lateness can cost, by its key in the configuration. */
  readonly lease: { readonly key: string; readonly duration: Duration };
  readonly heartbeat: Duration;
  readonly log: { info(text: string): void; warn(text: string): void };
}

/** Takes how late the loop was at each of its deadlines, 0 included. */
export type LagWatch = (lag: Duration, now: Instant) => void;

interface Episode {
  readonly since: Instant;
  last: Instant;
  count: number;
  worst: Duration;
}

/** Makes a watch: it speaks at the beginning of an episode, when it gets dangerous, and at the end. */
export function createLagWatch({ lease, heartbeat, log }: LagWatchOptions): LagWatch {
  // A lease is renewed each heartbeat, so that is the least that is left of it at any time.
  const spare = lease.duration - heartbeat;
  const warnAt = LAG_WARN_SHARE * spare;
  const what = `timing.${lease.key} (${describeDuration(lease.duration)})`;
  const advice =
    'look for a lack of CPU, swapping, a slow disk or a paused virtual machine, or raise that time';
  let episode: Episode | undefined;

  function begin(lag: Duration, now: Instant): Episode {
    const percent = Math.round((lag / spare) * 100);
    log.warn(
      `its loop was ${describeDuration(lag)} late: ${percent} % of the ${describeDuration(spare)} that ` +
        `${what} can spare before the lease may be lost: ${advice}`,
    );
    return { since: now, last: now, count: 1, worst: lag };
  }

  return (lag, now) => {
    if (episode !== undefined && now - episode.last >= LAG_EPISODE_GAP) {
      const { count, worst, since, last } = episode;
      episode = undefined;
      if (count > 1) {
        const span = describeDuration(last - since);
        const how = `${count} times within ${span}, by ${describeDuration(worst)} at worst`;
        log.info(`its loop is in time again: it was late ${how}`);
      }
    }
    if (lag < warnAt) return;
    if (episode === undefined) {
      episode = begin(lag, now);
      return;
    }
    const dangerous = lag >= spare && episode.worst < spare;
    episode.last = now;
    episode.count += 1;
    episode.worst = Math.max(episode.worst, lag);
    if (dangerous) {
      log.warn(
        `its loop was late again, now by ${describeDuration(lag)}: ${what} can spare ` +
          `${describeDuration(spare)}, and a lease may have been lost by it: ${advice}`,
      );
    }
  };
}
