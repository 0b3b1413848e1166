// The two tables of a service, keyed by the name of its state: what the end of a script makes of
// it, and which script closes the difference between what it is and what it is wanted to be.
import type { ServiceState } from './assignment.ts';
import type { Action } from './input.ts';
import type { Outcome } from './outcome.ts';

/** What a service is wanted to be. */
export type Level = 'stopped' | 'started' | 'promoted';

const LEVELS: readonly Level[] = ['stopped', 'started', 'promoted'];

/** The lower of two levels. */
export function lowerLevel(one: Level, other: Level): Level {
  return LEVELS.indexOf(one) <= LEVELS.indexOf(other) ? one : other;
}

/** What becomes of a service when its script has ended; an absent field stays as it is. */
export interface Transition {
  readonly next: ServiceState;
  /** Whether it is or may be promoted from now on. */
  readonly promoted?: boolean;
  readonly promotable?: boolean;
  /** Whether something of it may run, so that a failure has to stop it. */
  readonly begun?: boolean;
  /** It has to go down this far before it may rise again. `promoted`: it owes nothing. */
  readonly ceiling?: Level;
  /** Its status is asked for as soon as it has nothing else to do. */
  readonly statusDue?: true;
  /** What is left of its processes is killed. */
  readonly kill?: true;
  /** The scripts that a failing service still has to run, in order. */
  readonly remaining?: readonly Action[];
  readonly reason: string;
}

type Row = Readonly<Partial<Record<Outcome, Transition>>>;

// The truth codes of `status` mean the same whatever the service was thought to be.
const FOUND: Row = {
  'found-promoted': {
    next: 'promoted',
    promoted: true,
    promotable: true,
    begun: true,
    reason: 'its status says that it runs as master',
  },
  'found-standby': {
    next: 'started',
    promoted: false,
    promotable: true,
    begun: true,
    ceiling: 'promoted',
    reason: 'its status says that it runs as a backup',
  },
  'found-live': {
    next: 'started',
    promoted: false,
    promotable: false,
    begun: true,
    ceiling: 'promoted',
    reason: 'its status says that it runs and is not promotable',
  },
  'found-stopped': {
    next: 'stopped',
    promoted: false,
    promotable: false,
    begun: false,
    ceiling: 'promoted',
    reason: 'its status says that it is stopped',
  },
};

const FAILS = {
  next: 'failing',
  promotable: false,
  remaining: ['failed', 'stop'],
  reason: 'its failed script runs, then stop',
} as const satisfies Transition;

/** State by outcome. An outcome without a row changes nothing. */
export const TRANSITIONS: Readonly<Record<ServiceState, Row>> = {
  stopped: {
    ...FOUND,
    succeeded: { next: 'stopped', reason: 'a good status says nothing about a stopped service' },
    // Many status scripts answer "not running" with a failure: no news of what is stopped.
    failed: { next: 'stopped', reason: 'a bad status is no news of a stopped service' },
    'cut-short': { next: 'stopped', statusDue: true, reason: 'its status is asked for again' },
    unknown: { next: 'stopped', statusDue: true, reason: 'its status is asked for again' },
  },
  starting: {
    succeeded: {
      next: 'started',
      promotable: false,
      statusDue: true,
      reason: 'its start script succeeded',
    },
    failed: FAILS,
    'cut-short': {
      next: 'started',
      promotable: false,
      ceiling: 'stopped',
      reason: 'its start was cut short: what it began is stopped first',
    },
    // M6: the script has ended while no runner was there. Its work is done or not; the status tells.
    unknown: {
      next: 'started',
      promotable: false,
      statusDue: true,
      reason: 'its start has ended unseen: its status decides',
    },
  },
  started: {
    ...FOUND,
    succeeded: { next: 'started', promotable: true, reason: 'its status is good' },
    failed: FAILS,
    'cut-short': { next: 'started', statusDue: true, reason: 'its status is asked for again' },
    unknown: { next: 'started', statusDue: true, reason: 'its status is asked for again' },
  },
  promoting: {
    succeeded: { next: 'promoted', reason: 'its promote script succeeded' },
    failed: FAILS,
    'cut-short': {
      next: 'promoted',
      ceiling: 'started',
      reason: 'its promote was cut short: what it began is demoted first',
    },
    unknown: {
      next: 'promoted',
      statusDue: true,
      reason: 'its promote has ended unseen: its status decides',
    },
  },
  promoted: {
    ...FOUND,
    succeeded: { next: 'promoted', promotable: true, reason: 'its status is good' },
    failed: FAILS,
    'cut-short': { next: 'promoted', statusDue: true, reason: 'its status is asked for again' },
    unknown: { next: 'promoted', statusDue: true, reason: 'its status is asked for again' },
  },
  demoting: {
    succeeded: {
      next: 'started',
      promoted: false,
      ceiling: 'promoted',
      reason: 'its demote script succeeded',
    },
    failed: FAILS,
    'cut-short': FAILS,
    unknown: {
      next: 'promoted',
      ceiling: 'started',
      reason: 'its demote has ended unseen: it is demoted again',
    },
  },
  stopping: {
    succeeded: {
      next: 'stopped',
      promoted: false,
      promotable: false,
      begun: false,
      ceiling: 'promoted',
      reason: 'its stop script succeeded',
    },
    // A second stop would fare no better than the first.
    failed: { ...FAILS, kill: true, remaining: ['failed'], reason: 'what is left of it is killed' },
    'cut-short': { ...FAILS, kill: true, remaining: ['failed'], reason: 'it is killed' },
    unknown: {
      next: 'started',
      promotable: false,
      ceiling: 'stopped',
      reason: 'its stop has ended unseen: it is stopped again',
    },
  },
  // These hold for the last of the remaining scripts; until then the service stays failing.
  failing: {
    told: { next: 'failed', reason: 'its failed script has run' },
    succeeded: {
      next: 'failed',
      promoted: false,
      begun: false,
      ceiling: 'promoted',
      reason: 'its stop script succeeded',
    },
    failed: { next: 'failed', kill: true, reason: 'its stop failed too: it is killed' },
    'cut-short': { next: 'failed', kill: true, reason: 'its stop was cut short: it is killed' },
    unknown: { next: 'failed', kill: true, reason: 'its stop has ended unseen: it is killed' },
  },
  failed: {},
};

/** A script that brings a service nearer to what it is wanted to be. */
export interface Step {
  readonly action: Action;
  /** The state while the script runs. */
  readonly during: ServiceState;
  readonly reason: string;
}

const START: Step = { action: 'start', during: 'starting', reason: 'it is to run' };
const DEMOTE: Step = { action: 'demote', during: 'demoting', reason: 'it is not to be promoted' };

/** State by wanted level. Where there is no row, there is nothing to do, or a script runs. */
export const STEPS: Readonly<
  Partial<Record<ServiceState, Readonly<Partial<Record<Level, Step>>>>>
> = {
  stopped: { started: START, promoted: START },
  started: {
    stopped: { action: 'stop', during: 'stopping', reason: 'it is not to run' },
    promoted: { action: 'promote', during: 'promoting', reason: 'this runner is master' },
  },
  promoted: { stopped: DEMOTE, started: DEMOTE },
};
