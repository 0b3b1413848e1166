// M6: the first words of a koi-runner: where it goes on from, or why it does not, in one sentence.
import { type Duration, describeDuration, type Instant } from '@koi/lib/time';
import type { MandateRecord, RunnerRecord, ServiceRecord } from '../core/record.ts';
import type { Found } from './record-store.ts';

/** How many services are named one by one. */
const NAMED_MAX = 12;

/** What to say of what an earlier process has left. */
export interface AdoptionAccount {
  readonly level: 'info' | 'warn';
  readonly text: string;
}

/** `now` is by the clock that the record was translated to. */
export function describeFound(
  { record, objection }: Pick<Found, 'record' | 'objection'>,
  directory: string,
  now: Instant,
): AdoptionAccount {
  if (record !== undefined) return { level: 'info', text: describeRecord(record, now) };
  const none = objection || `there is no record of an earlier process in ${directory}`;
  const text = `${none}: adopts nothing, status decides what runs here`;
  return { level: objection === '' ? 'info' : 'warn', text };
}

function describeRecord(record: RunnerRecord, now: Instant): string {
  const { services, mandate } = record;
  const under = services.filter(({ running }) => running !== undefined).length;
  const scripts = under === 0 ? '' : `, ${under} ${under === 1 ? 'script' : 'scripts'} under way`;
  const lease = describeLease(mandate, now);
  return `goes on where an earlier process ended: ${describeServices(services)}${scripts}; ${lease}`;
}

function describeServices(services: readonly ServiceRecord[]): string {
  if (services.length === 0) return 'no services';
  const named = services
    .slice(0, NAMED_MAX)
    .map(({ definition, state }) => `${definition.name} ${state}`);
  const more = services.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function describeLease(mandate: MandateRecord, now: Instant): string {
  const { epoch, released, leaseEnd, ended, maintenance } = mandate;
  if (epoch === 0) return 'it never held a lease';
  if (epoch <= released) return `epoch ${epoch} was given back`;
  const left: Duration = leaseEnd - now;
  const held = maintenance.on ? ', in maintenance' : '';
  if (!ended && left > 0) {
    return `epoch ${epoch}, its lease runs for another ${describeDuration(left)}${held}`;
  }
  return `the lease of epoch ${epoch} ended ${describeDuration(Math.max(0, -left))} ago${held}`;
}
