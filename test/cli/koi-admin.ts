// One run of koi-admin inside the test's own process: what it printed, and its exit code.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { run } from '../../services/admin-cli/src/program.ts';
import type { Screen } from '../../services/admin-cli/src/terminal.ts';

/** What a run left behind. */
export interface Result {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** The surroundings of a run. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** What a person answers to a question; absent: nobody is there. */
  readonly typed?: string;
  readonly colour?: boolean;
  /** Whether a person waits for the end. */
  readonly watched?: boolean;
  readonly screen?: Screen;
  /** The wall clock, in milliseconds since 1970. */
  readonly wall?: number;
}

/** A run that is under way. */
export interface Running {
  /** What was printed by now. */
  readonly printed: { readonly out: string; readonly err: string };
  /** Ctrl-C. */
  interrupt(): void;
  /** Resolves once the text was printed somewhere. */
  until(text: string): Promise<void>;
  readonly result: Promise<Result>;
}

/** Runs one command line to its end. */
export function koiAdmin(
  args: readonly string[],
  surroundings: Surroundings = {},
): Promise<Result> {
  return startKoiAdmin(args, surroundings).result;
}

/** Begins to run one command line. */
export function startKoiAdmin(
  args: readonly string[],
  { env = {}, typed, colour = false, watched = false, screen, wall = 0 }: Surroundings = {},
): Running {
  const printed = { out: '', err: '' };
  const interrupts = new Set<() => void>();
  const looking = new Set<() => void>();
  const print = (where: 'out' | 'err') => (text: string) => {
    printed[where] += text;
    for (const look of looking) look();
  };
  const exit = run(args, {
    out: print('out'),
    err: print('err'),
    env,
    colour,
    watched,
    screen,
    ask:
      typed === undefined
        ? undefined
        : async (question) => {
            print('err')(`${question}\n`);
            return typed;
          },
    onInterrupt(listener) {
      interrupts.add(listener);
      return () => void interrupts.delete(listener);
    },
    wall: () => wall,
  });
  return {
    printed,
    interrupt: () => {
      for (const listener of interrupts) listener();
    },
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!printed.out.includes(text) && !printed.err.includes(text)) return;
          looking.delete(look);
          resolve();
        };
        looking.add(look);
        look();
        const ended = () => reject(new Error(`it ended with ${JSON.stringify(printed)}`));
        exit.then(ended, ended);
      }),
    result: exit.then((code) => ({ exit: code, ...printed })),
  };
}

/** Writes a configuration file that ends with the test. */
export function writeConfig(t: Pick<ExecutionContext, 'teardown'>, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'koi-cli-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'koi.yaml');
  writeFileSync(file, text);
  return file;
}

/** Writes a configuration that lists these electors, in this order, and no socket that answers. */
export function writeElectors(
  t: Pick<ExecutionContext, 'teardown'>,
  ...addresses: readonly string[]
): string {
  const electors = addresses.map(
    (address, index) =>
      `  - { name: ${String.fromCharCode(97 + index)}, address: "${address}", priority: ${9 - index} }`,
  );
  return writeConfig(
    t,
    [
      'cluster: shop',
      'name: a',
      'electors:',
      ...electors,
      'elector: { socket: /nonexistent/e.sock }',
      '',
    ].join('\n'),
  );
}

/** A port that nobody listens on: one that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The port on which a server listens. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
