// C3: what survives a crash, what is refused, and what is written when several records wait.
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDirectory } from '@koi/lib/directory-lock';
import test, { type ExecutionContext } from 'ava';
import type { ElectorRecord } from '../core/effect.ts';
import { DamagedRecordError, RECORD_FILE, readRecord, Store } from './store.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'koi-store-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

function record(grantedTerm: number): ElectorRecord {
  return { grantedTerm, grantedTo: 'b', charter: undefined };
}

/** A store whose events a test can wait for. */
function open(directory: string) {
  const events: string[] = [];
  let told = () => {};
  const store = new Store(directory, {
    persisted(number) {
      events.push(`persisted ${number}`);
      told();
    },
    failed(number, reason) {
      events.push(`failed ${number}: ${reason}`);
      told();
    },
  });
  const next = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  return { store, events, next };
}

test('C3: without a file there is an empty record', async (t) => {
  t.deepEqual(await readRecord(await folder(t)), {
    grantedTerm: 0,
    grantedTo: undefined,
    charter: undefined,
  });
});

test('C3: a record comes back, in a file that its owner alone can read', async (t) => {
  const directory = await folder(t);
  const { store, events, next } = open(directory);
  const written = next();
  store.persist(1, record(7));
  await written;
  t.deepEqual(events, ['persisted 1']);
  t.deepEqual(await readRecord(directory), record(7));
  t.is((await stat(join(directory, RECORD_FILE))).mode & 0o777, 0o600);
});

test('C3: of several that wait only the newest is written, and it acknowledges the others', async (t) => {
  const directory = await folder(t);
  const { store, events, next } = open(directory);
  store.persist(1, record(1));
  store.persist(2, record(2));
  store.persist(3, record(3));
  while (events.length < 2) await next();
  t.deepEqual(events, ['persisted 1', 'persisted 3']);
  t.deepEqual(await readRecord(directory), record(3));
});

test('C3: a failed write is told with its reason, and a later one succeeds', async (t) => {
  const directory = await folder(t);
  const missing = join(directory, 'missing');
  const { store, events, next } = open(missing);
  let told = next();
  store.persist(1, record(1));
  await told;
  t.regex(events[0] ?? '', /^failed 1: ENOENT/);
  const lock = await lockDirectory(missing);
  told = next();
  store.persist(2, record(2));
  await told;
  t.is(events[1], 'persisted 2');
  await lock.release();
});

test('C3: what a crash left half-written is not looked at', async (t) => {
  const directory = await folder(t);
  const { store, next } = open(directory);
  const written = next();
  store.persist(1, record(1));
  await written;
  await writeFile(join(directory, `${RECORD_FILE}.new`), 'koi-elector-record 1 sha');
  t.deepEqual(await readRecord(directory), record(1));
  t.deepEqual(await readdir(directory), [RECORD_FILE]);
});

test('C3: a damaged file is refused with its name and what to do', async (t) => {
  const directory = await folder(t);
  const file = join(directory, RECORD_FILE);
  const { store, next } = open(directory);
  const written = next();
  store.persist(1, record(12));
  await written;
  const whole = await readFile(file, 'utf8');

  const refusal = async () => {
    const error = await t.throwsAsync(readRecord(directory), { instanceOf: DamagedRecordError });
    t.true(error.message.includes(file));
    return error.message;
  };
  await writeFile(file, whole.replace('12', '13'));
  t.regex(await refusal(), /checksum/);
  await writeFile(file, whole.slice(0, -5));
  t.regex(await refusal(), /checksum/);
  await writeFile(file, '');
  t.regex(await refusal(), /first line/);
  await writeFile(file, whole.replace('record 1', 'record 2'));
  t.regex(await refusal(), /format is 2/);
  await writeFile(file, whole);
  await appendFile(file, 'x');
  t.regex(await refusal(), /checksum/);
  await rm(file);
  t.is((await readRecord(directory)).grantedTerm, 0);
});

test('one process holds a state directory', async (t) => {
  const directory = join(await folder(t), 'state');
  const first = await lockDirectory(directory);
  t.is((await stat(directory)).mode & 0o777, 0o700);
  await t.throwsAsync(lockDirectory(directory), { message: /another elector uses/ });
  await first.release();
  const second = await lockDirectory(directory);
  await second.release();
  t.deepEqual(await readdir(directory), []);
});

test('of two that start at once at most one holds the state directory', async (t) => {
  const directory = join(await folder(t), 'state');
  for (let round = 0; round < 20; round += 1) {
    const claims = await Promise.allSettled([lockDirectory(directory), lockDirectory(directory)]);
    const held = claims.filter((claim) => claim.status === 'fulfilled');
    t.true(held.length <= 1);
    for (const claim of held) await claim.value.release();
  }
});

test('a lock that a dead process left is no lock', async (t) => {
  const directory = await folder(t);
  const first = await lockDirectory(directory);
  const [name] = await readdir(directory);
  await first.release();
  await writeFile(join(directory, name ?? ''), '');
  const second = await lockDirectory(directory);
  t.is((await readdir(directory)).length, 1);
  await second.release();
});
