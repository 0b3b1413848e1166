// The lease of a host's runner as its state directory keeps it: the runner's own word for until when it may
// have anything promoted. It is written in time since boot, by /proc/uptime.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration, Instant } from '@koi/lib/time';
import { createUptime } from '@koi/lib/uptime';

/** What a runner has written of its lease. */
export interface KeptLease {
  /** 0: it never had one. */
  readonly epoch: number;
  /** By the wall clock, up to 12 ms before the runner's own end of it, never after. */
  readonly end: Instant;
}

/** Reads the lease in a runner's state directory. */
export function readKeptLease(stateDirectory: string): KeptLease {
  let text = '';
  try {
    text = readFileSync(join(stateDirectory, 'deadman', 'lease'), 'utf8');
  } catch {
    // It never had one.
  }
  const [epoch, end] = text.split(' ').map(Number);
  return { epoch: epoch ?? 0, end: wallOfBoot() + (end ?? 0) };
}

/** So close has the wall clock to be read to a step of /proc/uptime, or so many steps are looked at. */
const bracket: Duration = 1;
const stepsMax = 20;

/** What the wall clock showed when this host was booted: rather too early than too late. */
function wallOfBoot(): Instant {
  const uptime = createUptime();
  let best = { width: Number.POSITIVE_INFINITY, boot: 0 };
  for (let step = 0; step < stepsMax && best.width > bracket; step += 1) {
    const before = uptime();
    let now = before;
    let [wallBefore, wallOfLook] = [0, Date.now()];
    // The step lies between the last look that did not show it and the first one that did.
    while (now === before) {
      wallBefore = wallOfLook;
      wallOfLook = Date.now();
      now = uptime();
    }
    const width = Date.now() - wallBefore;
    if (width < best.width) best = { width, boot: wallBefore - now };
  }
  return best.boot;
}
