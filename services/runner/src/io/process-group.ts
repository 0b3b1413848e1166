// Processes and their groups, as the kernel tells of them. Every script is in a group of its own, so that
// what it leaves running can be ended with it. A child that opens a session of its own escapes this.
import { readdirSync } from 'node:fs';
import { type ProcessIdentity, readProcess } from './living-process.ts';

/** Signals every process of a group; 0 only asks. False: there is no such group. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  // 0 would be one's own group, and 1 everybody.
  if (group <= 1) return false;
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // EPERM: it is there, though it is not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Whether the group of a leader is still its own: the kernel gives its number to a new process only when
 * nothing of the old group is left.
 */
export function isGroupOf({ pid, start }: ProcessIdentity): boolean {
  if (!signalGroup(pid, 0)) return false;
  const leader = readProcess(pid);
  return leader === undefined || leader.start === start;
}

/**
 * The processes of a group that still run, looked for among some processes or among all. Zombies do not:
 * their parent may be slow to reap them.
 */
export function livingMembers(group: number, among?: readonly number[]): readonly number[] {
  // Asking the kernel is cheap; only where it still knows the group is /proc looked through.
  if (!signalGroup(group, 0)) return [];
  const ids = among ?? readdirSync('/proc').filter(isNumber).map(Number);
  // Read at once, not by Node's threads: those may all be waiting for a disk.
  return ids.filter((id) => {
    const found = readProcess(id);
    return found?.group === group && found.phase !== 'Z' && found.phase !== 'X';
  });
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}
