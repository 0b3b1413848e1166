// Wakes everybody who watches when something has changed. Changes while a watcher is busy count as one.

export interface ChangeSignal {
  /** Something has changed. */
  raise(): void;
  /**
   * Yields at once, then after each change, until the signal is aborted. Yields nothing but the
   * occasion: the watcher looks for himself.
   */
  watch(signal: AbortSignal): AsyncGenerator<void, void, undefined>;
}

export function createChangeSignal(): ChangeSignal {
  let changes = 0;
  const waiting = new Set<() => void>();

  function wakeAll(): void {
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  }

  return {
    raise() {
      changes += 1;
      wakeAll();
    },
    async *watch(signal) {
      signal.addEventListener('abort', wakeAll);
      try {
        let seen = -1;
        while (!signal.aborted) {
          if (seen === changes) await new Promise<void>((wake) => waiting.add(wake));
          if (signal.aborted || seen === changes) continue;
          seen = changes;
          yield;
        }
      } finally {
        signal.removeEventListener('abort', wakeAll);
      }
    },
  };
}
