// The simulator's command line: runs seeds on all cores of the machine, or one seed with its trace. A
// broken promise prints the command that shows it again.
import { runCampaign } from './campaign.ts';
import { type Campaign, USAGE, understand } from './command-line.ts';
import { countStrikes, type Excerpt } from './excerpt.ts';
import { replayCommand } from './replay.ts';
import { describeShrunk, shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { Tally } from './tally.ts';

/** By convention 128 and the number of SIGINT. */
const INTERRUPTED = 130;

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

function runOne(seed: number, traced: boolean, excerpt: Excerpt): number {
  const { trace, violation, taken, simulated } = simulate(seed, { traced, excerpt });
  print(trace);
  const strikes = countStrikes(taken);
  const seconds = (simulated / 1_000).toFixed(1);
  console.log(`seed ${seed}: ${violation ?? 'every promise was kept'}`);
  console.log(`  strikes: ${strikes}, orders: ${taken.length - strikes}, simulated: ${seconds} s`);
  if (violation === undefined) return 0;
  if (!traced) console.log(`  ${replayCommand(seed, excerpt)}`);
  return 1;
}

function shrinkOne(seed: number, excerpt: Excerpt): number {
  const shrunk = shrink(seed, { excerpt });
  print(describeShrunk(shrunk));
  if (shrunk.violation === undefined) return 0;
  console.log(`  ${replayCommand(seed, shrunk.excerpt)}`);
  return 1;
}

/** Overwrites one line of a terminal; elsewhere nobody wants to see it. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function runMany(campaign: Campaign): Promise<number> {
  const began = performance.now();
  const tally = new Tally();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interruption.abort());
  }
  const events = {
    say: (lines: readonly string[]) => {
      if (lines.length > 0) showProgress('');
      print(lines);
    },
    progress: () => showProgress(tally.progress),
  };
  await runCampaign({ campaign, tally, events, interrupted: interruption.signal });
  showProgress('');
  if (interruption.signal.aborted) console.log('interrupted; so far:');
  print(tally.lines((performance.now() - began) / 1_000, campaign.workers));
  if (tally.failures > 0) return 1;
  return interruption.signal.aborted ? INTERRUPTED : 0;
}

const request = understand(process.argv.slice(2));
switch (request.kind) {
  case 'help':
    console.log(USAGE);
    break;
  case 'refused':
    console.error(`sim: ${request.sentence}\n\n${USAGE}`);
    process.exitCode = 2;
    break;
  case 'seed': {
    const { seed, traced, shrunk, excerpt } = request;
    process.exitCode = shrunk ? shrinkOne(seed, excerpt) : runOne(seed, traced, excerpt);
    break;
  }
  case 'campaign':
    process.exitCode = await runMany(request.campaign);
    break;
}
