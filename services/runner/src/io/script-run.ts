// One script under way, whether this process has begun it or an earlier one: how it is ended early, and
// what its end is taken for. The first reason wins.
import type { Socket } from 'node:net';
import type { Duration } from '@koi/lib/time';
import type { ScriptEnd } from '../core/input.ts';
import { watchKill } from './kill-watch.ts';
import { type ProcessIdentity, readProcess } from './living-process.ts';
import type { OutputFifo } from './output-fifo.ts';
import { signalGroup } from './process-group.ts';
import type { RunDirectory, RunOrder } from './run-directory.ts';
import { recordedEnd } from './script-end.ts';
import type { ScriptState } from './script-state.ts';
import { EXIT_UNPLACED } from './script-wrapper.ts';
import type { Wrapper } from './wrapper-pool.ts';

/** How long a script and its children have between SIGTERM and SIGKILL. */
export const TERM_GRACE: Duration = 1_000;

/** A status that is cut short has no longer than this: a demotion may wait for it whose lease is over (M4). */
export const STATUS_TERM_GRACE: Duration = 10;

/** Node's timers cannot be longer. */
const TIMER_MAX: Duration = 2 ** 31 - 1;

const KILLED: ScriptEnd = { kind: 'signalled', signal: 'SIGKILL' };

/** The end of a script whose wrapper has left no word. */
export const UNSEEN_END: ScriptEnd = { kind: 'unknown', reason: 'its wrapper was killed' };

export interface ScriptRunOptions {
  readonly directory: RunDirectory;
  readonly output: OutputFifo;
  /** How long it may still take. */
  readonly left: Duration;
  readonly state: Pick<ScriptState, 'trees' | 'wrappers'>;
  /** Told once its process exists, and once it has ended; not before a call has returned. */
  readonly onStarted: (processId: number) => void;
  readonly onEnded: (end: ScriptEnd) => void;
  /** It has ended as far as anybody can wait for it, but SIGKILL did not end all of it. */
  readonly onOutlived: () => void;
}

/** A script from its order to its end. */
export class ScriptRun {
  readonly directory: RunDirectory;
  readonly #options: ScriptRunOptions;
  /** The wrapper, where it is a child of this process. */
  #wrapper: Wrapper | undefined;
  /** What tells that the wrapper is gone, where it is not. */
  #life: Socket | undefined;
  #leader: ProcessIdentity | undefined;
  #reason: ScriptEnd | undefined;
  #timer: NodeJS.Timeout | undefined;
  #cancelWatch: (() => void) | undefined;
  #told = false;
  #killed = false;
  #over = false;

  constructor(options: ScriptRunOptions) {
    this.#options = options;
    this.directory = options.directory;
    const { timeout } = this.order;
    const timeOut = (): void => this.end({ kind: 'timed-out', after: timeout });
    this.#timer = setTimeout(timeOut, Math.min(Math.max(0, options.left), TIMER_MAX));
  }

  get order(): RunOrder {
    return this.directory.order;
  }

  /** Its process group, if it is known by now. */
  get group(): number | undefined {
    this.#leader ??= this.directory.wrapper;
    return this.#leader?.pid;
  }

  /** Has a wrapper run it. Throws where none can be made. */
  begin(): void {
    this.#begin(this.#options.state.wrappers.take(this.order.service));
  }

  /** Follows a wrapper that an earlier process has begun. `life` ends with it. */
  adopt(life: Socket): void {
    this.#life = life;
    this.#tellSoon();
  }

  /** The adopted wrapper is gone. */
  onGone(): void {
    this.#onEnd(UNSEEN_END);
  }

  /** Ends it early: its whole group gets SIGTERM, and SIGKILL after a grace. */
  end(reason: ScriptEnd): void {
    if (this.#reason !== undefined || this.#over) return;
    this.#reason = reason;
    clearTimeout(this.#timer);
    this.#signal('SIGTERM');
    const isUrgent = reason.kind === 'cut-short' && this.order.action === 'status';
    const grace = isUrgent ? STATUS_TERM_GRACE : TERM_GRACE;
    this.#timer = setTimeout(() => this.#signal('SIGKILL'), grace);
  }

  /** Kills its group at once; it may not be in its service's tree yet. */
  kill(): void {
    this.#killed = true;
    this.#signal('SIGKILL');
  }

  /** Lets it go on without being followed. */
  leave(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#cancelWatch?.();
    this.#life?.destroy();
    this.#wrapper?.leave();
    this.#options.output.release();
  }

  #begin(ready: Wrapper | undefined): void {
    const { trees, wrappers } = this.#options.state;
    const { service } = this.order;
    const wrapper = ready ?? wrappers.make(service);
    this.#wrapper = wrapper;
    this.#leader = { pid: wrapper.id, start: readProcess(wrapper.id)?.start ?? '' };
    trees.began(service, this.#leader);
    wrapper.begin(this.directory.path, (code, signal) => {
      const end = wrapperEnd(code, signal);
      // One that was ready may have been killed just before it was needed.
      const lost = ready !== undefined && signal !== '' && this.directory.wrapper === undefined;
      if (lost && this.#reason === undefined && !this.#killed) this.#beginAgain();
      else this.#onEnd(end);
    });
    this.#tellSoon();
  }

  #beginAgain(): void {
    if (this.#over) return;
    try {
      this.#begin(undefined);
    } catch (error) {
      this.#onEnd({ kind: 'not-started', reason: String(error) });
    }
  }

  #signal(signal: NodeJS.Signals): void {
    const { group } = this;
    if (group !== undefined) signalGroup(group, signal);
  }

  /** The wrapper is gone. `unrecorded`: what that means where it has left no word. */
  #onEnd(unrecorded: ScriptEnd): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    const { exit } = this.directory;
    const how = exit === undefined ? unrecorded : recordedEnd(exit, this.order);
    const end = this.#reason ?? (this.#killed && exit === undefined ? KILLED : how);
    const { group } = this;
    if (group === undefined || (this.#reason === undefined && exit !== undefined)) {
      this.#finish(end);
      return;
    }
    // Nobody waits any more for the children of a script that was ended: they end with it. And what was
    // killed together with its wrapper may take a moment longer to die.
    signalGroup(group, 'SIGKILL');
    const { trees } = this.#options.state;
    const isGone = (): boolean => trees.membersOf(this.order.service, group).length === 0;
    if (isGone()) {
      this.#finish(end);
      return;
    }
    this.#cancelWatch = watchKill({
      remains: { isGone, hints: [] },
      onGone: () => this.#finish(end),
      onLate: () => {
        this.#options.onOutlived();
        this.#finish(end);
      },
    });
  }

  #finish(end: ScriptEnd): void {
    this.#tell();
    this.leave();
    this.#options.onEnded(end);
  }

  #tellSoon(): void {
    setImmediate(() => this.#tell());
  }

  #tell(): void {
    const { group } = this;
    if (this.#told || this.#over || group === undefined) return;
    this.#told = true;
    this.#options.onStarted(group);
  }
}

function wrapperEnd(code: number | undefined, signal: string): ScriptEnd {
  if (signal !== '') return { kind: 'signalled', signal };
  const reason =
    code === EXIT_UNPLACED
      ? 'its wrapper could not enter its cgroup, or somebody has taken the order back'
      : `its wrapper has failed with ${code}`;
  return { kind: 'not-started', reason };
}
