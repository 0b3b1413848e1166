// When a loop that is late is spoken of, and in which words.
import test from 'ava';
import { createLagWatch, LAG_EPISODE_GAP } from './loop-lag.ts';
import { PRESETS } from './timing.ts';

function build() {
  const said: string[] = [];
  const watch = createLagWatch({
    lease: { key: 'leaderLease', duration: 800 },
    heartbeat: 200,
    log: {
      info: (text) => said.push(`info ${text}`),
      warn: (text) => said.push(`warn ${text}`),
    },
  });
  return { watch, said };
}

test('a quarter of what the lease can spare is warned of, with figures and what to do', (t) => {
  const { watch, said } = build();
  watch(149, 1_000);
  t.deepEqual(said, []);
  watch(150, 1_200);
  t.deepEqual(said, [
    'warn its loop was 150 ms late: 25 % of the 600 ms that timing.leaderLease (800 ms) can spare ' +
      'before the lease may be lost: look for a lack of CPU, swapping, a slow disk or a paused ' +
      'virtual machine, or raise that time',
  ]);
});

test('an episode is warned of once, however often the loop is late', (t) => {
  const { watch, said } = build();
  for (let now = 0; now < 10 * LAG_EPISODE_GAP; now += LAG_EPISODE_GAP / 2) watch(200, now);
  t.is(said.length, 1);
});

test('within an episode it is said again once when a lease may have been lost', (t) => {
  const { watch, said } = build();
  watch(200, 0);
  watch(1_900, 2_000);
  watch(2_500, 5_000);
  t.is(said.length, 2);
  t.regex(said[1] ?? '', /^warn .* late again, now by 1\.9 s: .* may have been lost/);
});

test('the end of an episode sums it up, and the next one is warned of anew', (t) => {
  const { watch, said } = build();
  watch(200, 0);
  watch(450, 3_000);
  watch(0, 3_000 + LAG_EPISODE_GAP - 1);
  t.is(said.length, 1);
  watch(0, 3_000 + LAG_EPISODE_GAP);
  t.is(
    said[1],
    'info its loop is in time again: it was late 2 times within 3.0 s, by 450 ms at worst',
  );
  watch(200, 100_000);
  t.is(said.length, 3);
  // One that was late once has nothing to be summed up.
  watch(0, 300_000);
  t.is(said.length, 3);
});

test('a stall that could cost a lease is never below the warning, even by the heartbeat it hides', (t) => {
  for (const { heartbeat, leaderLease, masterLease } of Object.values(PRESETS)) {
    for (const duration of [leaderLease, masterLease, 3 * heartbeat]) {
      const warnings: string[] = [];
      const log = { info: () => {}, warn: (text: string) => warnings.push(text) };
      const watch = createLagWatch({ lease: { key: 'lease', duration }, heartbeat, log });
      // It began right after the timer was set, a heartbeat before that was due.
      watch(duration - heartbeat - heartbeat, 0);
      t.is(warnings.length, 1);
    }
  }
});
