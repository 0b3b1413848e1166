// What one seed draws before anything happens: the topology, the protocol's times, the clocks, the
// network's weather, and how often each kind of fault comes.
import { PRESETS } from '@koi/lib/timing';
import type { Times } from '../../services/elector/src/core/options.ts';
import type { Weather } from './network.ts';
import { Random } from './random.ts';

/** Everything that may break. */
export const FAULT_KINDS = [
  'pause-elector',
  'pause-runner',
  'pause-host',
  'suspend-host',
  'crash-elector',
  'crash-in-write',
  'crash-all-electors',
  'crash-host',
  'crash-leader-and-master',
  'restart-elector',
  'restart-runner',
  'kill-runner',
  'detach-runner',
  'kill-in-step',
  'kill-deadman',
  'pause-deadman',
  'twin-runner',
  'wipe-elector',
  'change-list',
  'cut-pair',
  'cut-one-way',
  'cut-host',
  'partition',
  'isolate-leader',
  'isolate-master',
  'break-stream',
  'stall-stream',
  'slow-disk',
  'failing-disk',
  'full-disk',
  'damaged-disk',
  'change-rate',
  'break-service',
  'hang-scripts',
  'lose-master',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** How scripts behave, as shares of their runs. */
export interface ScriptManners {
  readonly slow: number;
  readonly hangs: number;
  readonly fails: number;
  readonly ignoresTerm: number;
  /** Its status tells the truth by exit codes 90 to 93, else by 0 and 1. */
  readonly tellsTruth: boolean;
}

export interface HostPlan {
  readonly name: string;
  readonly elector: { readonly name: string; readonly priority: number } | undefined;
  readonly runner:
    | {
        readonly name: string;
        readonly priority: number;
        readonly mode: 'active' | 'passive';
        readonly services: readonly {
          readonly name: string;
          readonly priority: number | undefined;
        }[];
      }
    | undefined;
  /** What its clock gains on true time, as a factor. */
  readonly rate: number;
  readonly zero: number;
}

/** One run, but for what happens in it. Durations in milliseconds. */
export interface Plan {
  readonly seed: number;
  readonly hosts: readonly HostPlan[];
  readonly times: Times;
  readonly fast: boolean;
  /**
   * One fault at a time, none that a master should notice, and long after the one before: then no change
   * of leader may disturb a master.
   */
  readonly gentle: boolean;
  /**
   * Nothing breaks but the present master's host, again and again, each time when all has been well for a
   * while: this measures how long a cluster is without a master.
   */
  readonly lone?: boolean;
  /** P9 is on, and the storm long enough for it. */
  readonly preempt: boolean;
  readonly initialPromotion: number;
  readonly forgetAfter: number;
  readonly statusInterval: number;
  readonly recoveryDelay: number;
  readonly weather: Weather;
  readonly diskSlow: number;
  readonly manners: ScriptManners;
  /** Mean time between two faults. */
  readonly faultEvery: number;
  readonly faultKinds: readonly FaultKind[];
  /** How long a fault lasts on average. */
  readonly faultLasts: number;
  /** Mean time between two orders of the administrator; 0: none. */
  readonly orderEvery: number;
  /** For how long faults go on. */
  readonly stormLasts: number;
  /** Messages pass through the production codecs. */
  readonly overWire: boolean;
}

/** Clocks are off by no more than this (P10, drift). */
const CLOCK_ERROR_MAX = 0.01;

/** What a cluster of three or more electors bears without its master noticing, one at a time. */
const GENTLE_KINDS: readonly FaultKind[] = [
  'kill-runner',
  'detach-runner',
  'kill-in-step',
  'kill-deadman',
  'pause-deadman',
  'pause-elector',
  'crash-elector',
  'restart-elector',
  'isolate-leader',
  'cut-pair',
  'slow-disk',
  'break-stream',
  'twin-runner',
];

/** A higher elector waits for a minute before it asks for the office. */
const PREEMPT_STORM = 130_000;

/** One seed in so many is gentle. */
const GENTLE_EVERY = 12;

/** One seed in so many has lone failures, if its cluster bears them; never a gentle one. */
const LONE_EVERY = 10;
const LONE_REMAINDER = 7;

/** Time for some five lone failures, at default times. */
const LONE_STORM = 50_000;

/** Draws a run. */
export function drawPlan(seed: number): Plan {
  const plan = drawStorm(seed);
  const { electors, active } = count(plan.hosts);
  if (seed % GENTLE_EVERY === 0 && electors >= 3 && active > 0) {
    const stormLasts = plan.stormLasts * 2;
    return { ...calmed(plan), gentle: true, faultKinds: GENTLE_KINDS, stormLasts };
  }
  if (seed % LONE_EVERY === LONE_REMAINDER && active >= 2) {
    const stormLasts = plan.fast ? LONE_STORM / 4 : LONE_STORM;
    return { ...calmed(plan), lone: true, preempt: false, stormLasts };
  }
  return plan;
}

/** Good weather, quick scripts and disks, nobody who gives orders. */
function calmed(plan: Plan): Plan {
  return {
    ...plan,
    weather: { ...plan.weather, jitter: plan.weather.least, loss: 0 },
    // Nor deaf: a promotion waits for a status script to end, which takes one that ignores SIGTERM a second.
    manners: { ...plan.manners, slow: 0, hangs: 0, fails: 0, ignoresTerm: 0 },
    diskSlow: Math.min(plan.diskSlow, 2),
    orderEvery: 0,
  };
}

function count(hosts: readonly HostPlan[]) {
  return {
    electors: hosts.filter(({ elector }) => elector !== undefined).length,
    active: hosts.filter(({ runner }) => runner?.mode === 'active').length,
  };
}

function drawStorm(seed: number): Plan {
  const random = new Random(seed, 'plan');
  const fast = random.chance(0.35);
  const scale = fast ? 0.25 : 1;
  const electors = random.pick([1, 2, 2, ...Array<number>(14).fill(3), 5, 5, 7]) ?? 3;
  const runners = random.oneOf(1, 2, 2, 2, 3, 3, 3, 4);
  const preempt = random.chance(0.03);
  return {
    seed,
    hosts: drawHosts(random, electors, runners),
    times: PRESETS[fast ? 'fast' : 'default'],
    fast,
    gentle: false,
    preempt,
    initialPromotion: random.oneOf(500, 1_000, 3_000) * scale,
    forgetAfter: random.oneOf(1_800_000, 30_000),
    statusInterval: random.oneOf(10_000, 2_000),
    recoveryDelay: random.oneOf(500, 2_000) * scale,
    weather: {
      least: random.oneOf(0.02, 0.02, random.between(0.05, 2)) * scale,
      jitter: random.oneOf(0.02, 0.1, 1, 5) * scale,
      loss: random.oneOf(0, 0, 0.001, 0.01),
      retransmission: random.between(100, 600) * scale,
    },
    diskSlow: random.oneOf(0.3, 1, 5, 20) * scale,
    manners: {
      slow: random.oneOf(0, 0.1, 0.3),
      hangs: random.oneOf(0, 0, 0.02, 0.1),
      fails: random.oneOf(0, 0, 0.02, 0.1),
      ignoresTerm: random.oneOf(0, 0.5),
      tellsTruth: random.chance(0.5),
    },
    faultEvery: preempt ? 10_000 : random.oneOf(500, 1_000, 2_000, 4_000) * scale,
    faultKinds: drawKinds(random),
    faultLasts: random.oneOf(200, 1_000, 3_000) * scale,
    orderEvery: random.oneOf(0, 0, 0, 300, 1_000, 5_000) * scale,
    stormLasts: preempt ? PREEMPT_STORM : random.between(6_000, 25_000) * scale,
    overWire: random.chance(0.12),
  };
}

/** Few kinds at a time, so that each seed has a character of its own. */
function drawKinds(random: Random): readonly FaultKind[] {
  const share = random.oneOf(0.1, 0.25, 0.5);
  const kinds = FAULT_KINDS.filter((kind) => random.chance(kind === 'lose-master' ? 0.5 : share));
  return kinds.length > 0 ? kinds : FAULT_KINDS;
}

function drawHosts(random: Random, electors: number, runners: number): readonly HostPlan[] {
  const apart = random.chance(0.3);
  const equal = random.chance(0.3);
  const count = apart ? electors + runners : Math.max(electors, runners);
  const hosts: HostPlan[] = [];
  for (let index = 0; index < count; index += 1) {
    const letter = String.fromCharCode('a'.charCodeAt(0) + index);
    const runner = apart ? index - electors : index;
    hosts.push({
      name: `host-${letter}`,
      elector:
        index < electors
          ? { name: `e-${letter}`, priority: equal ? 1 : random.whole(1, electors) }
          : undefined,
      runner: runner >= 0 && runner < runners ? drawRunner(random, letter) : undefined,
      rate: drawRate(random),
      zero: random.between(1_000, 50_000_000),
    });
  }
  return hosts;
}

/** What a clock gains on true time, as a factor. */
export function drawRate(random: Random): number {
  if (random.chance(0.15)) return 1;
  if (random.chance(0.7)) return 1 + random.oneOf(-1, 1) * CLOCK_ERROR_MAX;
  return 1 + random.between(-CLOCK_ERROR_MAX, CLOCK_ERROR_MAX);
}

function drawRunner(random: Random, letter: string): HostPlan['runner'] {
  const count = random.oneOf(1, 1, 2, 3);
  const services = Array.from({ length: count }, (_, index) => ({
    name: `s${index + 1}`,
    priority: random.chance(0.15) ? undefined : random.whole(1, 3) * 10,
  }));
  return {
    name: `r-${letter}`,
    priority: random.chance(0.7) ? 0 : random.whole(0, 3),
    mode: random.chance(0.08) ? 'passive' : 'active',
    services,
  };
}
