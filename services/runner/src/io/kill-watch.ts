// Waits until what was killed is gone: a kill is done when nothing is left, not when it was sent.
import { type FSWatcher, watch } from 'node:fs';
import type { Duration } from '@koi/lib/time';
import type { Remains } from './process-tree.ts';

/** How soon it is looked again where nothing tells; each time it takes twice as long, up to the second. */
export const GONE_POLL_MIN: Duration = 5;
export const GONE_POLL_MAX: Duration = 500;

/** What a SIGKILL has not ended by then hangs in the kernel: that is told, and waited for further on. */
export const GONE_WAIT_MAX: Duration = 2_000;

export interface KillWatchOptions {
  readonly remains: Remains;
  /** Nothing is left. Never called before `watchKill` has returned. */
  readonly onGone: () => void;
  /** Something is left after `GONE_WAIT_MAX`. */
  readonly onLate: () => void;
}

/** Looks after a kill. Returns what ends that. */
export function watchKill({ remains, onGone, onLate }: KillWatchOptions): () => void {
  const watchers: FSWatcher[] = [];
  let poll: Duration = GONE_POLL_MIN;
  let late: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const end = (): void => {
    over = true;
    clearTimeout(late);
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
  const look = (): void => {
    if (over || !remains.isGone()) return;
    end();
    onGone();
  };
  const lookAgain = (): void => {
    look();
    if (over) return;
    timer = setTimeout(lookAgain, poll);
    poll = Math.min(poll * 2, GONE_POLL_MAX);
  };

  for (const file of remains.hints) {
    try {
      watchers.push(watch(file, look).on('error', () => {}));
    } catch {
      // It is gone already, or the host has no watches left: looking will do.
    }
  }
  late = setTimeout(onLate, GONE_WAIT_MAX);
  timer = setTimeout(lookAgain, 0);
  return end;
}
