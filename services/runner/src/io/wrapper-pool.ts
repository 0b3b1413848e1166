// Wrappers in store for each service, already in its cgroup. To enter one the kernel waits for a grace
// period, 10 to 30 ms on an idle host, and to start any process takes Node a few: no demotion has that time.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duration } from '@koi/lib/time';

/** How many are kept ready for a service: a script often follows another one at once. */
export const READY_EACH = 2;

/** For how many services any are kept ready. */
export const SERVICES_READY_MAX = 64;

/** New ones are made when no script has begun or ended for so long. */
const QUIET: Duration = 30;

/** How far apart new ones are made. */
const SPACING: Duration = 10;

/** How long wrappers that nobody needs any more have to be gone. */
const END_MAX: Duration = 500;

const SHELL = '/bin/sh';

/** How a wrapper ended: with an exit code, or by a signal. */
export type WrapperExit = (code: number | undefined, signal: string) => void;

export interface WrapperPoolOptions {
  /** The wrapper's text. */
  readonly file: string;
  /** The file by which a service's cgroup is entered; empty: there is none. */
  readonly entranceOf: (service: string) => string;
}

/** A process that waits for one order. */
export class Wrapper {
  readonly #child: ChildProcess;
  #onExit: WrapperExit | undefined;
  #exited: readonly [number | undefined, string] | undefined;

  /** Throws where no process can be made. */
  constructor(file: string, entrance: string, service: string) {
    this.#child = spawn(SHELL, [file, entrance, service], {
      // What a script finds is all in its order.
      env: {},
      cwd: '/',
      // A group of its own, so that it can be ended as a whole.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Whatever goes wrong with it, its end tells.
    this.#child.stdin?.on('error', () => {});
    this.#child.on('error', () => {});
    this.#child.once('exit', (code, signal) => {
      const exited = [code ?? undefined, signal ?? ''] as const;
      this.#exited = exited;
      this.#onExit?.(...exited);
    });
    if (this.#child.pid === undefined) throw new Error(`${SHELL} cannot be started`);
  }

  /** Its process, which is its group as well. */
  get id(): number {
    return this.#child.pid ?? 0;
  }

  get exited(): boolean {
    return this.#exited !== undefined;
  }

  /** Gives it the directory of its order. `onExit` is not called before this has returned. */
  begin(directory: string, onExit: WrapperExit): void {
    this.#onExit = onExit;
    this.#child.stdin?.end(`${directory}\n`);
    const exited = this.#exited;
    if (exited !== undefined) setImmediate(() => onExit(...exited));
  }

  /** It is not needed. */
  dismiss(): void {
    this.#child.stdin?.destroy();
    this.#child.kill('SIGKILL');
  }

  /** This process may end before it does. */
  leave(): void {
    this.#child.stdin?.destroy();
    this.#child.unref();
  }

  /** Calls back when it is gone, if it is not. */
  onceGone(callback: () => void): void {
    if (this.exited) callback();
    else this.#child.once('exit', callback);
  }
}

/** The wrappers of all services. */
export class WrapperPool {
  readonly #options: WrapperPoolOptions;
  /** Those that are ready, by service; for no other service any is made. */
  readonly #ready = new Map<string, Wrapper[]>();
  #filling: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WrapperPoolOptions) {
    this.#options = options;
  }

  /** Keeps wrappers ready for these services, and for no others. */
  keepFor(services: readonly string[]): void {
    const wanted = new Set(services.slice(0, SERVICES_READY_MAX));
    for (const service of [...this.#ready.keys()]) {
      if (wanted.has(service)) continue;
      this.dismiss(service);
      this.#ready.delete(service);
    }
    for (const service of wanted) {
      if (!this.#ready.has(service)) this.#ready.set(service, []);
    }
    if (this.#filling === undefined && this.#neediest !== undefined) this.defer();
  }

  /** One that is ready, if there is any. */
  take(service: string): Wrapper | undefined {
    this.defer();
    const ready = this.#ready.get(service);
    for (let wrapper = ready?.shift(); wrapper !== undefined; wrapper = ready?.shift()) {
      if (!wrapper.exited) return wrapper;
    }
    return undefined;
  }

  /** A new one. Throws where no process can be made. */
  make(service: string): Wrapper {
    const { file, entranceOf } = this.#options;
    return new Wrapper(file, entranceOf(service), service);
  }

  /** Ends those that are ready; others are made in their place. */
  dismiss(service: string): void {
    for (const wrapper of this.#ready.get(service)?.splice(0) ?? []) wrapper.dismiss();
    this.defer();
  }

  /** Something happens here: what is made for later can wait until that is over. */
  defer(): void {
    clearTimeout(this.#filling);
    if (!this.#closed) this.#filling = setTimeout(() => this.#fill(), QUIET).unref();
  }

  /** Keeps none ready any more: they end by themselves when this process does. */
  leave(): void {
    for (const wrapper of this.#end()) wrapper.leave();
  }

  /** Ends all that are ready, and waits until they are gone. */
  async close(): Promise<void> {
    const wrappers = this.#end();
    for (const wrapper of wrappers) wrapper.dismiss();
    const gone = wrappers.map(
      (wrapper) => new Promise<void>((resolve) => wrapper.onceGone(resolve)),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, END_MAX);
    });
    await Promise.race([Promise.all(gone), late]);
    clearTimeout(timer);
  }

  /** The service that has fewest, if any has too few. */
  get #neediest(): string | undefined {
    const [first] = [...this.#ready]
      .filter(([, ready]) => ready.length < READY_EACH)
      .sort(([, one], [, other]) => one.length - other.length);
    return first?.[0];
  }

  // One at a time: to make a process takes this one milliseconds, and the loop stands still for that.
  #fill(): void {
    this.#filling = undefined;
    const service = this.#neediest;
    if (service === undefined) return;
    try {
      const wrapper = this.make(service);
      this.#ready.get(service)?.push(wrapper);
      wrapper.onceGone(() => this.#forget(service, wrapper));
    } catch {
      // Without one in store a script begins later; if none can be made then, it says so.
      return;
    }
    if (this.#neediest === undefined) return;
    this.#filling = setTimeout(() => this.#fill(), SPACING).unref();
  }

  #forget(service: string, wrapper: Wrapper): void {
    const ready = this.#ready.get(service);
    const index = ready?.indexOf(wrapper) ?? -1;
    if (index >= 0) ready?.splice(index, 1);
  }

  #end(): readonly Wrapper[] {
    this.#closed = true;
    clearTimeout(this.#filling);
    const wrappers = [...this.#ready.values()].flat();
    this.#ready.clear();
    return wrappers;
  }
}
