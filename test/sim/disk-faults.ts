// What happens to an elector's disk beside slow and failing writes: it is full for a while, or its file is
// damaged while the process is down. C3: that elector stays out until somebody has repaired it.
import type { Cluster } from './cluster.ts';
import type { SimElector } from './sim-elector.ts';
import type { Storm } from './storm.ts';

/** For a while there is no room for a new record. */
export function fillDisk(storm: Storm): void {
  const elector = storm.elector();
  if (elector === undefined) return;
  const { disk } = elector;
  const { diskSlow } = storm.cluster.plan;
  storm.say(`the disk of ${elector.name} is full`);
  disk.health = { slow: diskSlow, fails: false, full: true, onWrite: storm.felt };
  storm.until(storm.lasts(), () => {
    disk.health = { slow: diskSlow, fails: false };
  });
}

/** It dies, and its file is not what was written when it is started again; later somebody repairs it. */
export function damageDisk(storm: Storm): void {
  const elector = storm.elector();
  if (elector === undefined || !elector.alive) return;
  storm.felt();
  elector.crash();
  const damaged = elector.disk.damage();
  storm.say(`${elector.name} crashes${damaged ? ', and its file is damaged' : ''}`);
  const tried = storm.lasts();
  storm.until(tried, () => startAgain(elector));
  if (damaged) storm.until(tried + storm.lasts(), () => repair(storm, elector));
}

function startAgain(elector: SimElector): void {
  if (!elector.alive && elector.host.up) elector.start();
}

/** By a good copy of exactly what it held, or, where that is safe, by moving the file away. */
function repair(storm: Storm, elector: SimElector): void {
  const empty = storm.random.chance(0.5) && mayBeEmpty(storm.cluster, elector);
  if (empty) elector.disk.wipe();
  else elector.disk.restore();
  storm.say(`the disk of ${elector.name} is ${empty ? 'emptied' : 'restored'}`);
  startAgain(elector);
}

/** C4: every other elector holds a charter, or a majority that does is up without it and one of them leads. */
function mayBeEmpty({ membership }: Cluster, elector: SimElector): boolean {
  const { members } = membership;
  const others = members.filter((other) => other !== elector);
  if (membership.changing || others.length === 0 || !membership.named(others)) return false;
  if (others.every(({ disk }) => disk.durable.charter)) return true;
  const up = others.filter(({ alive, disk }) => alive && disk.durable.charter);
  return up.length > members.length / 2 && up.some(({ leading }) => leading);
}
