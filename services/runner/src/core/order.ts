// Who may act now, by priority: up from low to high, down from high to low. A service without a
// priority waits for nobody, and nobody waits for it.
import type { Action } from './input.ts';
import type { Service } from './service.ts';

/** Whether a service may begin a script, as far as the others' priorities are concerned. */
export function mayAct(action: Action, service: Service, all: Iterable<Service>): boolean {
  return waitsFor(action, service, all) === undefined;
}

/** The first service for which another one has to wait before it begins a script. */
export function waitsFor(
  action: Action,
  service: Service,
  all: Iterable<Service>,
): Service | undefined {
  const { priority } = service.definition;
  if (priority === undefined) return undefined;
  for (const other of all) {
    const rank = other.definition.priority;
    if (rank === undefined || rank === priority) continue;
    if (rank < priority ? isBelowAndNotUp(action, other) : isAboveAndNotDown(action, other)) {
      return other;
    }
  }
  return undefined;
}

function isBelowAndNotUp(action: Action, lower: Service): boolean {
  const { aim, proven, state, wanted } = lower;
  const up = lower.up && proven;
  // One that has to go down before it rises again is not there yet, though it looks like it.
  if (action === 'start') return wanted !== 'stopped' && !(up && aim !== 'stopped');
  if (action === 'promote') {
    return wanted === 'promoted' && !(proven && state === 'promoted' && aim === 'promoted');
  }
  return false;
}

function isAboveAndNotDown(action: Action, higher: Service): boolean {
  if (higher.down) return false;
  // One that stays up is not waited for: a single service may leave from among the others.
  const { aim, promoted, state } = higher;
  if (action === 'demote') return state === 'demoting' || (promoted && aim !== 'promoted');
  if (action === 'stop') return aim === 'stopped' || state === 'stopping' || state === 'failing';
  return false;
}

/** The order in which services start: by priority, those without one last, then by name. */
export function byStartOrder(one: Service, other: Service): number {
  const left = one.definition.priority ?? Number.POSITIVE_INFINITY;
  const right = other.definition.priority ?? Number.POSITIVE_INFINITY;
  if (left !== right) return left < right ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}
