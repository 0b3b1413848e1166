// Calls a daemon with `buf curl`, which knows nothing of koi: it asks the daemon itself, by server reflection, what
// there is to call. Answers are proto3 JSON.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUF = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));

/** How long one call may take on a busy machine, in milliseconds. */
const CALL_MAX = 20_000;

/** host:port, or the path of a socket file. */
export type Target = string;

/** Any JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A call that was refused. */
export interface Refusal {
  /** The status code's name: "not_found". */
  readonly code: string;
  readonly message: string;
  /** The reason of the google.rpc.ErrorInfo; empty where there is none. */
  readonly reason: string;
}

/** What has come of a call. */
export type Outcome =
  | { readonly answer: Json; readonly refusal?: never }
  | { readonly refusal: Refusal; readonly answer?: never };

function start(target: Target, args: readonly string[]): ChildProcess {
  const socket = target.startsWith('/') ? ['--unix-socket', target] : [];
  const common = ['curl', '--http2-prior-knowledge', '--protocol', 'grpc', ...socket];
  return spawn(BUF, [...common, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function url(target: Target, path = ''): string {
  return `http://${target.startsWith('/') ? 'localhost' : target}${path}`;
}

async function run(
  child: ChildProcess,
): Promise<{ out: string; err: string; code: number | null }> {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (data) => {
    said.out += data;
  });
  child.stderr?.on('data', (data) => {
    said.err += data;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), CALL_MAX);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { ...said, code };
}

/** Every method that a daemon tells of: "koi.admin.v1.AdminService/GetCluster". */
export async function listMethods(target: Target): Promise<readonly string[]> {
  const { out, err, code } = await run(start(target, ['--list-methods', url(target)]));
  if (code !== 0) throw new Error(`buf curl --list-methods failed: ${err}`);
  return out.trim().split('\n');
}

/** One unary call. `more` are further arguments of `buf curl`. */
export async function call(
  target: Target,
  method: string,
  request: Json = {},
  more: readonly string[] = [],
): Promise<Outcome> {
  const args = [...more, '-d', JSON.stringify(request), url(target, `/${method}`)];
  const { out, err, code } = await run(start(target, args));
  if (code === 0) return { answer: objectIn(out) };
  if (!err.trimStart().startsWith('{')) throw new Error(`buf curl ${method} failed: ${err}`);
  return { refusal: refusalIn(objectIn(err)) };
}

/** A server stream: collects what it tells until it is ended. */
export class WatchedStream {
  readonly #child: ChildProcess;
  readonly #told: Json[] = [];
  #rest = '';
  #error = '';

  constructor(target: Target, method: string, request: Json = {}) {
    this.#child = start(target, ['-d', JSON.stringify(request), url(target, `/${method}`)]);
    this.#child.stdout?.on('data', (data) => this.#take(String(data)));
    this.#child.stderr?.on('data', (data) => {
      this.#error += data;
    });
  }

  /** Everything so far, oldest first. */
  get told(): readonly Json[] {
    return this.#told;
  }

  /** What was said of errors. */
  get error(): string {
    return this.#error;
  }

  /** Waits until what was told shows something. */
  async until(what: string, holds: (told: readonly Json[]) => boolean): Promise<void> {
    const deadline = performance.now() + CALL_MAX;
    while (!holds(this.#told)) {
      if (performance.now() > deadline || this.#child.exitCode !== null) {
        const told = JSON.stringify(this.#told.slice(-3));
        throw new Error(`it never told ${what}; last: ${told} ${this.#error}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  /** An object ends with a brace at the beginning of a line; an empty one is a line of its own. */
  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    let object = '';
    for (const line of lines) {
      object += `${line}\n`;
      if (line !== '}' && line !== '{}') continue;
      this.#told.push(objectIn(object));
      object = '';
    }
    this.#rest = object + this.#rest;
  }
}

function objectIn(text: string): Json {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`no object: ${text}`);
  return { ...parsed };
}

function refusalIn({ code, message, details }: Json): Refusal {
  const [detail]: unknown[] = Array.isArray(details) ? details : [];
  const value =
    typeof detail === 'object' && detail !== null && 'value' in detail ? String(detail.value) : '';
  // A google.rpc.ErrorInfo: the reason, then the domain, two bytes between them.
  const info = Buffer.from(value, 'base64').toString('latin1');
  const reason = /([A-Z_]+)..koi$/s.exec(info)?.[1] ?? '';
  return { code: String(code), message: String(message), reason };
}
