// What happens to processes and hosts: they stand still, die at any point, start again, lose their disk.

import type { Deed } from './fatal-deed.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimHost } from './sim-host.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimRunner } from './sim-runner.ts';
import type { Storm } from './storm.ts';

/**
 * Where runner and deadman stand still, as on a suspended host, nobody demotes: for no more of demoteGrace
 * than M4 leaves after the SIGKILL at 0.7.
 */
const PROMOTED_PAUSE_SHARE = 0.2;

/** Before which of its deeds a runner dies in a step. */
const FATAL_DEEDS = ['record', 'lease', 'promote', 'demote', 'start', 'claim', 'report'] as const;

/** How long until it is looked again whether a runner may be ended, in milliseconds. */
const AGAIN = 20;

/** How long after its next write has begun a trapped elector dies, in milliseconds. */
const TRAP_DELAY_MAX = 6;

function pause(storm: Storm, process: SimProcess | undefined, what: string, delay: number): void {
  if (process === undefined || process.paused) return;
  storm.say(`${what} is paused for ${Math.round(delay)} ms`);
  process.pause(storm.felt);
  storm.until(delay, () => process.resume());
}

export function pauseElector(storm: Storm): void {
  const elector = storm.elector();
  if (elector !== undefined) pause(storm, elector.process, elector.name, storm.lasts());
}

/** How long a host may stand still without anybody to demote for it. */
export function pauseOf(storm: Storm, runner: SimRunner | undefined): number {
  const { demoteGrace } = storm.cluster.plan.times;
  const promoted = runner?.scripts.promoted === true;
  return promoted ? storm.random.between(0, PROMOTED_PAUSE_SHARE * demoteGrace) : storm.lasts();
}

/** Without its deadman nobody would demote for it: that is two faults at once. */
function mayFail(runner: SimRunner | undefined): runner is SimRunner {
  return runner?.alive === true && !runner.deadman.stuck;
}

export function pauseRunner(storm: Storm): void {
  const runner = storm.runner();
  if (mayFail(runner)) pause(storm, runner.process, runner.name, storm.lasts());
}

/** Both daemons stand still; the services go on, and so does the deadman. */
export function pauseHost(storm: Storm): void {
  const host = storm.host();
  if (host === undefined) return;
  const delay = storm.lasts();
  if (host.elector) pause(storm, host.elector.process, host.elector.name, delay);
  if (mayFail(host.runner)) pause(storm, host.runner.process, host.runner.name, delay);
}

/** An elector's process dies and is started again after so long. */
export function crashFor(storm: Storm, elector: SimElector, text: string, lasts: number): void {
  if (!elector.alive) return;
  storm.say(`${elector.name} crashes${text}`);
  elector.crash();
  storm.felt();
  storm.until(lasts, () => {
    if (!elector.alive && elector.host.up) elector.start();
  });
}

export function crashElector(storm: Storm): void {
  const elector = storm.elector();
  if (elector !== undefined) crashFor(storm, elector, '', storm.lasts());
}

/** It dies while its next write is under way: before, in or just after the moment it is durable. */
export function crashInWrite(storm: Storm): void {
  const elector = storm.elector();
  if (elector === undefined) return;
  const delay = storm.random.between(0, TRAP_DELAY_MAX);
  const lasts = storm.random.chance(0.5) ? storm.random.between(1, 50) : storm.lasts();
  elector.disk.onNextWrite = () => {
    storm.later(delay, () => crashFor(storm, elector, ' in a write', lasts));
  };
  storm.until(storm.lasts(), () => {
    elector.disk.onNextWrite = undefined;
  });
}

/** A power cut for all electors at once; each comes back in its own time. */
export function crashAllElectors(storm: Storm): void {
  for (const elector of storm.cluster.electors) {
    crashFor(storm, elector, ' with all others', storm.random.between(1, 500));
  }
}

/** One disk at a time, while no list changes, and only where every other one holds a charter (C4, P1). */
export function wipeElector(storm: Storm): void {
  const elector = storm.elector();
  const { membership } = storm.cluster;
  const others = membership.members.filter((other) => other !== elector);
  const whole = others.length > 0 && others.every(({ disk }) => disk.durable.charter);
  const safe = whole && !membership.changing && membership.named(others);
  if (!safe || elector === undefined || !elector.alive) return;
  if (elector.disk.durable.charter === undefined) return;
  crashFor(storm, elector, ' and its disk is replaced', storm.lasts());
  elector.disk.wipe();
}

