// The ladder's moments for both presets, and what has to hold between them for any times.
import test from 'ava';
import { ladderTimes } from './ladder-times.ts';
import { failover, PRESETS } from './timing.ts';

test('the moments of the default times', (t) => {
  t.deepEqual(ladderTimes(PRESETS.default), {
    deadman: 40,
    demote: 50,
    kill: 700,
    takeover: 880,
    fence: 1_000,
    promotion: 1_078,
    promotionAtDrift: 1_000,
  });
});

test('everything comes in its order, whatever the times', (t) => {
  for (const times of Object.values(PRESETS)) {
    for (const demoteGrace of [100, 250, 1_000, 60_000]) {
      const moments = ladderTimes({ ...times, demoteGrace });
      const { deadman, demote, kill, takeover, fence, promotionAtDrift, promotion } = moments;
      const order = [0, deadman, demote, kill, takeover, fence, promotionAtDrift, promotion];
      t.deepEqual(
        order.toSorted((a, b) => a - b),
        order,
      );
      // It counts from the lease end what `failover` counts from the last report.
      const whole = failover({ ...times, demoteGrace }, 3).masterDies;
      t.true(Math.abs(times.masterLease + promotion - whole) < 1e-6);
    }
  }
});
