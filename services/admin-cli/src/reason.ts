// What an elector's refusal means for an administrator: which exit code, and what to do next.
import { koiReason } from '@koi/lib/grpc/errors';
import { RpcError } from '@koi/lib/grpc/light-client';
import { Status, statusName } from '@koi/lib/grpc/status';
import { EXIT, Failure } from './failure.ts';

/** Reasons after which another elector may know better; the order has had no effect. */
const ASK_ANOTHER: ReadonlySet<string> = new Set([
  'NO_LEADER',
  'NO_QUORUM',
  'LEADER_UNREACHABLE',
  'STREAM_ENDED',
]);

const MAJORITY =
  'a majority of the electors must run and reach each other: ' +
  '`koi-admin get-cluster` shows which ones do';

const HINTS: ReadonlyMap<string, string> = new Map([
  ['NO_LEADER', MAJORITY],
  ['NO_QUORUM', MAJORITY],
  ['RUNNER_UNKNOWN', '`koi-admin get-cluster` lists the runners that are known'],
  ['NODE_UNKNOWN', '`koi-admin get-cluster` lists the electors and runners that are known'],
  ['EPOCH_UNKNOWN', '`koi-admin events` lists what is remembered'],
  ['RUNNER_NOT_ELECTABLE', '`koi-admin why` says how things stand with each runner'],
  ['RUNNER_HELD', '`--force` waives the hold, and nothing else'],
  ['MAINTENANCE', '`koi-admin maintenance off` ends it'],
  [
    'OUTCOME_UNKNOWN',
    'look with `koi-admin get-cluster` whether it took effect before you repeat it',
  ],
  ['CONFIGURATION_INVALID', 'the daemon goes on with what it had'],
  ['OVERLOADED', 'try again in a moment'],
]);

/** Whether the next elector of the search should be asked after this error. */
export function mayAskAnother(error: unknown, repeatable: boolean): boolean {
  const reason = koiReason(error);
  if (reason !== undefined) return ASK_ANOTHER.has(reason.reason);
  return repeatable && error instanceof RpcError && error.code === Status.UNAVAILABLE;
}

const EVERYBODYS: ReadonlySet<number> = new Set([
  Status.INVALID_ARGUMENT,
  Status.PERMISSION_DENIED,
  Status.UNAUTHENTICATED,
  Status.UNIMPLEMENTED,
]);

/** Whether a stream that ended so may be opened again, there or elsewhere. */
export function mayOpenAgain(error: unknown): boolean {
  if (koiReason(error) !== undefined) return koiReason(error)?.reason !== 'REQUEST_INVALID';
  return error instanceof RpcError && !EVERYBODYS.has(error.code);
}

/** The failure that an error of a call amounts to. */
export function failureOf(error: unknown, address: string): Failure {
  if (error instanceof Failure) return error;
  const reason = koiReason(error);
  if (reason !== undefined) {
    const hint = HINTS.get(reason.reason);
    const exit = ASK_ANOTHER.has(reason.reason) ? EXIT.UNREACHABLE : EXIT.REFUSED;
    return new Failure(exit, reason.text, ...(hint === undefined ? [] : [hint]));
  }
  if (!(error instanceof RpcError)) throw error;
  if (error.code === Status.UNAVAILABLE) {
    const lost = `the connection to ${address} was lost before the answer came`;
    return new Failure(EXIT.UNREACHABLE, lost, 'an order may have taken effect all the same');
  }
  if (error.code === Status.UNIMPLEMENTED) {
    const text = `${address} does not know this call`;
    return new Failure(EXIT.REFUSED, text, 'is it a daemon of the same release as koi-admin?');
  }
  return new Failure(
    EXIT.REFUSED,
    `${address} answered ${statusName(error.code)}: ${error.message}`,
  );
}

/** The failure of a command that ran out of time. */
export function lateFailure(address: string, timeout: string): Failure {
  return new Failure(
    EXIT.UNREACHABLE,
    `${address} has not answered within ${timeout}`,
    'an order may have taken effect all the same; --timeout gives it longer',
  );
}
