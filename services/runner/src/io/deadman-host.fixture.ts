// A koi-runner with nothing in it but its side of the deadman, for tests to kill, stop and continue. It
// takes commands as lines of JSON and tells what happens in the same way.
import { createInterface } from 'node:readline';
import { createClock } from '@koi/lib/clock';
import { createUptime, readBootId } from '@koi/lib/uptime';
import { createDeadman } from './deadman.ts';
import type { DeadmanResult } from './deadman-result.ts';
import type { WatchedService } from './deadman-watch.ts';
import type { FenceHook } from './fence.ts';

/** How a host is started: the only argument. */
export interface HostOptions {
  readonly stateDirectory: string;
  readonly demoteGrace: number;
  readonly heartbeat: number;
  readonly fence: FenceHook | undefined;
}

export type HostCommand =
  | { readonly kind: 'open' }
  | { readonly kind: 'watch'; readonly services: readonly WatchedService[] }
  /** Leases for a while from now, once or again and again. */
  | {
      readonly kind: 'lease';
      readonly epoch: number;
      readonly length: number;
      readonly every?: number;
      readonly maintenance?: boolean;
    }
  /** No more renewals. */
  | { readonly kind: 'cease' }
  | { readonly kind: 'claim'; readonly epoch: number; readonly force?: boolean }
  | { readonly kind: 'result'; readonly epoch: number }
  | { readonly kind: 'armed' }
  /** Does nothing else for a while, as a stuck loop. */
  | { readonly kind: 'hang'; readonly length: number }
  | { readonly kind: 'detach' }
  | { readonly kind: 'end' };

export type HostNews =
  | {
      readonly kind: 'answer';
      readonly value: boolean;
      readonly result?: DeadmanResult | undefined;
      /** When the lease ends, by the wall clock. */
      readonly leaseEnd?: number;
    }
  | { readonly kind: 'acted'; readonly result: DeadmanResult; readonly at: number }
  | { readonly kind: 'log'; readonly text: string };

const options: HostOptions = JSON.parse(process.argv[2] ?? '');
const clock = createClock();
const tell = (news: HostNews): void => {
  process.stdout.write(`${JSON.stringify(news)}\n`);
};
const log = (text: string): void => tell({ kind: 'log', text });
const deadman = createDeadman({
  ...options,
  clock,
  uptime: createUptime(),
  boot: readBootId(),
  log: { info: log, warn: log, error: log },
  onActed: (result) => tell({ kind: 'acted', result, at: Date.now() }),
});
let renewals: NodeJS.Timeout | undefined;

async function obey(command: HostCommand): Promise<Omit<HostNews & { kind: 'answer' }, 'kind'>> {
  switch (command.kind) {
    case 'open':
      await deadman.open();
      return { value: true };
    case 'watch':
      return { value: deadman.watch(command.services) };
    case 'lease': {
      const { epoch, length, every, maintenance = false } = command;
      const renew = (): boolean => deadman.lease(epoch, clock.now() + length, maintenance);
      clearInterval(renewals);
      if (every !== undefined) renewals = setInterval(renew, every);
      return { value: renew(), leaseEnd: Date.now() + length };
    }
    case 'cease':
      clearInterval(renewals);
      return { value: true };
    case 'claim':
      return { value: deadman.claim(command.epoch, command.force) };
    case 'result': {
      const result = deadman.result(command.epoch);
      return { value: result !== undefined, result };
    }
    case 'armed':
      return { value: deadman.armed };
    case 'hang': {
      const until = Date.now() + command.length;
      while (Date.now() < until);
      return { value: true };
    }
    case 'detach':
      deadman.detach();
      return { value: true };
    case 'end':
      await deadman.end();
      return { value: true };
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const command: HostCommand = JSON.parse(line);
  obey(command).then(
    (answer) => tell({ kind: 'answer', ...answer }),
    (error: unknown) => log(`failed: ${error}`),
  );
});
// The one who gave the orders is gone: nothing of this is left behind.
process.stdin.on('end', () => process.exit(0));
