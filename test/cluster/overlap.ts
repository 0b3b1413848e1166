// Finds out from the scripts' log when each host was promoted, and whether two ever were at once. Takes
// the strictest view: promoted from the first line of `promote` to the last line of demote, stop or
// failed, or to the host's death; a script that was killed half-way ended nothing.
import { type Duration, type Instant, NEVER } from '@koi/lib/time';
import type { LogLine } from './promotion-log.ts';

/** A stretch of time in which one service of a host was promoted, or may have been. */
export interface Promotion {
  readonly host: string;
  readonly service: string;
  readonly epoch: number;
  readonly from: Instant;
  /** `NEVER`: it still is. */
  readonly until: Instant;
}

/** Two hosts promoted at once. */
export interface Overlap {
  readonly first: Promotion;
  readonly second: Promotion;
  /** `NEVER`: it goes on. */
  readonly lasts: Duration;
}

/** From one host's being master to another's, or the same one's again. */
export interface Handover {
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
  /** How long nobody was promoted: below 0 where two were. */
  readonly gap: Duration;
  /** When the new one's first `promote` began. */
  readonly at: Instant;
}

/** One service's way through its scripts on one host. */
interface Track {
  from: Instant | undefined;
  epoch: number;
  /** `failed` has ended: over then, unless a `stop` follows and ends later. */
  failedAt: Instant | undefined;
}

/** Every promotion in a log, by its begin. */
export function promotionsIn(lines: readonly LogLine[]): readonly Promotion[] {
  const promotions: Promotion[] = [];
  const tracks = new Map<string, Track>();
  const close = (host: string, service: string, track: Track, until: Instant): void => {
    if (track.from !== undefined) {
      promotions.push({ host, service, epoch: track.epoch, from: track.from, until });
    }
    track.from = undefined;
    track.failedAt = undefined;
  };
  const open = () => [...tracks].map(([key, track]) => ({ ...split(key), track }));
  for (const line of lines) {
    if (line.kind === 'killed') {
      for (const { host, service, track } of open()) {
        if (host === line.host) close(host, service, track, track.failedAt ?? line.at);
      }
      continue;
    }
    const key = `${line.host} ${line.service}`;
    const track = tracks.get(key) ?? { from: undefined, epoch: 0, failedAt: undefined };
    tracks.set(key, track);
    onScriptLine(line, track, (until) => close(line.host, line.service, track, until));
  }
  for (const { host, service, track } of open()) {
    close(host, service, track, track.failedAt ?? NEVER);
  }
  return promotions.toSorted((one, other) => one.from - other.from);
}

function onScriptLine(
  line: Exclude<LogLine, { kind: 'killed' }>,
  track: Track,
  close: (until: Instant) => void,
): void {
  if (line.kind === 'begin') {
    if (line.action !== 'promote' && line.action !== 'start') return;
    // Whatever failed before was not stopped: it was over when `failed` said so.
    if (track.failedAt !== undefined) close(track.failedAt);
    if (line.action !== 'promote' || track.from !== undefined) return;
    track.from = line.at;
    track.epoch = line.epoch;
    return;
  }
  if (line.action === 'failed' && track.from !== undefined) track.failedAt = line.at;
  // A demote that fails leaves the service promoted until `failed` and `stop` have been.
  if (line.action === 'stop' || (line.action === 'demote' && line.code === 0)) close(line.at);
}

function split(key: string): { host: string; service: string } {
  const [host = '', service = ''] = key.split(' ');
  return { host, service };
}

/** Every pair of promotions of different hosts that share a moment. */
export function overlapsIn(lines: readonly LogLine[]): readonly Overlap[] {
  const promotions = promotionsIn(lines);
  return promotions.flatMap((first, index) =>
    promotions
      .slice(index + 1)
      .filter((second) => second.host !== first.host && second.from < first.until)
      .map((second) => ({
        first,
        second,
        lasts: Math.min(first.until, second.until) - second.from,
      })),
  );
}

/** Each change of the master: a host's first promote after another epoch's last promotion. */
export function handoversIn(lines: readonly LogLine[]): readonly Handover[] {
  const reigns: { host: string; epoch: number; from: Instant; until: Instant }[] = [];
  for (const { host, epoch, from, until } of promotionsIn(lines)) {
    const reign = reigns.find((one) => one.host === host && one.epoch === epoch);
    if (reign === undefined) reigns.push({ host, epoch, from, until });
    else reign.until = Math.max(reign.until, until);
  }
  return reigns.slice(1).flatMap((to, index) => {
    const from = reigns[index];
    if (from === undefined) return [];
    const gap = to.from - from.until;
    return [{ from: from.host, to: to.host, epoch: to.epoch, gap, at: to.from }];
  });
}

/** The scripts but status that ran on a host from a moment on, as "service action". */
export function scriptsRunIn(
  lines: readonly LogLine[],
  host: string,
  since: Instant,
): readonly string[] {
  return lines.flatMap((line) => {
    if (line.kind !== 'begin' || line.host !== host || line.at < since) return [];
    return line.action === 'status' ? [] : [`${line.service} ${line.action}`];
  });
}

/** An overlap as a sentence. */
export function describeOverlap({ first, second, lasts }: Overlap): string {
  const how = Number.isFinite(lasts) ? `for ${lasts.toFixed(1)} ms` : 'to the end of the log';
  const older = `${first.service} on ${first.host} (epoch ${first.epoch})`;
  return `${older} and ${second.service} on ${second.host} (epoch ${second.epoch}) were both promoted ${how}`;
}
