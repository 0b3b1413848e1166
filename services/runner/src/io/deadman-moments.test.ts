// koi-deadman goes by the same moments as koi-runner and check-config, though it is a script of its own. And
// what it says to somebody who starts it by hand.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEMOTE_START_MAX, ladderTimes } from '@koi/lib/ladder-times';
import { PRESETS } from '@koi/lib/timing';
import { UPTIME_STEP } from '@koi/lib/uptime';
import test from 'ava';

const PROGRAM = fileURLToPath(new URL('../../deadman/koi-deadman', import.meta.url));

/** The lines of the script that work out its moments, run by bash for another demoteGrace. */
function momentsOf(grace: number): readonly number[] {
  const lines = readFileSync(PROGRAM, 'utf8')
    .split('\n')
    .filter((line) => /^(readonly (margin|proof_after|step)=| {2}(kill_at|over_at)=)/.test(line));
  const script = [
    'grace=$1 base=0',
    ...lines.filter((line) => line.includes('step=')),
    ...lines.filter((line) => !line.includes('step=')),
    'echo "$margin $((kill_at + step)) $proof_until $((over_at + step)) $step"',
  ].join('\n');
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', String(grace)], { encoding: 'utf8' });
  return stdout.trim().split(' ').map(Number);
}

test('M4: koi-deadman has the moments of the ladder', (t) => {
  for (const demoteGrace of [100, 120, 250, 1_000, 10_000]) {
    const { deadman, kill, takeover, fence } = ladderTimes({ ...PRESETS.default, demoteGrace });
    const wanted = [deadman, kill, takeover, fence].map((moment) => Math.floor(moment + 1e-6));
    t.deepEqual(momentsOf(demoteGrace), [...wanted, UPTIME_STEP]);
  }
});

test('M4: what koi-deadman leaves koi-runner is over by when demotion has to have begun', (t) => {
  const [margin = 0, , , , step = 0] = momentsOf(60_000);
  t.true(margin + step <= DEMOTE_START_MAX);
});

test('started by hand it says that there is no need to', (t) => {
  const bare = spawnSync(PROGRAM, [], { encoding: 'utf8' });
  t.is(bare.status, 2);
  t.regex(bare.stdout, /koi-runner starts it, watches it and replaces it by itself/);
  const help = spawnSync(PROGRAM, ['--help'], { encoding: 'utf8' });
  t.is(help.status, 0);
  t.is(help.stdout, bare.stdout);
});
