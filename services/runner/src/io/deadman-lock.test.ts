// The lock: taken by one, read as it is, and never by halves.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { LockFiles, parseLock } from './deadman-lock.ts';
import { findLiving, ownIdentity, parseIdentity, readProcess } from './living-process.ts';

function open(t: ExecutionContext): { directory: string; locks: LockFiles } {
  const directory = mkdtempSync(join(tmpdir(), 'koi-lock-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return { directory, locks: new LockFiles(directory, ownIdentity(), () => 1_234.5) };
}

test('it is taken once, and each epoch has its own', (t) => {
  const { directory, locks } = open(t);
  t.is(locks.read(7), undefined);
  t.true(locks.take(7));
  t.false(locks.take(7));
  t.true(locks.take(8));
  const lock = locks.read(7);
  const { pid, start } = ownIdentity();
  t.deepEqual(lock, {
    owner: 'runner',
    process: { pid, start },
    epoch: 7,
    at: 1_234,
    text: `runner ${pid} ${start} 7 1234`,
  });
  t.true(lock !== undefined && locks.isOwn(lock));
  t.deepEqual(locks.epochs.toSorted(), [7, 8]);
  locks.remove(7);
  locks.remove(7);
  t.true(locks.take(7));
  t.deepEqual(readdirSync(directory).toSorted(), ['lock.7', 'lock.8']);
});

test('another one is read, and replaced where that is lawful', (t) => {
  const { directory, locks } = open(t);
  writeFileSync(join(directory, 'lock.7'), 'deadman 12 345 7 99\n');
  const lock = locks.read(7);
  t.is(lock?.owner, 'deadman');
  t.deepEqual(lock?.process, { pid: 12, start: '345' });
  t.true(lock !== undefined && !locks.isOwn(lock));
  t.false(locks.take(7));
  locks.replace(7);
  t.is(locks.read(7)?.owner, 'runner');
});

test('what is no more than begun, or damaged, is a deadman that has not said who it is', (t) => {
  for (const text of ['', 'dead', 'runner', 'runner x 1 1 1', 'somebody 1 2 3 4']) {
    const { owner, process } = parseLock(text);
    t.is(owner, 'deadman', text);
    t.is(process, undefined, text);
  }
});

test('a process is known by its number and its start', (t) => {
  const own = ownIdentity();
  t.not(findLiving(own), undefined);
  t.is(findLiving({ ...own, start: '1' }), undefined);
  t.is(readProcess(2 ** 22 + 1), undefined);
  t.deepEqual(parseIdentity('12 345\n'), { pid: 12, start: '345' });
  for (const text of ['', '12', '12 x', 'given up\n']) t.is(parseIdentity(text), undefined);
});
