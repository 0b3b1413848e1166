// The loop around a core, over a clock that a test turns by hand.
import test from 'ava';
import { type Core, createLoop, type LoopInput, QUEUE_MAX } from './loop.ts';
import { type Clock, type Instant, NEVER } from './time.ts';

type Input = { readonly kind: 'word'; readonly word: string };
type Effect = { readonly kind: 'say'; readonly text: string };

class FakeClock implements Clock {
  time = 1_000;
  wallAhead = 50_000;
  #timers: { instant: Instant; callback: () => void }[] = [];

  now(): Instant {
    return this.time;
  }

  wall(): number {
    return this.time + this.wallAhead;
  }

  at(instant: Instant, callback: () => void): () => void {
    const timer = { instant, callback };
    if (instant !== NEVER) this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get timers(): readonly Instant[] {
    return this.#timers.map((timer) => timer.instant);
  }

  /** Moves on and fires what is due. */
  advance(duration: number): void {
    this.time += duration;
    const due = this.#timers.filter((timer) => timer.instant <= this.time);
    this.#timers = this.#timers.filter((timer) => timer.instant > this.time);
    for (const timer of due) timer.callback();
  }
}

/** Notes every step; answers as the test says; wants to be woken each 100 ms. */
class FakeCore implements Core<Input, Effect> {
  readonly trace: string[] = [];
  deadline: Instant = 1_100;
  answer: (input: Input | LoopInput) => readonly string[] = () => [];

  step(input: Input | LoopInput, now: Instant): readonly Effect[] {
    const what =
      input.kind === 'word'
        ? input.word
        : input.kind === 'late'
          ? `late ${input.away}`
          : input.kind;
    this.trace.push(`${now} ${what}`);
    if (this.deadline <= now) this.deadline = now + 100;
    return this.answer(input).map((text) => ({ kind: 'say', text }));
  }
}

function build(act?: (effect: Effect, feed: (word: string) => void) => void) {
  const clock = new FakeClock();
  const core = new FakeCore();
  const faults: unknown[] = [];
  const lags: string[] = [];
  const loop = createLoop<Input, Effect>({
    core,
    clock,
    onLag: (lag, now) => lags.push(`${now} ${lag} after ${core.trace.at(-1)}`),
    act(effect) {
      core.trace.push(`act ${effect.text}`);
      act?.(effect, (word) => loop.feed({ kind: 'word', word }));
    },
    onFault: (error) => faults.push(error),
  });
  const feed = (word: string) => loop.feed({ kind: 'word', word });
  return { clock, core, faults, lags, loop, feed };
}

test('the wall clock is told at the start, and when it has moved by more than 100 ms', (t) => {
  const { clock, core, loop, feed } = build();
  loop.start();
  t.deepEqual(core.trace, ['1000 wall']);
  clock.wallAhead += 100;
  feed('a');
  clock.wallAhead += 1;
  feed('b');
  t.deepEqual(core.trace, ['1000 wall', '1000 a', '1000 wall', '1000 b']);
});

test('what is fed before the start waits for it', (t) => {
  const { core, loop, feed } = build();
  feed('early');
  t.deepEqual(core.trace, []);
  loop.start();
  t.deepEqual(core.trace, ['1000 wall', '1000 early']);
});

test('one timer is armed, for the core’s deadline', (t) => {
  const { clock, core, loop, feed } = build();
  loop.start();
  t.deepEqual(clock.timers, [1_100]);
  clock.advance(40);
  feed('a');
  t.deepEqual(clock.timers, [1_100]);
  clock.advance(60);
  t.deepEqual(clock.timers, [1_200]);
  t.deepEqual(core.trace, ['1000 wall', '1040 a', '1100 time']);
  core.deadline = NEVER;
  feed('b');
  t.deepEqual(clock.timers, []);
});

test('effects are acted on in order, and what arises meanwhile waits for the rest of them', (t) => {
  const { core, loop, feed } = build((effect, again) => {
    if (effect.text === 'persist') again('persisted');
  });
  core.answer = (input) => (input.kind === 'word' && input.word === 'a' ? ['persist', 'send'] : []);
  loop.start();
  feed('a');
  t.deepEqual(core.trace, ['1000 wall', '1000 a', 'act persist', 'act send', '1000 persisted']);
});

test('P10: a loop that was away says so and expires what ran out before it reads its mail', (t) => {
  const { clock, core, loop, feed } = build();
  loop.start();
  // The mail comes before the timer's own callback: the process was stopped.
  clock.time += 5_100;
  feed('mail');
  t.deepEqual(core.trace, ['1000 wall', '6100 late 5000', '6100 mail']);
  t.is(loop.lag(), 5_000);
  t.is(loop.lag(), 5_000);
  t.deepEqual(clock.timers, [6_200]);
});

test('P10: 50 ms late is not away, but time is still stepped before the mail', (t) => {
  const { clock, core, loop, feed } = build();
  loop.start();
  clock.time += 150;
  feed('mail');
  t.deepEqual(core.trace, ['1000 wall', '1150 time', '1150 mail']);
});

test('P10: a deadline that was not due does not make the loop late', (t) => {
  const { clock, core, loop, feed } = build();
  loop.start();
  core.deadline = NEVER;
  feed('a');
  clock.time += 60_000;
  feed('b');
  t.deepEqual(core.trace, ['1000 wall', '1000 a', '61000 b']);
});

test('how late it is, is told at each deadline, after what had run out was acted on', (t) => {
  const { clock, lags, loop, feed } = build();
  loop.start();
  feed('a');
  clock.advance(100);
  clock.advance(110);
  feed('b');
  clock.time += 5_000;
  feed('mail');
  t.deepEqual(lags, [
    '1100 0 after 1100 time',
    '1210 10 after 1210 time',
    '6210 4900 after 6210 late 4900',
  ]);
});

test('a core that wants to be woken in the past leaves the loop time for its mail', (t) => {
  const { clock, core, loop } = build();
  loop.start();
  core.step = () => {
    core.deadline = clock.time - 10;
    return [];
  };
  clock.advance(100);
  t.deepEqual(clock.timers, [1_100]);
});

test('an exception in the core or in an act stops the loop and is told once', (t) => {
  const { clock, core, faults, loop, feed } = build(() => {
    throw new Error('disk');
  });
  core.answer = (input) => (input.kind === 'word' ? ['x'] : []);
  loop.start();
  feed('a');
  feed('b');
  clock.advance(1_000);
  t.deepEqual(core.trace, ['1000 wall', '1000 a', 'act x']);
  t.is(faults.length, 1);
  t.deepEqual(clock.timers, []);
});

test('an act that stops the loop is the last one', (t) => {
  const { core, loop, feed } = build(() => loop.stop());
  core.answer = (input) => (input.kind === 'word' ? ['exit', 'more'] : []);
  loop.start();
  feed('a');
  t.deepEqual(core.trace, ['1000 wall', '1000 a', 'act exit']);
});

test('the queue is bounded', (t) => {
  const { faults, loop, feed } = build();
  for (let n = 0; n <= QUEUE_MAX; n += 1) feed('x');
  t.is(faults.length, 1);
  loop.start();
});
