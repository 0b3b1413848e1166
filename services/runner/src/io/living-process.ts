// A process by its number and its start time, which no later process with the same number has. Read
// from /proc at once: who takes a lock cannot wait for an answer.
import { readFileSync } from 'node:fs';
import type { Duration } from '@koi/lib/time';

/** One process in all its life, and no other one. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since the host's boot: field 22 of /proc/PID/stat. */
  readonly start: string;
}

/** What the kernel tells of a process. */
export interface ProcessState extends ProcessIdentity {
  /** R, S, D, T (stopped), t (traced), Z (zombie), X and others. */
  readonly phase: string;
  readonly group: number;
}

/** How often the end of a killed process is looked for. */
const LOOK_EVERY: Duration = 1;

/** What is there under a number now. */
export function readProcess(pid: number): ProcessState | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // pid (name, which may hold anything) state parent group …
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [phase = ''] = fields;
  return { pid, start: fields[19] ?? '', phase, group: Number(fields[2]) };
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const own = readProcess(process.pid);
  if (own === undefined) throw new Error('/proc cannot be read: koi needs it mounted');
  return { pid: own.pid, start: own.start };
}

/** The process as it is now; undefined: it has ended. A zombie runs nothing any more. */
export function findLiving({ pid, start }: ProcessIdentity): ProcessState | undefined {
  const found = readProcess(pid);
  if (found === undefined || found.start !== start) return undefined;
  return found.phase === 'Z' || found.phase === 'X' ? undefined : found;
}

/** SIGKILL for a process, or for the group that it leads, if it is still the one meant. */
export function killLiving(target: ProcessIdentity, whole: 'process' | 'group'): void {
  if (findLiving(target) === undefined) return;
  try {
    process.kill(whole === 'group' ? -target.pid : target.pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}

/** SIGKILL, and waits for the end without letting anything else happen here. False: it has not ended. */
export function killNow(target: ProcessIdentity, patience: Duration): boolean {
  killLiving(target, 'process');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; findLiving(target) !== undefined; waited += LOOK_EVERY) {
    if (waited >= patience) return false;
    Atomics.wait(cell, 0, 0, LOOK_EVERY);
  }
  return true;
}

/** "PID START", as it is kept in files. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [, pid, start] = /^(\d+) (\d+)\s*$/.exec(text) ?? [];
  return pid === undefined || start === undefined ? undefined : { pid: Number(pid), start };
}
