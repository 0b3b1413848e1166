// P10: the clock runs forward only and follows /proc/uptime through a suspend.
import test from 'ava';
import { type ClockSource, createClock } from './clock.ts';

function fakeSource() {
  const times = { monotonic: 1_000, uptime: 500_000, wall: 0 };
  const source: ClockSource = {
    monotonic: () => times.monotonic,
    uptime: () => times.uptime,
    wall: () => times.wall,
  };
  return { times, source };
}

test('P10: suspended time is counted', (t) => {
  const { times, source } = fakeSource();
  const clock = createClock(source);
  const start = clock.now();
  times.monotonic += 100;
  times.uptime += 100;
  t.is(clock.now() - start, 100);

  times.uptime += 5_000;
  t.is(clock.now() - start, 5_100);
  t.is(clock.now() - start, 5_100, 'it is counted once');

  times.monotonic += 10;
  times.uptime += 10;
  t.is(clock.now() - start, 5_110);
});

test('P10: coarse steps of up to 50 ms neither move the clock nor add up', (t) => {
  const { times, source } = fakeSource();
  const clock = createClock(source);
  const start = clock.now();
  times.uptime += 50;
  t.is(clock.now() - start, 0);
  times.uptime -= 50;
  for (let n = 1; n <= 100; n += 1) {
    times.monotonic += 7;
    times.uptime = 500_000 + Math.floor((n * 7) / 10) * 10;
    t.is(clock.now() - start, n * 7);
  }
});

test('P10: an uptime that goes back does not take the clock with it', (t) => {
  const { times, source } = fakeSource();
  const clock = createClock(source);
  const start = clock.now();
  times.uptime -= 10_000;
  t.is(clock.now(), start);
});

test('a callback comes at or after its instant, never before, unless it is cancelled', async (t) => {
  const clock = createClock();
  const start = clock.now();
  const fired = await new Promise<number>((resolve) => {
    const cancel = clock.at(start + 1, () => t.fail('it was cancelled'));
    cancel();
    clock.at(start + 5.5, () => resolve(clock.now()));
  });
  t.true(fired >= start + 5.5);
});
