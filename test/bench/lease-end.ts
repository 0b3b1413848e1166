// How soon a demotion starts once a lease is over, whatever else is going on: from the end of the lease as the
// runner itself keeps it to the first line of the first demote script.
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration } from '@koi/lib/time';
import { busyBodies, setBusy, writeBusyService } from '../cluster/busy-service.ts';
import { readKeptLease } from '../cluster/kept-lease.ts';
import { overlapsIn } from '../cluster/overlap.ts';
import type { LogLine } from '../cluster/promotion-log.ts';
import { TestCluster } from '../cluster/test-cluster.ts';
import { type Figure, median, type Result, worst } from './figure.ts';
import { StillDisk } from './still-disk.ts';

const bound: Duration = 50;

/** What goes on while a lease ends. */
interface Load {
  readonly name: string;
  /** What the status script of a promoted service does meanwhile, in sh. */
  readonly status: string;
}

const loads: readonly Load[] = [
  { name: 'nothing else going on', status: ':' },
  { name: 'a hanging status', status: busyBodies.hangs },
  { name: 'a hanging status that ignores SIGTERM', status: busyBodies.ignoresTerm },
  { name: 'one flood of 100 MB after another', status: busyBodies.floods },
];

/** A master that is cut off from all electors, again and again. */
export const leaseEndFigure: Figure = {
  name: 'lease-end',
  rounds: 10,
  async measure(rounds, note) {
    const results = await measureLoads(loads, rounds, note, undefined);
    const disk = openDisk(note);
    if (disk === undefined) return results;
    try {
      const load = { name: 'a disk that stands still', status: ':' };
      return [...results, ...(await measureLoads([load], rounds, note, disk))];
    } finally {
      disk.close();
    }
  },
};

/** What a disk is needed for cannot be measured on every machine. */
function openDisk(note: (round: string) => void): StillDisk | undefined {
  try {
    return StillDisk.open();
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error);
    note(`not measured with a disk that stands still, which needs root and loop devices: ${why}`);
    return undefined;
  }
}

/** `disk`: where everything is that may be on a disk; undefined: as always. */
async function measureLoads(
  these: readonly Load[],
  rounds: number,
  note: (round: string) => void,
  disk: StillDisk | undefined,
): Promise<readonly Result[]> {
  const memories = new Map<string, string>();
  const cluster = await startCluster(memories, disk);
  try {
    const results: Result[] = [];
    for (const { name, status } of these) {
      const delays: Duration[] = [];
      for (let round = 0; round < rounds; round += 1) {
        delays.push(await loseLease({ cluster, status, memories, disk }));
        note(`${name}: ${delays.at(-1)?.toFixed(0)} ms`);
      }
      const middle = median(delays).toFixed(0);
      const remark = `worst of ${rounds}, median ${middle} ms; up to 12 ms are the clock's step`;
      results.push({ what: `lease end to demote, ${name}`, value: worst(delays), bound, remark });
    }
    const overlap = worst(overlapsIn(cluster.log()).map(({ lasts }) => lasts));
    const where = disk === undefined ? '' : ', a disk that stands still';
    const remark = `${these.length * rounds} rounds`;
    return [...results, { what: `overlap, lease end${where}`, value: overlap, bound: 0, remark }];
  } finally {
    disk?.thaw();
    await cluster.close();
  }
}

async function startCluster(
  memories: Map<string, string>,
  disk: StillDisk | undefined,
): Promise<TestCluster> {
  const { TMPDIR: before } = process.env;
  // State directories are in memory, as they are by default.
  if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';
  try {
    return await TestCluster.start({
      wires: true,
      web: false,
      addServices: (host, directory, folder) => {
        memories.set(host, folder.memory);
        writeBusyService(folder);
        if (disk !== undefined) moveToDisk(host, directory, disk);
      },
    });
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

/** The services, the elector's state and the daemons' logs of a host. */
function moveToDisk(host: string, servicesDirectory: string, disk: StillDisk): void {
  const home = join(servicesDirectory, '..');
  const there = join(disk.directory, host);
  mkdirSync(join(there, 'elector'), { recursive: true });
  cpSync(servicesDirectory, join(there, 'services'), { recursive: true });
  rmSync(servicesDirectory, { recursive: true });
  for (const name of ['services', 'elector', 'elector.log', 'runner.log']) {
    symlinkSync(join(there, name), join(home, name));
  }
}

/** Cuts the master off and tells how long after the end of its lease its first demote script began. */
async function loseLease(round: {
  readonly cluster: TestCluster;
  readonly status: string;
  readonly memories: ReadonlyMap<string, string>;
  readonly disk: StillDisk | undefined;
}): Promise<Duration> {
  const { cluster, status, memories, disk } = round;
  const { master } = await cluster.untilSettled();
  const memory = memories.get(master) ?? '';
  const since = Date.now();
  const began = (action: string) => (line: LogLine) =>
    line.kind === 'begin' && line.host === master && line.action === action && line.at >= since;
  setBusy(memory, 'status', status);
  await cluster.untilLog('the busy service is asked for its status', (lines) =>
    lines.some((line) => began('status')(line) && line.kind === 'begin' && line.service === 'busy'),
  );
  disk?.freeze();
  cluster.cut(master);
  await cluster.untilLog('a demotion has begun', (lines) => lines.some(began('demote')));
  const { end } = readKeptLease(cluster.host(master).stateDirectory);
  const begun = cluster.log().find(began('demote'));
  setBusy(memory, 'status', undefined);
  disk?.thaw();
  cluster.mend(master);
  await cluster.untilSettled();
  return (begun?.at ?? Number.NaN) - end;
}
