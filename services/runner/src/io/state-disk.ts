// M4: what a runner keeps of its leases it writes at once, and waits for it; so does its deadman. On a disk that
// stands still both would wait, and nothing would be demoted.
import { statfsSync } from 'node:fs';

/** File systems that are nothing but memory, by statfs(2): tmpfs and ramfs. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** What speaks against a state directory, as a sentence; empty: it is in memory. */
export function stateDiskObjection(stateDirectory: string): string {
  if (IN_MEMORY.has(statfsSync(stateDirectory).type)) return '';
  return (
    `runner.stateDirectory: ${stateDirectory} is on a disk: while that disk stands still no lease end is ` +
    'obeyed here. A directory on a tmpfs, such as /run/koi, never does'
  );
}
