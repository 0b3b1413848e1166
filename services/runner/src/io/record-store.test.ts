// M6: what is kept is read again by the next process's clock; what cannot be trusted is told and left.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { RunnerRecord } from '../core/record.ts';
import { definition, Trial } from '../core/trial.fixture.ts';
import { RecordStore } from './record-store.ts';

const NEVER = Number.POSITIVE_INFINITY;

async function directoryOf(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'koi-record-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The record of a master whose second service is being promoted. */
function someRecord(): RunnerRecord {
  const trial = Trial.standby(definition('disk', 10), definition('web', 20));
  trial.promote(1);
  trial.end('disk');
  const last = trial.effects.findLast((effect) => effect.kind === 'record');
  if (last === undefined) throw new Error('nothing was kept');
  return last.record;
}

test('what is kept is read again by another clock', async (t) => {
  const directory = await directoryOf(t);
  const record = someRecord();
  const before = { now: () => 3_000, uptime: () => 1_000_000, boot: 'b' };
  new RecordStore(directory, before).keep(record);
  // 500 ms later, by the clock of a process that has just begun.
  const after = { now: () => 20, uptime: () => 1_000_500, boot: 'b' };
  const found = new RecordStore(directory, after).read();
  t.is(found.objection, '');
  const left = record.mandate.leaseEnd - 3_000;
  t.is(found.record?.mandate.leaseEnd, 20 + left - 500 - 10);
  t.is(found.record?.mandate.killAt, NEVER);
  t.is(found.record?.mandate.told?.target, 'master');
  t.deepEqual(
    found.record?.services.map(({ state }) => state),
    ['promoted', 'promoting'],
  );
  t.is(found.record?.services[0]?.running, undefined);
  t.is(found.record?.services[1]?.running?.action, 'promote');
});

test('nothing was kept: nothing is said', async (t) => {
  const clocks = { now: () => 0, uptime: () => 0, boot: 'b' };
  const found = new RecordStore(await directoryOf(t), clocks).read();
  t.deepEqual(found, { record: undefined, places: [], objection: '' });
});

test('a record of an earlier boot is recognised', async (t) => {
  const directory = await directoryOf(t);
  const clocks = { now: () => 0, uptime: () => 0 };
  new RecordStore(directory, { ...clocks, boot: 'b' }).keep(someRecord());
  const found = new RecordStore(directory, { ...clocks, boot: 'c' }).read();
  t.is(found.record, undefined);
  t.regex(found.objection, /earlier boot/);
});

test('a damaged record is named and not half believed', async (t) => {
  const directory = await directoryOf(t);
  const clocks = { now: () => 0, uptime: () => 0, boot: 'b' };
  const store = new RecordStore(directory, clocks);
  store.keep(someRecord());
  const path = join(directory, 'record.json');
  const whole = await readFile(path, 'utf8');
  for (const text of [whole.slice(0, -20), whole.replace('"promoting"', '"elevated"'), '[]', '']) {
    await writeFile(path, text);
    const found = store.read();
    t.is(found.record, undefined);
    t.regex(found.objection, /record\.json is damaged/);
  }
});
