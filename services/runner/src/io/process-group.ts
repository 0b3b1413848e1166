// Process groups, as the kernel tells of them. Every script is the leader of its own, so that what it
// leaves running can be found and ended with it. A child that opens a session of its own escapes this.
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from '@koi/lib/time';

/** How often the end of a killed group is looked for. */
export const GONE_POLL: Duration = 10;

/** For how long: what a SIGKILL has not ended by then hangs in the kernel. */
export const GONE_WAIT_MAX: Duration = 2_000;

/** How many files of /proc are read at once. */
const READS_AT_ONCE = 32;

/** Signals every process of a group; 0 only asks. False: there is no such group. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalExisting(-group, signal);
}

/**
 * Whether the number of a group whose leader was reaped belongs to strangers by now: the kernel gives
 * it to a new process only when nothing of the old group is left.
 */
export function isRecycled(group: number): boolean {
  return signalExisting(group, 0);
}

/** The processes of a group that still run. Zombies do not: their parent may be slow to reap them. */
export async function livingMembers(group: number): Promise<readonly number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const living: number[] = [];
  for (let from = 0; from < ids.length; from += READS_AT_ONCE) {
    const batch = ids.slice(from, from + READS_AT_ONCE);
    const found = await Promise.all(batch.map((id) => runsIn(id, group)));
    living.push(...batch.filter((_, index) => found[index]));
  }
  return living;
}

/** Waits until nothing of some groups runs any more, for `GONE_WAIT_MAX` at most. */
export async function untilGone(groups: readonly number[]): Promise<boolean> {
  let left = groups;
  for (let waited = 0; ; waited += GONE_POLL) {
    const still: number[] = [];
    for (const group of left) if (await isAlive(group)) still.push(group);
    left = still;
    if (left.length === 0) return true;
    if (waited >= GONE_WAIT_MAX) return false;
    await sleep(GONE_POLL);
  }
}

async function isAlive(group: number): Promise<boolean> {
  // Asking the kernel is cheap; only where it still knows the group is /proc looked through.
  return signalGroup(group, 0) && (await livingMembers(group)).length > 0;
}

async function runsIn(id: number, group: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8');
    // pid (name, which may hold anything) state parent group …
    const [state, , own] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(own) === group && state !== 'Z' && state !== 'X';
  } catch {
    // It ended while we looked.
    return false;
  }
}

function signalExisting(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    // EPERM: it is there, though it is not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
