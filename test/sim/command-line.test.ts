// The simulator's command line: what it understands, and that the rest is refused with a sentence.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { understand } from './command-line.ts';
import { replayCommand } from './replay.ts';

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /one of --hours, --seeds, --seconds and --seed is needed/],
  ['--sed 7', /Unknown option '--sed'/],
  ['7', /Unexpected argument '7'/],
  ['--seed', /argument missing/],
  ['--seed x', /--seed takes a whole number of at least 0, not "x"/],
  ['--seed 1.5', /--seed takes a whole number/],
  ['--seed 99999999999999999999', /--seed takes a whole number/],
  ['--seeds 0', /--seeds takes a whole number of at least 1, not "0"/],
  ['--hours 0', /--hours takes a number above 0, not "0"/],
  ['--hours 1e3', /--hours takes a number above 0/],
  ['--seconds=-1', /--seconds takes a number above 0/],
  ['--seeds 5 --workers 0', /--workers takes a whole number from 1 to 256/],
  ['--seeds 5 --workers 257', /--workers takes a whole number from 1 to 256/],
  ['--seeds 5 --trace', /--trace makes no sense with many seeds/],
  ['--seeds 5 --only 3', /--only makes no sense with many seeds/],
  ['--seed 5 --hours 1', /--hours makes no sense with --seed/],
  ['--seed 5 --from 1', /--from makes no sense with --seed/],
  ['--seed 5 --trace --shrink', /two different things/],
  ['--seed 5 --only 3,x', /--only takes numbers of strikes and orders, such as 3,17,o4, not "x"/],
  ['--seed 5 --without rain', /--without takes some of loss, .*, not "rain"/],
  ['--seed 5 --storm soon', /--storm takes a whole number/],
];

for (const [line, sentence] of refused) {
  test(`refused: ${line === '' ? 'nothing at all' : line}`, (t) => {
    const request = understand(line.split(' ').filter((word) => word !== ''));
    t.regex(request.kind === 'refused' ? request.sentence : request.kind, sentence);
  });
}

test('many seeds, for so many hours from one of them on', (t) => {
  const request = understand(['--hours', '0.5', '--from', '100', '--workers', '3']);
  const infinity = Number.POSITIVE_INFINITY;
  const limits = { seeds: infinity, seconds: infinity, hours: 0.5, failures: 20 };
  t.deepEqual(request, { kind: 'campaign', campaign: { from: 100, workers: 3, ...limits } });
});

test('as many workers as there are cores, unless it is said', (t) => {
  const request = understand(['--seeds', '1']);
  t.true(request.kind === 'campaign' && request.campaign.workers >= 1);
});

test('the command that replays a part of a run is understood as that part', (t) => {
  const excerpt = {
    only: ['3', '17', 'o4'],
    without: ['loss', 'jitter'],
    stormLasts: 900,
  } as const;
  const command = replayCommand(9, excerpt);
  t.is(command, 'npm run sim -- --seed 9 --only 3,17,o4 --without loss,jitter --storm 900 --trace');
  const request = understand(command.split(' ').slice(4));
  t.deepEqual(request, { kind: 'seed', seed: 9, traced: true, shrunk: false, excerpt });
});

test('no strike at all can be asked for', (t) => {
  t.regex(replayCommand(9, { only: [] }), /--only ''/);
  const request = understand(['--seed', '9', '--only', '']);
  t.deepEqual(request.kind === 'seed' && request.excerpt, { only: [] });
});

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

async function type(...args: string[]) {
  const run = promisify(execFile)(process.execPath, [main, ...args], { timeout: 60_000 });
  type Failed = { readonly code: number; readonly stdout: string; readonly stderr: string };
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Failed) => ({ code, stdout, stderr }),
  );
}

test('what is not understood ends with 2, the sentence first', async (t) => {
  const { code, stdout, stderr } = await type('--seeds', 'many');
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /^sim: --seeds takes a whole number of at least 1, not "many"\n\nusage: /);
});

test('some seeds end with a tally, and with nothing on stderr', async (t) => {
  const { code, stdout, stderr } = await type('--seeds', '4', '--from', '14', '--workers', '2');
  t.is(code, 0);
  t.is(stderr, '');
  t.regex(stdout, /^4 runs, 0\.\d+ cluster-hours in \d+ s, \d+ simulated seconds a second and/);
  t.regex(stdout, /\n\d+ strikes, \d+ effective, [\d.]+ % of these aimed at the present leader/);
  t.regex(stdout, /, 0 violations\n/);
});

test('a seed with its trace, of the strikes that are asked for', async (t) => {
  const { code, stdout } = await type('--seed', '14', '--only', '', '--trace');
  t.is(code, 0);
  t.regex(stdout, /\n +\d+\.\d{4} storm: is over\n/);
  t.notRegex(stdout, /strike \d+: /);
  t.regex(stdout, /\nseed 14: every promise was kept\n {2}strikes: 0, orders: 0, simulated: /);
});
