// What the checkers are told, at the instant at which it happens in true time. The simulated hosts call
// it; it changes nothing.
import type { ElectorRecord } from '../../services/elector/src/core/effect.ts';
import type { Command } from '../../services/elector/src/core/input.ts';
import type { Message } from '../../services/elector/src/core/message.ts';
import type { Assignment } from '../../services/elector/src/core/report.ts';
import type {
  Report,
  Assignment as RunnerAssignment,
} from '../../services/runner/src/core/assignment.ts';
import type { Action } from '../../services/runner/src/core/input.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimRunner } from './sim-runner.ts';

/** Who has begun a script. */
export type ScriptOwner = 'runner' | 'deadman';

/** A checker, or several of them. What it does not care for it leaves out. */
export interface Observer {
  electorStarted?(elector: SimElector): void;
  /** A message of another elector is about to be told to the core. */
  electorHears?(elector: SimElector, from: string, message: Message): void;
  electorSends?(elector: SimElector, to: string, message: Message): void;
  electorPersists?(elector: SimElector, record: ElectorRecord): void;
  /** The record is on the disk from now on. */
  durable?(elector: string, record: ElectorRecord): void;
  wiped?(elector: string): void;
  /** A step of the core and all that it asked for is done. */
  electorStepped?(elector: SimElector): void;
  assigned?(elector: SimElector, runner: string, assignment: Assignment): void;
  answered?(elector: SimElector, command: Command, revision: number): void;
  /** A report leaves for an elector; told again for each of them. */
  runnerReports?(runner: SimRunner, report: Report): void;
  /** An assignment is about to be told to the core. */
  runnerHears?(runner: SimRunner, assignment: RunnerAssignment): void;
  /** A process of a runner begins, on what an earlier one may have left. */
  runnerStarted?(runner: SimRunner): void;
  /** It is told to end: after everything is down, or at once with everything as it is. */
  runnerTold?(runner: SimRunner, order: 'stop' | 'detach'): void;
  /** The self-fence hook is called. */
  fenced?(runner: SimRunner): void;
  /** A script begins: in true time, at the simulated process. */
  scriptBegins?(
    runner: SimRunner,
    service: string,
    action: Action,
    epoch: number,
    by: ScriptOwner,
  ): void;
  /** The runner has a running script cut short, or all that a service has running killed. */
  scriptDisturbed?(runner: SimRunner, service: string, how: 'cut short' | 'killed'): void;
  scriptEnded?(runner: SimRunner, service: string, action: Action, succeeded: boolean): void;
  /** Anything on the host that was promoted is so no more, or something is. */
  promotionChanged?(runner: SimRunner): void;
}

/** Tells several observers. */
export function observeAll(observers: readonly Observer[]): Required<Observer> {
  return {
    electorStarted: (...told) => {
      for (const one of observers) one.electorStarted?.(...told);
    },
    electorHears: (...told) => {
      for (const one of observers) one.electorHears?.(...told);
    },
    electorSends: (...told) => {
      for (const one of observers) one.electorSends?.(...told);
    },
    electorPersists: (...told) => {
      for (const one of observers) one.electorPersists?.(...told);
    },
    durable: (...told) => {
      for (const one of observers) one.durable?.(...told);
    },
    wiped: (...told) => {
      for (const one of observers) one.wiped?.(...told);
    },
    electorStepped: (...told) => {
      for (const one of observers) one.electorStepped?.(...told);
    },
    assigned: (...told) => {
      for (const one of observers) one.assigned?.(...told);
    },
    answered: (...told) => {
      for (const one of observers) one.answered?.(...told);
    },
    runnerReports: (...told) => {
      for (const one of observers) one.runnerReports?.(...told);
    },
    runnerHears: (...told) => {
      for (const one of observers) one.runnerHears?.(...told);
    },
    runnerStarted: (...told) => {
      for (const one of observers) one.runnerStarted?.(...told);
    },
    runnerTold: (...told) => {
      for (const one of observers) one.runnerTold?.(...told);
    },
    fenced: (...told) => {
      for (const one of observers) one.fenced?.(...told);
    },
    scriptDisturbed: (...told) => {
      for (const one of observers) one.scriptDisturbed?.(...told);
    },
    scriptBegins: (...told) => {
      for (const one of observers) one.scriptBegins?.(...told);
    },
    scriptEnded: (...told) => {
      for (const one of observers) one.scriptEnded?.(...told);
    },
    promotionChanged: (...told) => {
      for (const one of observers) one.promotionChanged?.(...told);
    },
  };
}
