// The charter that a new cluster's first leader writes.
import type { Charter } from './charter.ts';

/** Knows nobody and has never had a master. */
export function foundingCharter(): Charter {
  return {
    version: { term: 0, index: 0 },
    revision: 0,
    electors: [],
    maintenance: false,
    maintenanceChange: 0,
    maintenanceAcknowledged: 0,
    manual: false,
    target: undefined,
    master: undefined,
    masterSession: undefined,
    epoch: 0,
    stopped: [],
    recovery: {},
    reconfigure: {},
    runners: [],
    decisions: [],
  };
}
