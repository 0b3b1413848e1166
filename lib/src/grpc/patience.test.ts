// What the waits come to, beside the leases that must survive them.
import test from 'ava';
import { PRESETS } from '../timing.ts';
import { patienceOf } from './patience.ts';

for (const [name, times] of Object.entries(PRESETS)) {
  test(`${name}: a stream that a cut has silenced is back before a lease ends, one lost attempt included`, (t) => {
    const { silenceMax, attemptMax, waitMin } = patienceOf(times.heartbeat);
    const back = silenceMax + waitMin + attemptMax + 2 * waitMin;
    t.true(back < times.masterLease - times.heartbeat);
  });
}

test('at default times an attempt ends before a lost SYN is sent again', (t) => {
  t.true(patienceOf(PRESETS.default.heartbeat).attemptMax < 1_000);
});
