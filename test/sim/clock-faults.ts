// What happens to a host's time: its clock begins to run at another rate, or the whole host is suspended
// and finds when it wakes up that its clock has counted on (P10).
import { drawRate } from './plan.ts';
import { pauseOf } from './process-faults.ts';
import type { Storm } from './storm.ts';

/** From now on a clock runs at another rate, within the bound that drift allows for. */
export function changeRate(storm: Storm): void {
  const host = storm.host();
  if (host === undefined) return;
  const rate = drawRate(storm.random);
  if (rate === host.clock.rate) return;
  storm.say(`the clock of ${host.name} runs at ${rate.toFixed(4)}`);
  storm.felt();
  host.clock.changeRate(rate);
}

/** Nothing on it runs and nothing answers for it: not even its kernel says that a stream is unknown. */
export function suspendHost(storm: Storm): void {
  const host = storm.host();
  if (host === undefined || !host.up || host.suspended) return;
  const delay = pauseOf(storm, host.runner);
  const { hosts, network } = storm.cluster;
  storm.say(`${host.name} is suspended for ${Math.round(delay)} ms`);
  const mends = hosts
    .filter((other) => other !== host)
    .flatMap(({ name }) => [
      network.cut(host.name, name, storm.felt),
      network.cut(name, host.name, storm.felt),
    ]);
  host.suspend(storm.felt);
  storm.until(delay, () => {
    for (const mend of mends) mend();
    host.resume();
  });
}
