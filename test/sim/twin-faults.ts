// A mistake of people: a second host starts a runner under a name that is taken (M7). Which of the two an
// elector hears first is a matter of chance, and some electors may hear one of them only.

import { cutFor } from './network-faults.ts';
import { drawRate } from './plan.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimHost } from './sim-host.ts';
import type { Storm } from './storm.ts';

/** Starts one, with services of its own, and ends it after a while. */
export function twinRunner(storm: Storm): void {
  const { cluster, random } = storm;
  const runner = storm.runner();
  const twin = runner && cluster.addTwin(runner, drawRate(random));
  if (runner === undefined || twin === undefined) return;
  storm.say(`${twin.name} starts a second runner under the name ${runner.goesBy}`);
  storm.felt();
  const lasts = storm.lasts() * random.between(0.5, 3);
  // Gently: the first one is heard by all, and the second is told so.
  const { gentle } = cluster.plan;
  if (!gentle && random.chance(0.4)) cutFromSome(storm, twin, lasts);
  if (!gentle && random.chance(0.5)) {
    const delay = random.between(-1, 1) * cluster.plan.times.leaderLease;
    storm.later(delay, () => cutFromSome(storm, runner.host, storm.lasts()));
  }
  storm.later(random.between(0, 1) * cluster.plan.times.leaderLease, () => {
    if (twin.up) twin.start();
  });
  const quietly = random.chance(0.5);
  storm.until(lasts, () => {
    // Where only the process dies, its host tells the electors so.
    if (!quietly) twin.runner?.crash();
    twin.crash();
    cluster.removeTwin(twin);
  });
}

function cutFromSome(storm: Storm, host: SimHost, lasts: number): void {
  const share = storm.random.oneOf(0.4, 1);
  const apart = ({ host: other }: SimElector) => other !== host && storm.random.chance(share);
  const directions = storm.cluster.electors
    .filter(apart)
    .flatMap(({ host: other }) => [[host, other] as const, [other, host] as const]);
  cutFor(storm, directions, `${host.name} is cut from some electors`, lasts);
}
