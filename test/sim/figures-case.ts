// What happens to a steady cluster, and what is measured of it: moments of true time, in milliseconds.
import { type Places, SteadyCluster } from './figures-cluster.ts';
import { LEASE_LOOK_EVERY, LeaseWatch } from './figures-lease.ts';
import type { Preset } from './figures-plan.ts';

/**
 * For how long a crashed leader's process is away before it starts again. The model does not say how long
 * its own was: this is what its figure leaves for it, so only the time after it says anything of the cores.
 */
export const RESTART_TAKES = 150;

/** How long a figure is waited for, in master leases. */
const PATIENCE_LEASES = 4;

/** One number of a case. */
export interface Row {
  readonly name: string;
  /** From what to what, and what is left out. */
  readonly what: string;
  /** Which end is the bad one. */
  readonly worst: 'most' | 'least';
}

/** A value for each row; undefined where nothing came of it. */
export type Values = readonly (number | undefined)[];

/** One thing that happens. */
export interface Case {
  readonly places: Places;
  readonly rows: readonly Row[];
  readonly measure: (steady: SteadyCluster) => Values;
}

/** Everything that is measured on a steady cluster. */
export const CASES: readonly Case[] = [
  {
    places: 'apart',
    rows: [
      most('master-dies', "power cut of the master's host, another leads: to the next promote"),
    ],
    measure: masterDies,
  },
  {
    places: 'together',
    rows: [most('leader-and-master-die', 'power cut of the host of both: to the next promote')],
    measure: masterDies,
  },
  {
    places: 'apart',
    rows: [
      most('leader-dies', "power cut of the leader's host: to the next leader's majority"),
      {
        name: 'lease-left',
        what: "the same: what is left of the master's lease when the next leader renews it",
        worst: 'least',
      },
    ],
    measure: leaderDies,
  },
  {
    places: 'apart',
    rows: [
      most(
        'leader-restarts',
        `crash of the leader, which starts again after ${RESTART_TAKES} ms (assumed): to the next majority`,
      ),
      most('leader-restarts-net', 'the same, from its start'),
    ],
    measure: leaderRestarts,
  },
  {
    places: 'apart',
    rows: [most('leader-resigns', "clean stop of the leader: to the next leader's majority")],
    measure: leaderResigns,
  },
  {
    places: 'apart',
    rows: [
      most('switchover', 'order to promote another runner: to the begin of its promote'),
      most('switchover-net', "the same, less the run of the old master's demote"),
    ],
    measure: switchover,
  },
  {
    places: 'apart',
    rows: [
      most('status-fails', "end of the master's failing status: to the next promote"),
      most('status-fails-net', "the same, less the runs of the old master's failed and stop"),
    ],
    measure: statusFails,
  },
];

function most(name: string, what: string): Row {
  return { name, what, worst: 'most' };
}

function masterDies(steady: SteadyCluster): Values {
  const at = steady.world.now;
  steady.master.host.crash();
  return [untilPromotion(steady, at)];
}

function leaderDies(steady: SteadyCluster): Values {
  const { world, witness, leader, master, cluster } = steady;
  const { heartbeat, masterLease } = cluster.plan.times;
  const watch = new LeaseWatch(master);
  const watchUntil = (leases: number, condition: () => boolean) => {
    const look = () => {
      watch.look();
      return condition();
    };
    steady.until(leases, look, LEASE_LOOK_EVERY);
  };
  // So that the end of its lease is known when the leader dies.
  watchUntil((2 * heartbeat) / masterLease, () => false);
  const at = world.now;
  leader.host.crash();
  watchUntil(PATIENCE_LEASES, () => witness.nextLead(at) !== undefined);
  const { renewals } = watch;
  watchUntil(PATIENCE_LEASES, () => watch.renewals > renewals);
  const undisturbed = watch.renewals > renewals && !witness.disturbed(master.name, at);
  return [since(at, witness.nextLead(at)), undisturbed ? watch.least : undefined];
}

function leaderRestarts(steady: SteadyCluster): Values {
  const { world, leader } = steady;
  const at = world.now;
  leader.crash();
  world.after(RESTART_TAKES, () => leader.start());
  const whole = untilLead(steady, at);
  return whole === undefined ? [] : [whole, whole - RESTART_TAKES];
}

function leaderResigns(steady: SteadyCluster): Values {
  const at = steady.world.now;
  steady.leader.stop(() => {});
  return [untilLead(steady, at)];
}

function switchover(steady: SteadyCluster): Values {
  const { world, leader, master, cluster, random } = steady;
  const target = random.pick(cluster.runners.filter((runner) => runner !== master));
  if (target === undefined) return [];
  const at = world.now;
  leader.order({ kind: 'promote', runner: target.name }, () => {});
  return changeover(steady, at);
}

function statusFails(steady: SteadyCluster): Values {
  const { witness, master, cluster } = steady;
  const { statusInterval, times } = cluster.plan;
  const earlier = witness.scripts.length;
  for (const { name } of master.services) master.scripts.break(name);
  const failed = () =>
    witness.scripts
      .slice(earlier)
      .find((run) => run.runner === master.name && run.succeeded === false);
  steady.until((2 * statusInterval) / times.masterLease, () => failed() !== undefined);
  const at = failed()?.end;
  return at === undefined ? [] : changeover(steady, at);
}

/** To the next promotion, with and without the old master's scripts. */
function changeover(steady: SteadyCluster, at: number): Values {
  const whole = untilPromotion(steady, at);
  if (whole === undefined) return [];
  return [whole, whole - steady.witness.busy(steady.master.name, at, at + whole)];
}

function untilLead(steady: SteadyCluster, at: number): number | undefined {
  steady.until(PATIENCE_LEASES, () => steady.witness.nextLead(at) !== undefined);
  return since(at, steady.witness.nextLead(at));
}

function untilPromotion(steady: SteadyCluster, at: number): number | undefined {
  steady.until(PATIENCE_LEASES, () => steady.witness.nextPromotion(at) !== undefined);
  return since(at, steady.witness.nextPromotion(at));
}

function since(at: number, then: number | undefined): number | undefined {
  return then === undefined ? undefined : then - at;
}

/** Measures one case once. */
export function measureOnce(
  { places, measure }: Case,
  options: { readonly seed: number; readonly preset: Preset; readonly traced: boolean },
): { readonly values: Values; readonly trace: readonly string[] } {
  const steady = new SteadyCluster({ ...options, places });
  const values = measure(steady);
  const { violation, lines } = steady.world;
  if (violation !== undefined) throw new Error(`seed ${options.seed}: ${violation}`);
  return { values, trace: lines };
}
