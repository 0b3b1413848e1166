// What is said of a holder that is waited for or given up, and of a cluster that finds nobody.
import type { Duration } from '@koi/lib/time';
import { describeDuration } from '@koi/lib/time';
import type { Times } from './options.ts';
import type { Choice } from './rules.ts';

/** How a holder came to be counted out (M2). */
export interface Lapse {
  readonly holder: string;
  /** This leader elected it and never leased it. */
  readonly unleased: boolean;
  readonly heard: boolean;
  /** Since its last report; undefined: it sent none to this leader. */
  readonly silence: Duration | undefined;
  /** The lease it was given last; undefined: another leader gave it. */
  readonly lease: Duration | undefined;
  readonly times: Times;
}

/** Why a holder is counted out, as in "b has not answered for 2.7 s: its lease and grace are over". */
export function describeLapse(lapse: Lapse): string {
  const { holder, unleased, heard, silence, times } = lapse;
  if (unleased) return `${holder} was elected but never got a lease`;
  const bound = lapse.lease === undefined ? 'at most ' : '';
  const lease = describeDuration(lapse.lease ?? times.masterLease);
  const over = `its lease (${bound}${lease}) and grace (${describeDuration(times.demoteGrace)}) are over`;
  if (silence === undefined) return `${holder} has not answered since this leader began: ${over}`;
  if (heard) return `${holder} came back without its lease: ${over}`;
  return `${holder} has not answered for ${describeDuration(silence)}: ${over}`;
}

/**
 * M8: what ends the wait for a holder that has not acknowledged the end of maintenance. `anew`: it is heard,
 * and has forgotten that it held the role.
 */
export function describeUnconfirmed(holder: string, anew: boolean): string {
  const order = `"koi-admin confirm-down ${holder}"`;
  if (!anew) {
    return `${holder} has not confirmed the end of maintenance: it comes back, or ${order}`;
  }
  return (
    `${holder} was started anew in maintenance and does not know what it left promoted: ` +
    `once nothing of it is, ${order}`
  );
}

/** Why nobody can be master, runner by runner. */
export function describeNobody(choice: Choice | undefined): string {
  if (choice === undefined || choice.rejections.length === 0) return 'no runner is known';
  return choice.rejections.map(({ runner, reason }) => `${runner}: ${reason}`).join('; ');
}
