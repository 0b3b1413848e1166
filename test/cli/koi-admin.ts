// One run of koi-admin inside the test's own process: what it printed, and its exit code.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { run } from '../../services/admin-cli/src/program.ts';

/** What a run left behind. */
export interface Result {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line; `typed` is what a person answers to a question, undefined: nobody is there. */
export async function koiAdmin(
  args: readonly string[],
  { env = {}, typed }: { env?: Record<string, string>; typed?: string } = {},
): Promise<Result> {
  let [out, err] = ['', ''];
  const exit = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    colour: false,
    ask:
      typed === undefined
        ? undefined
        : async (question) => {
            err += `${question}\n`;
            return typed;
          },
  });
  return { exit, out, err };
}

/** Writes a configuration file that ends with the test. */
export function writeConfig(t: ExecutionContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'koi-cli-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'koi.yaml');
  writeFileSync(file, text);
  return file;
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
