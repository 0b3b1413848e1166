// M4: the self-fence hook, the last rung of the ladder: an executable of the operator's that makes sure
// that this host does nothing more, told why. It is bounded, and whoever calls it does not wait for it.
import { spawn } from 'node:child_process';
import type { Duration } from '@koi/lib/time';

/** How long the hook may take. The deadman has the same bound. */
export const FENCE_TIMEOUT: Duration = 10_000;

/** What is called, and with which environment besides KOI_REASON and KOI_EPOCH. */
export interface FenceHook {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Takes sentences about what became of it. */
export interface FenceLog {
  warn(text: string): void;
  error(text: string): void;
}

export interface FenceCall {
  readonly reason: string;
  readonly epoch: number;
  /** Another bound than usual. */
  readonly timeout?: Duration;
}

/** Calls the hook. Resolves when it has ended or was ended, and never rejects. */
export function callFence(
  hook: FenceHook | undefined,
  call: FenceCall,
  log: FenceLog,
): Promise<void> {
  if (hook === undefined) {
    log.error(`no self-fence hook is configured: ${call.reason}`);
    return Promise.resolve();
  }
  const { file, environment } = hook;
  const timeout = call.timeout ?? FENCE_TIMEOUT;
  log.error(`the self-fence hook ${file} is called: ${call.reason}`);
  return new Promise((resolve) => {
    const child = spawn(file, [], {
      cwd: '/',
      env: { ...environment, KOI_REASON: call.reason, KOI_EPOCH: String(call.epoch) },
      // A group of its own, so that it can be ended as a whole.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) killGroup(child.pid);
    }, timeout);
    const end = (say: () => void): void => {
      clearTimeout(timer);
      say();
      resolve();
    };
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      end(() => log.error(`the self-fence hook ${file} cannot be run: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      const how = late ? `was killed after ${timeout} ms` : `ended with ${code ?? signal}`;
      const say = code === 0 ? log.warn : log.error;
      end(() => say.call(log, `the self-fence hook ${file} ${how}`));
    });
  });
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}
