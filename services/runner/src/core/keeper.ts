// M6: finds out what of the record has changed in a step, so that it is kept before the scripts and reports
// that depend on it.
import type { Effect } from './effect.ts';
import type { RunnerRecord } from './record.ts';

type Lease = Extract<Effect, { kind: 'lease' }>;

export class Keeper {
  #lease = '';
  #record = '';

  /** What has to be kept now, in order: nobody may find a promotion without the lease that covers it. */
  changes(record: RunnerRecord, lease: Omit<Lease, 'kind'>): readonly Effect[] {
    const effects: Effect[] = [];
    const leaseText = JSON.stringify(lease);
    if (leaseText !== this.#lease && lease.epoch > 0) effects.push({ kind: 'lease', ...lease });
    this.#lease = leaseText;
    // The end of the lease has an effect of its own, since it changes with each renewal.
    const { mandate } = record;
    const text = JSON.stringify({ ...record, mandate: { ...mandate, leaseEnd: 0 } });
    if (text !== this.#record) effects.push({ kind: 'record', record });
    this.#record = text;
    return effects;
  }
}
