// What an administrator orders, turned into targets in the charter. Nothing here demotes or promotes: the
// office does, by what the charter says. An order is answered when it is committed (C1).

import { unreachable } from '@koi/lib/assert';
import type { Instant } from '@koi/lib/time';
import type { Charter } from './charter.ts';
import type { CommandRefusal } from './effect.ts';
import type { Command } from './input.ts';
import type { Mastership } from './mastership.ts';
import type { Roster } from './roster.ts';
import { CHOICE_RULES } from './rules.ts';

/** What an order means for the charter. */
export type Verdict =
  | {
      readonly kind: 'change';
      readonly change: Partial<Charter>;
      readonly subject: string;
      readonly rule: string;
      readonly text: string;
    }
  /** It holds already. */
  | { readonly kind: 'holds' }
  | { readonly kind: 'confirm-down'; readonly runner: string }
  | { readonly kind: 'refused'; readonly reason: CommandRefusal; readonly text: string };

const HOLDS: Verdict = { kind: 'holds' };

/** Weighs an order against the newest charter. */
export function weigh(command: Command, office: Mastership, roster: Roster, now: Instant): Verdict {
  const charter = office.replication.draft;
  if ('runner' in command && command.runner !== undefined && !known(command.runner, charter)) {
    return unknownRunner(command.runner, charter);
  }
  switch (command.kind) {
    case 'promote':
      return weighPromote(command.runner, command.force === true, office, now);
    case 'demote':
      return weighDemote(charter);
    case 'elect':
      if (!charter.manual) return HOLDS;
      return change(
        { manual: false },
        '',
        'elect',
        'an administrator ended manual mode: a master is elected again',
      );
    case 'maintenance':
      return weighMaintenance(command.on, charter);
    case 'start':
      return weighStart(command.runner, charter);
    case 'stop':
      return weighStop(command.runner, charter);
    case 'recover':
      return weighRecover(command.runner, charter);
    case 'confirm-down':
      return weighConfirmDown(command.runner, office, roster, now);
    case 'reconfigure':
      return weighReconfigure(command.runner, charter);
    default:
      return unreachable(command);
  }
}

function change(part: Partial<Charter>, subject: string, rule: string, text: string): Verdict {
  return { kind: 'change', change: part, subject, rule, text };
}

function refused(reason: CommandRefusal, text: string): Verdict {
  return { kind: 'refused', reason, text };
}

function known(runner: string, charter: Charter): boolean {
  return charter.runners.includes(runner);
}

function unknownRunner(runner: string, charter: Charter): Verdict {
  const names = charter.runners.length === 0 ? 'none has reported yet' : charter.runners.join(', ');
  return refused('RUNNER_UNKNOWN', `there is no runner named ${runner}; known runners: ${names}`);
}

function inMaintenance(what: string): Verdict {
  return refused(
    'MAINTENANCE',
    `the cluster is in maintenance: ${what} has to wait until it is off`,
  );
}

function weighPromote(runner: string, force: boolean, office: Mastership, now: Instant): Verdict {
  const charter = office.replication.draft;
  if (charter.maintenance) return inMaintenance(`promoting ${runner}`);
  if (charter.master === runner) {
    if (charter.target === undefined && !charter.manual) return HOLDS;
    const text = `an administrator wants ${runner} to stay master`;
    return change({ target: undefined, manual: false }, runner, 'promote', text);
  }
  if (charter.target === runner && !charter.manual) return HOLDS;
  const objection = office.objection(runner, now);
  if (objection !== undefined) {
    return refused('RUNNER_NOT_ELECTABLE', `${runner} cannot be master: ${objection}`);
  }
  // The one objection that may be forced aside: whoever failed a moment ago may fail again, no more than that.
  const hold = office.hold(runner);
  if (hold !== undefined && !force) {
    return refused('RUNNER_HELD', `${runner} ${hold}: --force promotes it all the same`);
  }
  const text = `an administrator wants ${runner} as master`;
  return change({ target: runner, manual: false }, runner, 'promote', text);
}

/** The charter's master stays until it is released: this only says that nobody is to be it. */
function weighDemote(charter: Charter): Verdict {
  if (charter.maintenance) return inMaintenance('demoting the master');
  if (charter.manual) return HOLDS;
  const text = 'an administrator demoted the master: nobody is elected until told';
  return change({ manual: true, target: undefined }, charter.master ?? '', 'demote', text);
}

function weighMaintenance(on: boolean, charter: Charter): Verdict {
  if (charter.maintenance === on) return HOLDS;
  const text = on
    ? 'maintenance is on: no script runs, nobody is elected, demoted or counted out'
    : 'maintenance is over';
  const maintenanceChange = charter.maintenanceChange + 1;
  return change({ maintenance: on, maintenanceChange }, '', 'maintenance', text);
}

function weighStart(runner: string, charter: Charter): Verdict {
  if (!charter.stopped.includes(runner)) return HOLDS;
  const stopped = charter.stopped.filter((name) => name !== runner);
  return change({ stopped }, runner, 'start', `an administrator started ${runner}`);
}

function weighStop(runner: string, charter: Charter): Verdict {
  if (charter.stopped.includes(runner)) return HOLDS;
  const stopped = [...charter.stopped, runner].sort();
  return change({ stopped }, runner, 'stop', `an administrator stopped ${runner}`);
}

function weighRecover(runner: string | undefined, charter: Charter): Verdict {
  const recovery: Record<string, number> = { ...charter.recovery };
  for (const name of runner === undefined ? charter.runners : [runner]) {
    recovery[name] = (recovery[name] ?? 0) + 1;
  }
  const text = `an administrator recovered ${runner ?? 'all runners'}: failures are forgotten`;
  return change({ recovery }, runner ?? '', 'recover', text);
}

function weighReconfigure(runner: string | undefined, charter: Charter): Verdict {
  const reconfigure: Record<string, number> = { ...charter.reconfigure };
  for (const name of runner === undefined ? charter.runners : [runner]) {
    reconfigure[name] = (reconfigure[name] ?? 0) + 1;
  }
  const text = `an administrator told ${runner ?? 'all runners'} to read the configuration again`;
  return change({ reconfigure }, runner ?? '', 'reconfigure', text);
}

/** Whether the last that the timeline tells of a runner's role is that somebody confirmed it to be down. */
function confirmedDown(runner: string, { decisions }: Charter): boolean {
  const last = decisions.findLast(
    ({ kind, subject, rule }) =>
      kind === 'decision' &&
      subject === runner &&
      (rule === 'confirmed-down' || CHOICE_RULES.has(rule)),
  );
  return last?.rule === 'confirmed-down';
}

function weighConfirmDown(
  runner: string,
  office: Mastership,
  roster: Roster,
  now: Instant,
): Verdict {
  const charter = office.replication.draft;
  if (charter.maintenance) return inMaintenance(`giving up ${runner}`);
  if (charter.master !== runner) {
    if (confirmedDown(runner, charter)) return HOLDS;
    const holder = charter.master === undefined ? 'nobody holds it' : `${charter.master} does`;
    return refused(
      'RUNNER_NOT_ELECTABLE',
      `${runner} does not hold the role (${holder}): nothing waits for it`,
    );
  }
  const entry = roster.get(runner);
  // One that was started anew and knows of no lease cannot be told to give it back.
  if (roster.heard(entry, now) && office.mayHold(entry, charter)) {
    return refused(
      'RUNNER_NOT_ELECTABLE',
      `${runner} is heard, so it is not down: use "koi-admin promote" or "demote"`,
    );
  }
  return { kind: 'confirm-down', runner };
}
