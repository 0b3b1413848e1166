// What follows from a configuration that is right: who may be lost, how long a failover takes at
// the worst, by how much two masters miss each other, and how a master that lost its lease goes down.
import type { Config } from '@koi/lib/config';
import { writeDuration } from '@koi/lib/config-duration';
import { ladderTimes } from '@koi/lib/ladder-times';
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
    'a lost lease, at the worst, by the clock of the host that lost it:',
    ...renderLadder(config),
  ];
  return lines.map((text) => line(text));
}

/** M4: the ladder down, a moment a line. */
function renderLadder({ times, runner }: Config): string[] {
  const moments = ladderTimes(times);
  const drift = `${Number((times.drift * 100).toFixed(3))} %`;
  const hook = runner.fence ?? 'nobody: no runner.fence is configured';
  const rungs: readonly (readonly [moment: string, text: string])[] = [
    ['0 ms', 'it ends; koi-runner starts the demote scripts, highest priority first'],
    [shown(moments.deadman), 'where koi-runner has not, koi-deadman begins in its place'],
    [shown(moments.demote), 'the first demote scripts run, whatever else is going on'],
    [shown(moments.kill), 'what is still promoted is killed, then its stop script runs'],
    [shown(moments.takeover), 'a koi-runner stuck in this is killed, koi-deadman goes on for it'],
    [shown(moments.fence), `what is still promoted is for the fence hook (${hook})`],
    [
      spare(moments.promotion),
      `the earliest promotion elsewhere; ${spare(moments.promotionAtDrift)} if clocks differ by ${drift}`,
    ],
  ];
  const width = Math.max(...rungs.map(([moment]) => moment.length));
  return rungs.map(([moment, text]) => `  +${moment.padStart(width)}  ${text}`);
}

/** The same facts for programs; durations are in milliseconds, as their names say. */
export function describeVerdict(config: Config): Readonly<Record<string, unknown>> {
  const { electors, times } = config;
  const facts = failover(times, electors.length);
  const ladder = ladderTimes(times);
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
    lostLease: {
      deadmanMs: Math.ceil(ladder.deadman - 1e-6),
      demoteMs: Math.ceil(ladder.demote - 1e-6),
      killMs: Math.ceil(ladder.kill - 1e-6),
      takeoverMs: Math.ceil(ladder.takeover - 1e-6),
      fenceMs: Math.ceil(ladder.fence - 1e-6),
      fence: config.runner.fence ?? null,
      promotionMs: Math.floor(ladder.promotion + 1e-6),
      promotionAtDriftMs: Math.floor(ladder.promotionAtDrift + 1e-6),
    },
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
