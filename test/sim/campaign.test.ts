// Campaigns: every seed is run once, no worker's death goes unnoticed, and an end in a hurry is one.
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { runCampaign } from './campaign.ts';
import type { Campaign } from './command-line.ts';
import { Tally } from './tally.ts';

const dyingWorker = fileURLToPath(new URL('./dying-worker.fixture.ts', import.meta.url));

const small: Campaign = {
  from: 1,
  seeds: 7,
  seconds: 60,
  hours: Number.POSITIVE_INFINITY,
  workers: 2,
  failures: 20,
};

function start(campaign: Campaign, worker?: string) {
  const tally = new Tally();
  const said: string[] = [];
  const interruption = new AbortController();
  const over = runCampaign({
    campaign,
    tally,
    events: { say: (lines) => said.push(...lines), progress: () => {} },
    interrupted: interruption.signal,
    ...(worker === undefined ? {} : { worker }),
  });
  return { tally, said, interruption, over };
}

test('a worker that dies is reported with its seed, and no other seed is lost', async (t) => {
  const { tally, said, over } = start(small, dyingWorker);
  await over;
  t.deepEqual(said.filter((line) => line.startsWith('seed')).sort(), [
    'seed 3: its worker died (SIGKILL)',
    'seed 6: its worker died (SIGKILL)',
  ]);
  t.is(tally.failures, 2);
  const [first = '', ...others] = tally.lines(1, 1);
  t.true(first.startsWith('5 runs,'), first);
  t.true(others.includes('2 workers died'));
});

test('after so many failures no seed is begun', async (t) => {
  const { tally, over } = start({ ...small, seeds: 1_000, workers: 1, failures: 2 }, dyingWorker);
  await over;
  t.is(tally.failures, 2);
});

test('cluster-hours end a campaign', async (t) => {
  const { tally, over } = start({ ...small, seeds: 1_000, workers: 1, hours: 0.002 }, dyingWorker);
  await over;
  t.true(tally.hours >= 0.002 && tally.hours < 0.02, `${tally.hours} hours`);
});

test('an interrupted campaign ends at once and counts nobody as dead', async (t) => {
  const { tally, interruption, over } = start({ ...small, seeds: 100_000 });
  setTimeout(() => interruption.abort(), 500);
  await over;
  t.is(tally.failures, 0);
});
