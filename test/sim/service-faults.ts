// What happens to disks and services: writes are slow or fail, services stop working, scripts hang.
import type { SimRunner } from './sim-runner.ts';
import type { Storm } from './storm.ts';

function hurtDisk(storm: Storm, fails: boolean): void {
  const elector = storm.elector();
  if (elector === undefined) return;
  const { disk } = elector;
  const { diskSlow, times } = storm.cluster.plan;
  const slow = storm.random.oneOf(0.1, 1, 5, 10) * times.heartbeat;
  const what = fails ? 'fails' : `takes up to ${Math.round(slow)} ms`;
  storm.say(`the disk of ${elector.name} ${what}`);
  const onWrite = (takes: number) => {
    if (fails || takes > diskSlow) storm.felt();
  };
  disk.health = { slow: fails ? diskSlow : slow, fails, onWrite };
  storm.until(storm.lasts(), () => {
    disk.health = { slow: diskSlow, fails: false };
  });
}

export function slowDisk(storm: Storm): void {
  hurtDisk(storm, false);
}

export function failingDisk(storm: Storm): void {
  hurtDisk(storm, true);
}

export function breakService(storm: Storm): void {
  const runner = storm.runner();
  const service = storm.random.pick(runner?.services ?? []);
  if (runner === undefined || service === undefined) return;
  storm.say(`${service.name} of ${runner.name} stops working`);
  if (runner.scripts.break(service.name)) storm.felt();
}

/** For a while whatever this runner's host begins hangs until it is ended. */
export function hangScripts(storm: Storm): void {
  const runner = storm.runner();
  if (runner !== undefined) hangFor(storm, runner, storm.lasts());
}

/** For so long whatever a runner's host begins hangs until it is ended. */
export function hangFor(storm: Storm, runner: SimRunner, lasts: number): void {
  storm.say(`the scripts of ${runner.name} hang`);
  runner.scripts.hanging = true;
  runner.scripts.onHang = storm.felt;
  storm.until(lasts, () => {
    runner.scripts.hanging = false;
  });
}
