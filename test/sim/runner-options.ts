// What a simulated runner's core is made with: the protocol's times as drawn, and time-outs of scripts that a
// storm can outlast.
import type { RunnerOptions } from '../../services/runner/src/core/options.ts';
import type { Plan } from './plan.ts';

/** Time-outs of scripts in milliseconds, for default times. */
const TIMEOUTS = {
  start: 6_000,
  stop: 4_000,
  promote: 3_000,
  demote: 3_000,
  failed: 2_000,
  status: 2_000,
};

export function runnerOptionsOf(
  { times, fast, statusInterval, recoveryDelay }: Plan,
  own: Pick<RunnerOptions, 'name' | 'session' | 'mode' | 'priority'>,
): RunnerOptions {
  const scale = fast ? 0.25 : 1;
  return {
    ...own,
    heartbeat: times.heartbeat,
    demoteGrace: times.demoteGrace,
    statusInterval,
    timeouts: {
      start: TIMEOUTS.start * scale,
      stop: TIMEOUTS.stop * scale,
      promote: TIMEOUTS.promote * scale,
      demote: TIMEOUTS.demote * scale,
      failed: TIMEOUTS.failed * scale,
      status: TIMEOUTS.status * scale,
    },
    recovery: { attempts: 1_000, delay: recoveryDelay, factor: 1, reset: 60_000 },
  };
}
