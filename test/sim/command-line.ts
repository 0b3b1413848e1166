// What can be asked of the simulator: one seed, to be traced or shrunk, or a campaign of many. Whatever is not
// understood is refused with a sentence.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Excerpt, TROUBLES, type Trouble } from './excerpt.ts';

export const USAGE = `usage: npm run sim -- --hours H | --seeds COUNT | --seconds S
                      [--from N] [--workers COUNT] [--failures COUNT]
       npm run sim -- --seed N [--trace | --shrink] [--only LIST] [--without LIST] [--storm MS]

  --hours H        run seeds until H cluster-hours are simulated
  --seeds COUNT    run so many seeds
  --seconds S      run seeds for so long; what of these three comes first ends the run
  --from N         the first seed (1)
  --workers COUNT  processes (one for each core of this machine)
  --failures COUNT end after so many failures (20)

  --seed N         run this seed
  --trace          and print what happens, by simulated time
  --shrink         and look for a smaller schedule of faults that breaks the same promise
  --only LIST      only these strikes and orders, by their numbers in the trace: 3,17,o4; none: an empty list
  --without LIST   without some of: ${TROUBLES.join(', ')}
  --storm MS       faults go on for so many milliseconds

exit: 0 every promise was kept, 1 one was broken or a worker died, 2 the command was not understood, 130 interrupted`;

/** Many seeds. */
export interface Campaign {
  readonly from: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly hours: number;
  readonly workers: number;
  /** After so many failures no seed is begun any more. */
  readonly failures: number;
}

export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly sentence: string }
  | {
      readonly kind: 'seed';
      readonly seed: number;
      readonly traced: boolean;
      readonly shrunk: boolean;
      readonly excerpt: Excerpt;
    }
  | { readonly kind: 'campaign'; readonly campaign: Campaign };

const WORKERS_MAX = 256;
const FAILURES_DEFAULT = 20;

const OPTIONS = {
  hours: { type: 'string' },
  seeds: { type: 'string' },
  seconds: { type: 'string' },
  from: { type: 'string' },
  workers: { type: 'string' },
  failures: { type: 'string' },
  seed: { type: 'string' },
  trace: { type: 'boolean' },
  shrink: { type: 'boolean' },
  only: { type: 'string' },
  without: { type: 'string' },
  storm: { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

class Refusal extends Error {}

/** Understands a command line, or says why not. */
export function understand(args: readonly string[]): Request {
  try {
    return requestOf(readValues(args));
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', sentence: error.message };
    throw error;
  }
}

function readValues(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    // Node's message has advice for programmers after the first sentence.
    throw new Refusal(error instanceof Error ? (error.message.split('. ')[0] ?? '') : '');
  }
}

function requestOf(values: Values): Request {
  if (values.help === true) return { kind: 'help' };
  const { seed, hours, seeds, seconds } = values;
  if (seed !== undefined) {
    refuseBeside(values, '--seed', ['hours', 'seeds', 'seconds', 'from', 'workers', 'failures']);
    const [traced, shrunk] = [values.trace === true, values.shrink === true];
    if (traced && shrunk) throw new Refusal('--trace and --shrink are two different things to do');
    return { kind: 'seed', seed: seedOf('seed', seed), traced, shrunk, excerpt: excerptOf(values) };
  }
  if (hours === undefined && seeds === undefined && seconds === undefined) {
    throw new Refusal('one of --hours, --seeds, --seconds and --seed is needed');
  }
  refuseBeside(values, 'many seeds', ['trace', 'shrink', 'only', 'without', 'storm']);
  const { from = '1', workers, failures } = values;
  const campaign = {
    from: seedOf('from', from),
    seeds: seeds === undefined ? Number.POSITIVE_INFINITY : whole('seeds', seeds, 1),
    seconds: seconds === undefined ? Number.POSITIVE_INFINITY : positive('seconds', seconds),
    hours: hours === undefined ? Number.POSITIVE_INFINITY : positive('hours', hours),
    workers:
      workers === undefined ? availableParallelism() : whole('workers', workers, 1, WORKERS_MAX),
    failures: failures === undefined ? FAILURES_DEFAULT : whole('failures', failures, 1),
  };
  return { kind: 'campaign', campaign };
}

function refuseBeside(values: Values, what: string, names: readonly (keyof Values)[]): void {
  const stray = names.find((name) => values[name] !== undefined);
  if (stray !== undefined) throw new Refusal(`--${stray} makes no sense with ${what}`);
}

function excerptOf({ only, without, storm }: Values): Excerpt {
  return {
    ...(only === undefined ? {} : { only: listOf(only).map(happeningOf) }),
    ...(without === undefined ? {} : { without: listOf(without).map(troubleOf) }),
    ...(storm === undefined ? {} : { stormLasts: whole('storm', storm, 0) }),
  };
}

function listOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',');
}

function happeningOf(text: string): string {
  if (/^o?[1-9]\d*$/.test(text)) return text;
  throw new Refusal(`--only takes numbers of strikes and orders, such as 3,17,o4, not "${text}"`);
}

function troubleOf(text: string): Trouble {
  const trouble = TROUBLES.find((one) => one === text);
  if (trouble !== undefined) return trouble;
  throw new Refusal(`--without takes some of ${TROUBLES.join(', ')}, not "${text}"`);
}

function seedOf(name: string, text: string): number {
  return whole(name, text, 0);
}

function whole(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const bound =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new Refusal(`--${name} takes a whole number ${bound}, not "${text}"`);
}

function positive(name: string, text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Refusal(`--${name} takes a number above 0, not "${text}"`);
}
