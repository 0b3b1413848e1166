// The kinds of change that a leader writes down: what stands in `rule` of such an event. Programs go by these
// names, so none of them is ever given another meaning.

export const CHANGE = {
  /** A runner's state, one rule for each. */
  notHeard: 'not-heard',
  failed: 'failed',
  stopped: 'stopped',
  live: 'live',
  standby: 'standby',
  /** It is master, and was before. */
  master: 'master',
  /** Everything of the holder is promoted for the first time under its epoch. */
  promoted: 'promoted',
  /** The holder has released its epoch. */
  demoted: 'demoted',
  /** A runner has lost its lease, and tells how close it was. */
  leaseLost: 'lease-lost',
  /** A runner was not heard for so long that it is no longer waited for. */
  forgotten: 'forgotten',
  electorHeard: 'elector-heard',
  electorNotHeard: 'elector-not-heard',
  electorProblem: 'elector-problem',
  electorWell: 'elector-well',
  /** The leader begins and ends to wait for something before it can choose. */
  waiting: 'waiting',
  waited: 'waited',
  maintenanceAcknowledged: 'maintenance-acknowledged',
  /** More changes than could be kept. */
  leftOut: 'left-out',
} as const;
