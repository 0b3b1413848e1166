// The commands that order something: what each one wants, and when it is done.
import {
  DemoteMasterResponseSchema,
  ElectMasterResponseSchema,
  PromoteRunnerResponseSchema,
  RecoverRunnerResponseSchema,
  SetMaintenanceResponseSchema,
  StartRunnerResponseSchema,
  StopRunnerResponseSchema,
} from '@koi/gen/koi/admin/v1/admin_service_pb';
import type { ExitCode } from '../failure.ts';
import { giveOrder, type OrderOptions } from '../give-order.ts';
import {
  demotedGoal,
  electedGoal,
  maintenanceGoal,
  promotedGoal,
  recoveredGoal,
  startedGoal,
  stoppedGoal,
} from '../goal.ts';
import type { Session } from '../session.ts';

/** `koi-admin promote`: makes a runner master; the present one is demoted first. */
export function promote(
  session: Session,
  runner: string,
  { force, ...options }: OrderOptions & { readonly force: boolean },
): Promise<ExitCode> {
  const order = {
    schema: PromoteRunnerResponseSchema,
    wanted: `${runner} is to be master`,
    goal: promotedGoal(runner),
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.promoteRunner({ runner, force }, call) },
    options,
  );
}

/** `koi-admin demote`: demotes the master and elects nobody until told. */
export function demote(session: Session, options: OrderOptions): Promise<ExitCode> {
  const order = {
    schema: DemoteMasterResponseSchema,
    wanted: 'nobody is to be master until `koi-admin elect` or `koi-admin promote`',
    goal: demotedGoal,
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.demoteMaster({}, call) },
    options,
  );
}

/** `koi-admin elect`: ends the manual mode that demote began. */
export function elect(session: Session, options: OrderOptions): Promise<ExitCode> {
  const order = {
    schema: ElectMasterResponseSchema,
    wanted: 'a master is to be elected',
    goal: electedGoal,
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.electMaster({}, call) },
    options,
  );
}

/** `koi-admin maintenance`: turns maintenance on or off. */
export function maintenance(
  session: Session,
  on: boolean,
  options: OrderOptions,
): Promise<ExitCode> {
  const order = {
    schema: SetMaintenanceResponseSchema,
    wanted: `maintenance is to be ${on ? 'on' : 'off'}`,
    goal: maintenanceGoal(on),
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.setMaintenance({ on }, call) },
    options,
  );
}

/** `koi-admin start`: ends stop: a runner's services start again. */
export function start(session: Session, runner: string, options: OrderOptions): Promise<ExitCode> {
  const order = {
    schema: StartRunnerResponseSchema,
    wanted: `${runner} is to run`,
    goal: startedGoal(runner),
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.startRunner({ runner }, call) },
    options,
  );
}

/** `koi-admin stop`: demotes and stops a runner's services until start. */
export function stop(session: Session, runner: string, options: OrderOptions): Promise<ExitCode> {
  const order = {
    schema: StopRunnerResponseSchema,
    wanted: `${runner} is to be stopped`,
    goal: stoppedGoal(runner),
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.stopRunner({ runner }, call) },
    options,
  );
}

/** `koi-admin recover`: makes a runner, or all of them (''), forget failures. */
export function recover(
  session: Session,
  runner: string,
  options: OrderOptions,
): Promise<ExitCode> {
  const order = {
    schema: RecoverRunnerResponseSchema,
    wanted: `${runner === '' ? 'every runner' : runner} is to forget its failures`,
    goal: recoveredGoal(runner),
    // Each call counts: it is not asked twice.
    repeatable: false,
  };
  return giveOrder(
    session,
    { ...order, call: (client, call) => client.recoverRunner({ runner }, call) },
    options,
  );
}
