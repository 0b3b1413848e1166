// The simulated disk: what was synced stays, a full disk takes nothing, and a damaged file is refused by the
// production check, whatever was done to its bytes.
import test from 'ava';
import type { ElectorRecord } from '../../services/elector/src/core/effect.ts';
import { DamagedRecordError } from '../../services/elector/src/io/store.ts';
import { NodeClock } from './node-clock.ts';
import { NodeDisk } from './node-disk.ts';
import { Random } from './random.ts';
import { SimProcess } from './sim-process.ts';
import { World } from './world.ts';

/** How often a file is damaged: by chance, in each of the ways there are. */
const DAMAGES = 300;

const RECORD: ElectorRecord = { grantedTerm: 7, grantedTo: 'e-b', charter: undefined };

function makeDisk(keepsBytes: boolean) {
  const world = new World(false);
  const random = new Random(1, 'disk');
  const process = new SimProcess(world, new NodeClock(world, 1, 0), random);
  const kept: number[] = [];
  const disk = new NodeDisk({
    world,
    random,
    keepsBytes,
    onDurable: ({ grantedTerm }) => kept.push(grantedTerm),
  });
  const news: string[] = [];
  const write = (number: number, record: ElectorRecord) => {
    disk.persist(number, record, process, {
      persisted: (done) => news.push(`persisted ${done}`),
      failed: (failed, reason) => news.push(`failed ${failed}: ${reason}`),
    });
    world.run(world.now + 100);
  };
  return { world, disk, write, news, kept };
}

test('what was written is read again, from the bytes of the production file', (t) => {
  const { disk, write, news } = makeDisk(true);
  write(1, RECORD);
  t.deepEqual(news, ['persisted 1']);
  t.deepEqual(disk.read(), RECORD);
  t.not(disk.read(), RECORD);
});

test('a full disk takes nothing, a failing one may', (t) => {
  const { disk, write, news, kept } = makeDisk(false);
  disk.health = { slow: 1, fails: false, full: true };
  for (let number = 1; number <= 20; number += 1) write(number, { ...RECORD, grantedTerm: number });
  t.deepEqual(kept, []);
  t.is(news.at(-1), 'failed 20: no space left on device');
  disk.health = { slow: 1, fails: true };
  for (let number = 21; number <= 60; number += 1)
    write(number, { ...RECORD, grantedTerm: number });
  t.is(news.at(-1), 'failed 60: i/o error');
  t.true(kept.length > 0 && kept.length < 40);
});

test('a damaged file is refused, and one that was restored is not', (t) => {
  for (const keepsBytes of [false, true]) {
    const { world, disk, write } = makeDisk(keepsBytes);
    t.false(disk.damage(), 'there is no file yet');
    write(1, RECORD);
    for (let times = 0; times < DAMAGES; times += 1) {
      t.true(disk.damage());
      t.false(disk.damage(), 'once is enough');
      t.is(disk.durable.grantedTerm, 0);
      t.throws(() => disk.read(), { instanceOf: DamagedRecordError });
      disk.restore();
      t.deepEqual(disk.read(), RECORD);
    }
    disk.damage();
    disk.wipe();
    t.is(disk.read().grantedTerm, 0);
    t.is(world.violation, undefined);
  }
});
