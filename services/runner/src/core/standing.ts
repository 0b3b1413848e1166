// What this runner is, in one word for the leader and in one sentence for people.
import { type Duration, describeDuration } from '@koi/lib/time';
import type { RunnerState } from './assignment.ts';
import type { Mandate } from './mandate.ts';
import type { Supervision } from './supervision.ts';

/** What the state of a runner is made of. */
export interface Circumstances {
  readonly supervision: Pick<Supervision, 'failed' | 'promotable' | 'up'>;
  readonly mandate: Pick<Mandate, 'heard' | 'target'>;
  /** It holds a lease and is told to be master. */
  readonly master: boolean;
  readonly leaving: boolean;
  /** Electors are heard. */
  readonly inTouch: boolean;
}

export function stateOf(circumstances: Circumstances): RunnerState {
  const { supervision, mandate, master, leaving, inTouch } = circumstances;
  if (supervision.failed) return 'failed';
  if (leaving) return 'stopped';
  // It rises step by step: what has to start first makes it live, and only then it is master.
  if (master) return supervision.up ? 'master' : 'live';
  if (!mandate.heard || !inTouch) return 'disconnected';
  if (mandate.target === 'stopped') return 'stopped';
  return supervision.promotable ? 'standby' : 'live';
}

export function describeStanding(
  state: RunnerState,
  { epoch, maintenance, reason }: Pick<Mandate, 'epoch' | 'maintenance' | 'reason'>,
  leaseLeft: Duration | undefined,
): string {
  const lease =
    leaseLeft === undefined ? '' : `, lease of epoch ${epoch} for ${describeDuration(leaseLeft)}`;
  const quiet = maintenance ? ', in maintenance' : '';
  return `${state}${lease}${quiet}${reason === '' ? '' : `: ${reason}`}`;
}
