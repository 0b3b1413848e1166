// Runs many seeds in several processes, and takes care that none is lost: a worker that dies is reported with
// the seed that it had, and replaced.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Campaign } from './command-line.ts';
import type { Summary, Tally } from './tally.ts';

/** How many seeds a worker has at a time: the next one lies ready while it tells of the one before. */
const SEEDS_AT_HAND = 2;

/** A seed that takes longer never ends; its worker is killed. In milliseconds of real time. */
const SEED_PATIENCE = 300_000;

const SEED_WORKER = fileURLToPath(new URL('./seed-worker.ts', import.meta.url));

interface Worker {
  readonly child: ChildProcess;
  /** Seeds that it was given and has not told of, in their order. */
  readonly seeds: number[];
  since: number;
}

export interface CampaignEvents {
  /** What there is to say at once. */
  say(lines: readonly string[]): void;
  progress(): void;
}

export interface CampaignOptions {
  readonly campaign: Campaign;
  readonly tally: Tally;
  readonly events: CampaignEvents;
  /** Ends it early. */
  readonly interrupted: AbortSignal;
  /** The program that runs seeds; absent: the usual one. */
  readonly worker?: string;
}

/** Runs a campaign into a tally. */
export function runCampaign(options: CampaignOptions): Promise<void> {
  const { campaign, tally, events, interrupted, worker = SEED_WORKER } = options;
  const began = performance.now();
  const workers = new Set<Worker>();
  /** Seeds that a worker had and did not begin. */
  const returned: number[] = [];
  let next = campaign.from;

  const over = () =>
    interrupted.aborted ||
    tally.hours >= campaign.hours ||
    tally.failures >= campaign.failures ||
    performance.now() - began >= campaign.seconds * 1_000;

  const take = (): number | undefined => {
    if (over()) return undefined;
    const last = Math.min(campaign.from + campaign.seeds - 1, Number.MAX_SAFE_INTEGER);
    return returned.shift() ?? (next > last ? undefined : next++);
  };

  const feed = ({ child, seeds }: Worker) => {
    while (seeds.length < SEEDS_AT_HAND) {
      const seed = take();
      if (seed === undefined) break;
      seeds.push(seed);
      child.send(seed);
    }
    if (seeds.length === 0 && child.connected) child.disconnect();
  };

  return new Promise((resolve) => {
    const start = () => {
      const one: Worker = { child: fork(worker), seeds: [], since: performance.now() };
      workers.add(one);
      one.child.on('message', (summary: Summary) => {
        one.seeds.splice(one.seeds.indexOf(summary.seed), 1);
        one.since = performance.now();
        events.say(tally.add(summary));
        events.progress();
        feed(one);
      });
      one.child.on('error', () => one.child.kill('SIGKILL'));
      one.child.on('exit', (code, signal) => {
        workers.delete(one);
        if (one.seeds.length > 0 && !interrupted.aborted) {
          const [begun = 0, ...others] = one.seeds;
          events.say(tally.addDeath(signal ?? `exit code ${code}`, begun));
          returned.push(...others);
          if (!over()) start();
        }
        if (workers.size === 0) finish();
      });
      feed(one);
    };
    const watch = setInterval(() => {
      for (const { child, since } of workers) {
        if (performance.now() - since > SEED_PATIENCE) child.kill('SIGKILL');
      }
    }, SEED_PATIENCE / 10);
    const abort = () => {
      for (const { child } of workers) child.kill('SIGKILL');
    };
    const finish = () => {
      clearInterval(watch);
      interrupted.removeEventListener('abort', abort);
      resolve();
    };
    interrupted.addEventListener('abort', abort);
    for (let index = 0; index < campaign.workers; index += 1) start();
  });
}
