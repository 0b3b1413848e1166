// The clusters on which figures are taken: three hosts with an elector and a runner each, small latencies,
// quick disks, clocks that are off by up to 1 %, and nothing wrong with any of them.
import { PRESETS } from '@koi/lib/timing';
import type { Times } from '../../services/elector/src/core/options.ts';
import type { HostPlan, Plan } from './plan.ts';
import type { Random } from './random.ts';

export type Preset = keyof typeof PRESETS;

/** Who is to lead and who is to be master, by the place of the host. */
export interface Placement {
  readonly leads: number;
  readonly master: number;
}

const LETTERS = ['a', 'b', 'c'] as const;

/** Clocks gain or lose up to this. */
const CLOCK_ERROR_MAX = 0.01;

/** A local network, one way: what every message takes, and what some take on top, in milliseconds. */
const LATENCY_MIN = 0.05;
const LATENCY_MAX = 0.5;
const JITTER_MAX = 0.1;

/** The longest write of a quick disk. */
const DISK_SLOW_MIN = 0.5;
const DISK_SLOW_MAX = 3;

/** Between two rounds of status scripts, in heartbeats. */
const STATUS_HEARTBEATS = 50;

/** Draws a cluster in which these two will lead and be master. */
export function drawSteadyPlan(
  random: Random,
  seed: number,
  preset: Preset,
  placement: Placement,
): Plan {
  const times = PRESETS[preset];
  return {
    seed,
    hosts: LETTERS.map((letter, index) => drawHost(random, letter, index, placement)),
    times,
    fast: preset === 'fast',
    gentle: false,
    preempt: false,
    initialPromotion: drawFirstPromotion(random, times),
    forgetAfter: 1_800_000,
    statusInterval: STATUS_HEARTBEATS * times.heartbeat,
    recoveryDelay: 10_000,
    weather: {
      least: random.between(LATENCY_MIN, LATENCY_MAX),
      jitter: random.between(0, JITTER_MAX),
      loss: 0,
      retransmission: 0,
    },
    diskSlow: random.between(DISK_SLOW_MIN, DISK_SLOW_MAX),
    manners: { slow: 0, hangs: 0, fails: 0, ignoresTerm: 0, tellsTruth: false },
    faultEvery: 0,
    faultKinds: [],
    faultLasts: 0,
    orderEvery: 0,
    stormLasts: 0,
    overWire: false,
  };
}

/**
 * Promotion sets the phase of the master's reports within the leader's heartbeats, so its moment is drawn:
 * anywhere in the second heartbeat after the one at which M2 would allow it.
 */
function drawFirstPromotion(random: Random, times: Times): number {
  const { leaderLease, masterLease, demoteGrace, drift, heartbeat } = times;
  const allowed = (masterLease - leaderLease + demoteGrace) * (1 + drift);
  return allowed + random.between(1, 2) * heartbeat;
}

function drawHost(random: Random, letter: string, index: number, placement: Placement): HostPlan {
  return {
    name: `host-${letter}`,
    // Bully: the highest-ranked elector leads, and stays until something happens to it.
    elector: { name: `e-${letter}`, priority: index === placement.leads ? 2 : 1 },
    runner: {
      name: `r-${letter}`,
      priority: index === placement.master ? 1 : 0,
      mode: 'active',
      services: [{ name: 's1', priority: undefined }],
    },
    rate: 1 + random.between(-CLOCK_ERROR_MAX, CLOCK_ERROR_MAX),
    zero: random.between(1_000, 50_000_000),
  };
}
