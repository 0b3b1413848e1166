// koi-runner is killed 100 times at moments drawn from a seed, and nothing that it supervises notices unless
// a lease ran out meanwhile. KOI_SEED=N repeats a run's draws, KOI_KILLS=N makes it longer or shorter.
import test from 'ava';
import { runRestartTrial } from '../cluster/restart-trial.ts';

/** A whole number in the environment, or something else where there is none. */
function numberIn(name: string, otherwise: number): number {
  const text = process.env[name];
  return text === undefined ? otherwise : Number(text);
}

test.serial('a hundred kills restart no service and demote nothing whose lease runs', async (t) => {
  // The whole trial, on a machine that has much else to do.
  t.timeout(280_000);
  const seed = numberIn('KOI_SEED', Date.now() % 1_000_000);
  const kills = numberIn('KOI_KILLS', 100);
  const tally = await runRestartTrial({ seed, kills, say: (line) => t.log(line) });
  t.deepEqual(tally.faults, []);
  t.deepEqual(tally.overlaps, []);
  t.true(tally.kills >= kills);
  t.true(tally.onMaster >= kills / 2);
  t.true(tally.pastLease >= kills / 3);
  t.true(tally.insideScript >= Math.floor(kills / 5) - 1, `${tally.insideScript}`);
  // Else it would show nothing of a runner that comes back in time.
  t.true(tally.late < tally.soon, `${tally.late} of ${tally.soon} came back too late`);
});