export function restartElector(storm: Storm): void {
  const elector = storm.elector();
  if (elector === undefined) return;
  restartFor(
    storm,
    elector,
    storm.random.chance(0.5) ? storm.random.between(1, 100) : storm.lasts(),
  );
}

/** An elector is stopped cleanly and started again after so long. */
export function restartFor(storm: Storm, elector: SimElector, delay: number): void {
  if (!elector.alive || elector.process?.paused === true) return;
  storm.say(`${elector.name} is told to stop`);
  storm.felt();
  elector.stop(() =>
    storm.until(delay, () => {
      if (!elector.alive && elector.host.up) elector.start();
    }),
  );
}

function powerCut(storm: Storm, host: SimHost | undefined): void {
  if (host === undefined || !host.up) return;
  storm.say(`${host.name} crashes`);
  if (host.elector?.alive || host.runner?.alive) storm.felt();
  host.crash();
  storm.until(storm.lasts() * storm.random.between(0.1, 2), () => host.boot());
}

export function crashHost(storm: Storm): void {
  powerCut(storm, storm.host());
}

/** The worst case of two: who leads and who is master die together. */
export function crashLeaderAndMaster(storm: Storm): void {
  const { leaders, master } = storm.cluster;
  storm.aim();
  for (const { host } of leaders) powerCut(storm, host);
  powerCut(storm, master?.host);
}

/** Stopped cleanly, and started again: in maintenance its services stay as they are. */
export function restartRunner(storm: Storm): void {
  const runner = storm.runner();
  if (runner === undefined || !runner.alive) return;
  storm.say(`${runner.name} is told to stop`);
  storm.felt();
  runner.stop();
  startAgain(storm, runner, storm.lasts() + 500);
}

/** SIGKILL for the daemon alone: what it supervises goes on, and its deadman watches the lease. */
export function killRunner(storm: Storm): void {
  const runner = storm.runner();
  if (!mayFail(runner)) return;
  storm.say(`${runner.name} is killed`);
  storm.felt();
  runner.crash();
  startAgain(storm, runner, away(storm));
}

function away(storm: Storm): number {
  const { gentle, fast } = storm.cluster.plan;
  // As an init system does it: long before any lease ends.
  const soon = storm.random.between(1, 100) * (fast ? 0.5 : 1);
  return gentle || storm.random.chance(0.5) ? soon : storm.lasts();
}

/** SIGKILL in the middle of a step: something of it is done, and the rest is not. */
export function killInStep(storm: Storm): void {
  const runner = storm.runner();
  if (!mayFail(runner)) return;
  const wanted = storm.random.oneOf<Deed | undefined>(...FATAL_DEEDS, undefined);
  let left = storm.random.whole(0, 3);
  runner.diesBefore = (deed) => {
    if ((wanted !== undefined && deed !== wanted) || !mayFail(runner)) return false;
    left -= 1;
    if (left >= 0) return false;
    storm.say(`${runner.name} is killed before its next ${deed}`);
    storm.felt();
    const lasts = away(storm);
    // Also where this comes with the end of the storm.
    storm.cluster.world.after(0, () => startAgain(storm, runner, lasts));
    return true;
  };
  storm.until(storm.lasts(), () => {
    runner.diesBefore = undefined;
  });
}

/** An upgrade: the daemon leaves everything running, and the next one goes on with it. */
export function detachRunner(storm: Storm): void {
  const runner = storm.runner();
  if (runner === undefined || !runner.alive) return;
  storm.say(`${runner.name} is told to detach`);
  storm.felt();
  runner.detach();
  const soon = storm.random.between(20, 300) * (storm.cluster.plan.fast ? 0.3 : 1);
  startAgain(storm, runner, soon);
}

function startAgain(storm: Storm, runner: SimRunner, lasts: number): void {
  const again = () => {
    // It has not ended by itself, and without its deadman it may not be ended now.
    if (runner.alive && !mayFail(runner)) {
      storm.cluster.world.after(AGAIN, again);
      return;
    }
    runner.crash();
    if (runner.host.up) runner.start();
  };
  storm.until(lasts, again);
}
