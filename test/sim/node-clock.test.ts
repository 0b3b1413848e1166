// The clock of a host: it runs on without a jump when its rate changes, and what waits for an instant comes
// when it shows that instant.
import test from 'ava';
import { NodeClock, processClock } from './node-clock.ts';
import { Random } from './random.ts';
import { World } from './world.ts';

/** How late a timer may come, in true time. */
const LATE = 2;

test('a clock whose rate changes neither jumps nor runs back', (t) => {
  const world = new World(false);
  const clock = new NodeClock(world, 1.01, 5_000);
  world.run(1_000);
  const before = clock.now();
  clock.changeRate(0.99);
  t.is(clock.now(), before);
  world.run(2_000);
  t.true(Math.abs(clock.now() - before - 990) < 1e-6);
});

test('timers that wait go by the new rate, earlier or later', (t) => {
  for (const [from, to] of [
    [0.99, 1.01],
    [1.01, 0.99],
  ] as const) {
    const world = new World(false);
    const host = new NodeClock(world, from, 0);
    const life = { deliver: (run: () => void) => run() };
    const clock = processClock(world, host, life, new Random(1, 'timers'));
    const fired: number[] = [];
    clock.at(100_000, () => fired.push(clock.now()));
    const callOff = clock.at(100_000, () => t.fail('it was called off'));
    world.run(1_000);
    host.changeRate(to);
    callOff();
    world.run(110_000);
    const [at = 0, ...more] = fired;
    t.deepEqual(more, []);
    t.true(at >= 100_000 && at < 100_000 + LATE, `it came at ${at}`);
  }
});
