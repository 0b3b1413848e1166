// Whether an automatic failover would happen if the master's host died now, and what stands in its way.

import type { Vista } from './cluster-view.ts';
import { majority } from './peers.ts';
import { rejection, unheard } from './rules.ts';
import type { ElectorView } from './view.ts';

/** Why none would, one sentence each; empty: one would. */
export function blockedBy(vista: Vista, electors: readonly ElectorView[]): readonly string[] {
  const { charter, leader } = vista;
  if (leader === undefined || charter === undefined) return ['nobody leads'];
  if (charter.maintenance) return ['maintenance is on: nobody is elected'];
  return [
    ...masterFindings(vista),
    ...successorFindings(vista),
    ...electorFindings(vista, electors),
  ];
}

function masterFindings({ charter, office, now }: Vista): readonly string[] {
  if (charter === undefined) return [];
  if (charter.manual) {
    return ['an administrator demoted the master: nobody is elected until "koi-admin elect"'];
  }
  const found: string[] = [];
  const waiting = office?.waiting;
  if (charter.master === undefined) {
    const why = waiting === undefined ? '' : `: ${waiting.text}`;
    found.push(`nobody is master${why}`);
  } else if (charter.maintenanceAcknowledged < charter.maintenanceChange) {
    found.push(`${charter.master} has not confirmed the end of maintenance: it is not counted out`);
  }
  const obstacle = office?.successionObstacle(now);
  if (obstacle !== undefined && obstacle.rule !== waiting?.rule) found.push(obstacle.text);
  return found;
}

/** Where nobody else can be master, each one's reason. */
function successorFindings({ charter, roster, options, now }: Vista): readonly string[] {
  if (charter === undefined) return [];
  const others = charter.runners.filter((name) => name !== charter.master);
  if (others.length === 0) return ['there is no other runner'];
  const reasons: string[] = [];
  for (const name of others) {
    const entry = roster.get(name);
    const against =
      entry === undefined ? unheard(name) : rejection(entry, { charter, roster, options, now });
    if (against === undefined) return [];
    reasons.push(`${name}: ${against.reason}`);
  }
  return [`no other runner can be master: ${reasons.join('; ')}`];
}

/** An elector and a runner of one name share a host, and die with it. */
function electorFindings(
  { charter, options }: Vista,
  electors: readonly ElectorView[],
): readonly string[] {
  const needed = majority(options);
  const host = charter?.master;
  const left = electors.filter(
    ({ name, heard, problem }) => name !== host && heard && problem === '',
  );
  if (left.length >= needed) return [];
  const reasons = electors.flatMap(({ name, heard, problem }) => {
    if (name === host) return [`${name} is on the master's host`];
    if (!heard) return [`${name} is not heard`];
    return problem === '' ? [] : [`${name}: ${problem}`];
  });
  const count = `${left.length} of ${options.electors.length} electors would be left`;
  return [`${count} and ${needed} are needed: ${reasons.join('; ')}`];
}
