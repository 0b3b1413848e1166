// The world of a story, from its first command: who runs where, by which times and clocks. Nothing is left
// to chance but what the simulated hosts themselves draw within their bounds (a script's few milliseconds).
import { PRESETS } from '@koi/lib/timing';
import type { HostPlan, Plan } from '../plan.ts';
import { type Line, parseDuration, ScenarioRefusal } from './scenario-text.ts';

/** Clocks are off by no more than this (P10, drift). */
const CLOCK_ERROR_MAX = 0.01;

/** The most electors and runners that a story can be told with. */
const NODES_MAX = 7;

/** One way between two hosts, in milliseconds; it never changes. */
const LATENCY = 0.2;

/** The longest that one write of a healthy disk takes, in milliseconds. */
const DISK_SLOW = 2;

/** What is wanted of a story's world, and what it is if nothing is said. */
const DEFAULTS = {
  electors: '3',
  runners: '3',
  times: 'default',
  priorities: '',
  'runner-priorities': '',
  passive: '',
  rates: '',
  services: 's1:10',
  first: '1s',
  status: '10s',
  recovery: '2s',
  seed: '1',
} as const;

const FLAGS = ['apart', 'preempt', 'deaf', 'unsent-arrives', 'wire'] as const;

type Option = keyof typeof DEFAULTS;
type Flag = (typeof FLAGS)[number];

/** What a story's world is made of. */
export interface ScenarioPlan {
  readonly plan: Plan;
  /** What a closed stream had not sent yet arrives all the same, as late as a cut lasts. */
  readonly unsentArrives: boolean;
}

/** Reads the `cluster` command. Throws a `ScenarioRefusal`. */
export function parseCluster(line: Line): ScenarioPlan {
  const wish = new Wish(line);
  const { flags } = wish;
  const electors = wish.count('electors');
  const runners = wish.count('runners');
  const fast = wish.oneOf('times', 'default', 'fast') === 'fast';
  const recoveryDelay = wish.duration('recovery');
  const plan: Plan = {
    seed: wish.number('seed'),
    hosts: layOut(wish, electors, runners),
    times: PRESETS[fast ? 'fast' : 'default'],
    fast,
    gentle: false,
    lone: false,
    preempt: flags.has('preempt'),
    initialPromotion: wish.duration('first'),
    forgetAfter: 1_800_000,
    statusInterval: wish.duration('status'),
    recoveryDelay,
    weather: { least: LATENCY, jitter: 0, loss: 0, retransmission: LATENCY },
    diskSlow: DISK_SLOW,
    manners: {
      slow: 0,
      hangs: 0,
      fails: 0,
      ignoresTerm: flags.has('deaf') ? 1 : 0,
      tellsTruth: true,
    },
    faultEvery: Number.POSITIVE_INFINITY,
    faultKinds: [],
    faultLasts: 0,
    orderEvery: 0,
    stormLasts: 0,
    overWire: flags.has('wire'),
  };
  return { plan, unsentArrives: flags.has('unsent-arrives') };
}

/** The words of the command, each refused by name where nobody knows it. */
class Wish {
  readonly #line: Line;
  readonly #values = new Map<string, string>(Object.entries(DEFAULTS));
  readonly flags = new Set<Flag>();

  constructor(line: Line) {
    this.#line = line;
    for (const word of line.text.split(/\s+/).slice(1)) {
      const [key = '', value] = word.split('=', 2);
      const flag = FLAGS.find((known) => known === word);
      if (flag !== undefined) this.flags.add(flag);
      else if (value !== undefined && this.#values.has(key)) this.#values.set(key, value);
      else throw this.#refusal(`unknown: ${word}`);
    }
  }

  #refusal(text: string): ScenarioRefusal {
    const known = [...this.#values.keys()].map((key) => `${key}=`).concat(FLAGS);
    return new ScenarioRefusal(this.#line.number, `${text} (known: ${known.join(' ')})`);
  }

  value(option: Option): string {
    return this.#values.get(option) ?? '';
  }

  oneOf(option: Option, ...choices: readonly string[]): string {
    const value = this.value(option);
    if (!choices.includes(value)) throw this.#refusal(`${option} is ${choices.join(' or ')}`);
    return value;
  }

  number(option: Option): number {
    const value = Number(this.value(option));
    if (!Number.isSafeInteger(value) || value < 0) throw this.#refusal(`${option} is a number`);
    return value;
  }

  count(option: Option): number {
    const value = this.number(option);
    if (value > NODES_MAX) throw this.#refusal(`${option} are at most ${NODES_MAX}`);
    return value;
  }

  duration(option: Option): number {
    const value = parseDuration(this.value(option));
    if (value === undefined) throw this.#refusal(`${option} is a time, as in 500ms`);
    return value;
  }

  list(option: Option): readonly string[] {
    return this.value(option).split(',').filter(Boolean);
  }

  /** One number for each of some; what a story leaves out is as given. */
  numbers(option: Option, otherwise: readonly number[]): readonly number[] {
    const list = this.list(option).map(Number);
    if (list.length === 0) return otherwise;
    if (list.length !== otherwise.length || list.some(Number.isNaN)) {
      throw this.#refusal(`${option} are ${otherwise.length} numbers`);
    }
    return list;
  }

  rates(hosts: number): readonly number[] {
    const rates = this.numbers('rates', Array<number>(hosts).fill(1));
    // A small tolerance: 1.01 - 1 is a little more than 0.01.
    if (rates.some((rate) => Math.abs(rate - 1) > CLOCK_ERROR_MAX + 1e-9)) {
      throw this.#refusal(`rates are within ${CLOCK_ERROR_MAX} of 1`);
    }
    return rates;
  }

  services(): readonly { readonly name: string; readonly priority: number | undefined }[] {
    return this.list('services').map((word) => {
      const [name = '', priority] = word.split(':');
      return { name, priority: priority === undefined ? undefined : Number(priority) };
    });
  }
}

/**
 * Hosts a, b, c ...: electors from the first on, and runners beside them, or where they are apart on
 * hosts of their own. Electors rank from a downwards and runners upwards, so that leader and master
 * are not on one host unless a story wants it.
 */
function layOut(wish: Wish, electors: number, runners: number): readonly HostPlan[] {
  const apart = wish.flags.has('apart');
  const before = apart ? electors : 0;
  const count = Math.max(electors, before + runners);
  const indexes = (length: number) => Array.from({ length }, (_, index) => index);
  const rates = wish.rates(count);
  const ranks = wish.numbers(
    'priorities',
    indexes(electors).map((index) => electors - index),
  );
  const order = wish.numbers(
    'runner-priorities',
    indexes(runners).map((index) => index + 1),
  );
  const passive = wish.list('passive');
  return indexes(count).map((index) => {
    const letter = String.fromCharCode('a'.charCodeAt(0) + index);
    const priority = ranks[index];
    const runnerPriority = order[index - before];
    const runner = `r-${letter}`;
    return {
      name: `host-${letter}`,
      elector: priority === undefined ? undefined : { name: `e-${letter}`, priority },
      runner:
        runnerPriority === undefined
          ? undefined
          : {
              name: runner,
              priority: runnerPriority,
              mode: passive.includes(runner) ? 'passive' : 'active',
              services: wish.services(),
            },
      rate: rates[index] ?? 1,
      zero: 1_000_000 * (index + 1),
    };
  });
}
