// What is promised of a cluster, by name: a run that breaks one is a counterexample. What is no promise,
// such as an exception in a core, ends a run all the same and says nothing about the rules.

/** Every promise that a checker watches over. */
export const PROMISES = [
  'at most one valid leader lease',
  'no assignment without a majority',
  'durable before sent',
  'a damaged file is refused',
  'what is committed is never lost',
  'an order is answered once',
  'an epoch is committed before it is leased',
  'maintenance is committed before it is told',
  'only committed epochs are released',
  'at most one promoted runner',
  'epochs of different holders rise',
  'a lost lease is down within demoteGrace',
  'a change of leader disturbs no master',
  'a process that has heard no leader disturbs nothing',
  'nothing runs beside a deadman that acts',
  'who was told to detach touches nothing',
  'what runs is not started again',
  'in maintenance no script runs',
  'one script at a time',
  'priorities are honoured',
  'a lone failure is over in time',
  'a cluster comes back',
] as const;

/** The name of a promise. */
export type PromiseName = (typeof PROMISES)[number];

/** What ends a run and is a fault of the code, whatever was promised. */
export type Breakdown = 'no fault in a core' | 'every message is understood';

/** The promise that a violation broke, by what is said of it; undefined: it broke none. */
export function promiseOf(violation: string): PromiseName | undefined {
  return PROMISES.find((promise) => violation.startsWith(`${promise}: `));
}

/** Whether what ended a run broke a promise, and was not a mere breakdown of the code. */
export function isPromise(violation: string): boolean {
  return promiseOf(violation) !== undefined;
}
