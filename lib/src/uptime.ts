// How long this host has been up, suspended time included, and which of its lives this is. What several
// processes of one host have to agree on in time is said by this.
import { openSync, readFileSync, readSync } from 'node:fs';
import type { Duration } from './time.ts';

/** /proc/uptime counts in steps of this, and cuts off what is below one. */
export const UPTIME_STEP: Duration = 10;

/** Makes what reads /proc/uptime, in milliseconds. Throws where it cannot be read: leases need it. */
export function createUptime(): () => Duration {
  const file = openUptime();
  const buffer = Buffer.alloc(64);
  return () => {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    const seconds = Number.parseFloat(buffer.toString('latin1', 0, length));
    if (!Number.isFinite(seconds)) throw new Error('/proc/uptime holds no number');
    return seconds * 1_000;
  };
}

/** The kernel's name for this life of the host. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

function openUptime(): number {
  try {
    return openSync('/proc/uptime', 'r');
  } catch (cause) {
    throw new Error(
      '/proc/uptime cannot be read: koi needs Linux and a mounted /proc, ' +
        'to count the time that this host was suspended',
      { cause },
    );
  }
}
