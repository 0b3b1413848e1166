// How a daemon's process ends: by signal, by a fault of our own, and never because nobody reads its log.

/** Exit codes of the daemons. */
export const EXIT_STOPPED = 0;
/** An internal fault: safe to restart at once, since leases run out. */
export const EXIT_FAULT = 70;
/** The configuration, or what is on the disk, needs a human. */
export const EXIT_CONFIGURATION = 78;

/** How long the log may take to leave the process after a fault, in milliseconds. */
const LAST_WORDS = 100;

/** Calls back at each SIGTERM and SIGINT. Returns what ends that. */
export function onStop(callback: (signal: 'SIGTERM' | 'SIGINT') => void): () => void {
  const terminate = () => callback('SIGTERM');
  const interrupt = () => callback('SIGINT');
  process.on('SIGTERM', terminate);
  process.on('SIGINT', interrupt);
  return () => {
    process.off('SIGTERM', terminate);
    process.off('SIGINT', interrupt);
  };
}

/** Calls back at each SIGHUP, which without this would end the process. */
export function onReload(callback: () => void): void {
  process.on('SIGHUP', callback);
}

/**
 * Ends the process with `EXIT_FAULT` at the first error that nobody caught, after it was reported.
 * Returns what does the same with an error that somebody caught.
 */
export function exitOnFault(report: (error: unknown) => void): (error: unknown) => void {
  let fault = false;
  const end = (error: unknown) => {
    if (closedPipe(error) || fault) return;
    fault = true;
    // Whatever happens while reporting: a daemon at fault must not go on.
    setTimeout(() => process.exit(EXIT_FAULT), LAST_WORDS);
    report(error);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  return end;
}

/** A reader of stdout or stderr that went away must not end a daemon: its words are lost, no more. */
export function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!closedPipe(error)) throw error;
    });
  }
}

function closedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
