// What follows from a configuration that is right: who may be lost, how long a failover takes at
// the worst, and by how much two masters miss each other.
import type { Config } from '@koi/lib/config';
import { writeDuration } from '@koi/lib/config-duration';
import { failover, majorityOf, tolerated } from '@koi/lib/timing';
import { line, type Page } from './page.ts';

/** The facts. */
export function verdictPage(config: Config): Page {
  const { electors, times } = config;
  const count = electors.length;
  const facts = failover(times, count);
  const names = electors.map(({ name }) => name).join(', ');
  const drift = `${Number((times.drift * 100).toFixed(3))} %`;
  const own = electors.some(({ name }) => name === config.name)
    ? `its elector listens on ${config.elector.listen}`
    : 'it is not in the elector list, so only a runner can run here';
  const alone = count === 1 ? 'it is the only one' : `${count} need each other`;
  const set = Object.entries({
    heartbeat: times.heartbeat,
    leaderLease: times.leaderLease,
    masterLease: times.masterLease,
    demoteGrace: times.demoteGrace,
  }).map(([key, time]) => `${key} ${writeDuration(time)}`);
  const lines = [
    `${config.file} is right`,
    `cluster: ${config.cluster}`,
    `this host: ${config.name}, ${own}`,
    `electors: ${names} (highest rank first)`,
    `majority: ${majorityOf(count)} of ${count}, so ${tolerated(count)} may be lost`,
    `times: ${set.join(', ')}, drift ${drift}`,
    `worst-case failover: ${shown(facts.masterDies)} without a master when its host dies`,
    facts.leaderDiesToo === undefined
      ? `failover: impossible once an elector is lost, since ${alone}: use three or five`
      : `worst-case failover: ${shown(facts.leaderDiesToo)} when the leading elector dies with it, ` +
        `${shown(facts.election)} of that for an election`,
    'failover: scripts, disk writes and the network come on top',
    `safety margin: the old master is down ${spare(facts.margin)} before a new one starts, ` +
      `0 ms if their clocks differ by ${drift}`,
    'safety margin: SIGKILL of what is left of the old one goes out ' +
      `${spare(facts.killMargin)} before that start`,
  ];
  return lines.map((text) => line(text));
}

/** The same facts for programs; durations are in milliseconds, as their names say. */
export function describeVerdict(config: Config): Readonly<Record<string, unknown>> {
  const { electors, times } = config;
  const facts = failover(times, electors.length);
  return {
    cluster: config.cluster,
    name: config.name,
    electors: electors.map(({ name }) => name),
    majority: majorityOf(electors.length),
    masterDiesMs: Math.ceil(facts.masterDies - 1e-6),
    leaderDiesTooMs:
      facts.leaderDiesToo === undefined ? null : Math.ceil(facts.leaderDiesToo - 1e-6),
    marginMs: Math.floor(facts.margin + 1e-6),
    killMarginMs: Math.floor(facts.killMargin + 1e-6),
  };
}

/** To the millisecond, upwards: a bound must not be rounded below itself. */
function shown(duration: number): string {
  return writeDuration(Math.ceil(duration - 1e-6));
}

/** To the millisecond, downwards: a margin must not be rounded above itself. */
function spare(duration: number): string {
  return writeDuration(Math.floor(duration + 1e-6));
}
