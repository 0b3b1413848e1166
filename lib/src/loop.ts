// The loop around a core: the only place where inputs become steps and effects become acts, and the
// owner of the only timer. It takes its clock and what it acts on from outside, so that a simulator
// runs the same code.
import { LagWindow } from './lag-window.ts';
import type { Clock, Duration, Instant, WallTime } from './time.ts';

/** What the loop itself tells a core, beside what it is fed. */
export type LoopInput =
  | { readonly kind: 'time' }
  | { readonly kind: 'wall'; readonly offset: WallTime }
  | { readonly kind: 'late'; readonly away: Duration };

/** A function of what it is told: no clock, no I/O. */
export interface Core<Input, Effect> {
  /** The earliest moment at which time alone changes anything. */
  readonly deadline: Instant;
  /** Takes in one fact and returns what is to be done about it, in that order. */
  step(input: Input | LoopInput, now: Instant): readonly Effect[];
}

export interface LoopOptions<Input, Effect> {
  readonly core: Core<Input, Effect>;
  readonly clock: Clock;
  /** Does what the core asks for. May feed the loop; must not wait. */
  readonly act: (effect: Effect, now: Instant) => void;
  /** Told of the first exception in the core or in an act; the loop is stopped then. */
  readonly onFault: (error: unknown) => void;
  /** Told at each deadline how late the loop came to it. */
  readonly onLag?: ((lag: Duration, now: Instant) => void) | undefined;
}

export interface Loop<Input> {
  /** Tells the core the wall clock and begins. What was fed before waits for this. */
  start(): void;
  /** Tells the core a fact. Acts on what follows from it before it returns, unless called in an act. */
  feed(input: Input): void;
  /** How late the loop came to a deadline at the worst within the last minute. */
  lag(): Duration;
  /** Ends it: nothing is stepped or acted on any more. */
  stop(): void;
}

/** A loop that is away for longer than this says so (P10). */
export const LATE_MIN: Duration = 50;

/** By how much the wall clock may move against our own before the core is told. */
export const WALL_STEP_MIN: Duration = 100;

/** How many inputs may arise while others are acted on: more is a fault of ours. */
export const QUEUE_MAX = 10_000;

/** Makes a loop; `start` begins it. */
export function createLoop<Input, Effect>(options: LoopOptions<Input, Effect>): Loop<Input> {
  const { core, clock, act } = options;
  const queue: Input[] = [];
  let started = false;
  let running = false;
  let stopped = false;
  let cancel: (() => void) | undefined;
  /** When the timer is due; `NEVER` where none is needed. */
  let due: Instant = Number.POSITIVE_INFINITY;
  let wallOffset: WallTime | undefined;
  const lag = new LagWindow();

  function step(input: Input | LoopInput, now: Instant): void {
    if (stopped) return;
    for (const effect of core.step(input, now)) {
      act(effect, now);
      // An act may end the loop.
      if (stopped) return;
    }
  }

  /** P10: first what has run out, then the mail. */
  function catchUp(now: Instant): void {
    const away = now - due;
    if (away > 0) {
      lag.note(away, now);
      due = Number.POSITIVE_INFINITY;
    }
    if (away > LATE_MIN) step({ kind: 'late', away }, now);
    const offset = clock.wall() - now;
    if (wallOffset === undefined || Math.abs(offset - wallOffset) > WALL_STEP_MIN) {
      wallOffset = offset;
      step({ kind: 'wall', offset }, now);
    }
    if (core.deadline <= now) step({ kind: 'time' }, now);
    // After everything else: what has run out does not wait for words.
    if (away >= 0 && !stopped) options.onLag?.(away, now);
  }

  function run(): void {
    // An input that arises while effects are acted on waits for the rest of them: their order is law.
    if (running || stopped || !started) return;
    running = true;
    try {
      do {
        const now = clock.now();
        catchUp(now);
        const input = queue.shift();
        if (input !== undefined) step(input, now);
      } while (queue.length > 0);
      arm();
    } catch (error) {
      fail(error);
    } finally {
      running = false;
    }
  }

  function arm(): void {
    if (stopped) return;
    const deadline = core.deadline;
    if (cancel !== undefined && deadline === due) return;
    cancel?.();
    // A deadline in the past is for the next turn: the loop must come to read its mail.
    due = Math.max(deadline, clock.now());
    cancel = clock.at(due, () => {
      cancel = undefined;
      run();
    });
  }

  function fail(error: unknown): void {
    stop();
    options.onFault(error);
  }

  function stop(): void {
    stopped = true;
    queue.length = 0;
    cancel?.();
    cancel = undefined;
  }

  return {
    start() {
      started = true;
      run();
    },
    feed(input) {
      if (stopped) return;
      if (queue.length >= QUEUE_MAX) fail(new Error(`${QUEUE_MAX} inputs wait for the loop`));
      queue.push(input);
      run();
    },
    lag: () => lag.worst(clock.now()),
    stop,
  };
}
