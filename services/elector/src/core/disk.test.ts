// What waits for the disk: told when it is durable, also under a stream of writes, and never too early.
import test from 'ava';
import { Disk } from './disk.ts';
import { EMPTY } from './driver.fixture.ts';

test('a stream of writes faster than the disk is told of all the same', (t) => {
  const disk = new Disk({ add: () => {} }, 200);
  const told: number[] = [];
  let writing = 0;
  for (let now = 0; now < 1_000; now += 10) {
    const number = disk.write(EMPTY, now);
    disk.whenDurable('charter', number, now, () => told.push(number));
    // Each write takes 30 ms, and only the newest is written where several wait.
    if (now % 30 !== 0) continue;
    if (writing > 0) disk.persisted(writing, now);
    writing = number;
  }
  t.true(told.length > 20, `told ${told.length} times`);
});

test('nothing is told before its own write is durable', (t) => {
  const disk = new Disk({ add: () => {} }, 200);
  const first = disk.write(EMPTY, 0);
  const second = disk.write(EMPTY, 0);
  let told = '';
  disk.whenDurable('grant', second, 0, () => {
    told = 'second';
  });
  disk.persisted(first, 1);
  t.is(told, '');
  disk.persisted(second, 2);
  t.is(told, 'second');
});

test('a failed write is tried again after five times what makes a write overdue', (t) => {
  for (const heartbeat of [50, 200]) {
    const asked: string[] = [];
    const disk = new Disk({ add: ({ kind }) => asked.push(kind) }, heartbeat);
    const number = disk.write(EMPTY, 0);
    disk.failed(number, 'no space left', 1);
    disk.expire(5 * heartbeat);
    t.is(asked.length, 1);
    disk.expire(5 * heartbeat + 1);
    t.is(asked.length, 2);
  }
});
