// The live view: what it shows, how little it writes, that it goes on with another elector, and that
// it leaves the terminal as it was.
import test from 'ava';
import { startFake } from './fake-elector.ts';
import { koiAdmin, startKoiAdmin, writeElectors } from './koi-admin.ts';
import { ScreenReader } from './screen-reader.ts';
import { SHOP } from './shop.ts';

const WALL = Date.parse('2026-11-23T12:03:11Z');

const FIRST = `cluster shop, as a sees it (q quits)
leader: b (term 3)
master: a (epoch 2)
automatic failover: BLOCKED: no other runner is electable
electors
├─ b  leader
├─ a  follower   no charter
└─ c  not heard              its list has 2 electors
runners
├─ a  master        database promoted, web promoting
├─ b  failed        web failed
│  passive
│  cannot become master: it is passive
│  web: start exited with 1
└─ c  disconnected
   stopped by an administrator
   cannot become master: it has not reported
latest changes (UTC)
12:03:11 shop: b leads (term 3), a is master (epoch 2), as a sees it
12:03:11 automatic failover: BLOCKED: no other runner is electable`;

const OFFICE = {
  elector: 'a',
  cluster: { ...SHOP.cluster, leader: 'a', term: 4n },
};

test('it fills the window, and redraws only what has changed', async (t) => {
  const fake = await startFake(t, {});
  fake.views.write(SHOP);
  const screen = new ScreenReader(80, 24);
  const run = startKoiAdmin(['watch', '--elector', fake.address], { screen, wall: WALL });
  await screen.until('latest changes');
  t.is(screen.text, FIRST);
  t.deepEqual([...screen.modes], ['1049']);
  screen.takeWritten();
  fake.views.write(OFFICE);
  await screen.until('12:03:11 a leads (term 4)');
  t.true(screen.text.includes('leader: a (term 4)'));
  const written = screen.takeWritten();
  t.true(written < 80, `${written} characters for two lines`);
  screen.type('q');
  t.deepEqual(await run.result, { exit: 0, out: '', err: '' });
  t.deepEqual([...screen.modes].toSorted(), ['25', '7']);
  t.false(screen.listening);
});

test('Ctrl-C and SIGTERM leave the terminal as it was', async (t) => {
  for (const end of ['key', 'signal'] as const) {
    const fake = await startFake(t, {});
    fake.views.write(SHOP);
    const screen = new ScreenReader(80, 24);
    const run = startKoiAdmin(['watch', '--elector', fake.address], { screen });
    await screen.until('cluster shop');
    if (end === 'key') screen.type('\u0003');
    else run.interrupt();
    t.is((await run.result).exit, 0);
    t.deepEqual([...screen.modes].toSorted(), ['25', '7']);
  }
});

test('so does an elector that cannot be asked at all', async (t) => {
  const screen = new ScreenReader(80, 24);
  const { exit } = await koiAdmin(['watch', '--elector', '127.0.0.1:1'], { screen });
  t.is(exit, 3);
  t.deepEqual([...screen.modes].toSorted(), ['25', '7']);
});

test('a small window is never written beside or below', async (t) => {
  for (const [columns, rows] of [
    [40, 10],
    [20, 4],
    [8, 1],
  ] as const) {
    const fake = await startFake(t, {});
    fake.views.write(SHOP);
    const screen = new ScreenReader(columns, rows);
    const run = startKoiAdmin(['watch', '--elector', fake.address], { screen, wall: WALL });
    await screen.until('cluster');
    screen.type('q');
    await run.result;
    if (rows === 10) t.regex(screen.text, /… 12 more lines: enlarge the window/);
    const lines = screen.text.split('\n');
    t.true(lines.length <= rows, screen.text);
    t.true(
      lines.every((line) => line.length <= columns),
      screen.text,
    );
  }
});

test('it goes to another elector when the asked one dies, and says so', async (t) => {
  const [first, second] = [await startFake(t, {}), await startFake(t, {})];
  first.views.write(SHOP);
  second.views.write({ ...OFFICE, elector: 'b' });
  const screen = new ScreenReader(80, 24);
  const config = writeElectors(t, first.address, second.address);
  const run = startKoiAdmin(['watch', '--config', config], { screen, wall: WALL });
  await screen.until('as a sees it');
  await first.die();
  await screen.until('cluster shop, as b sees it');
  for (const news of [
    'a: the connection broke, another elector is asked',
    'b answers now',
    'a leads (term 4)',
  ]) {
    t.true(screen.text.includes(`12:03:11 ${news}`), news);
  }
  screen.type('q');
  await run.result;
});

test('off a terminal each change is a line', async (t) => {
  const fake = await startFake(t, {});
  fake.views.write(SHOP);
  const run = startKoiAdmin(['watch', '--elector', fake.address], { wall: WALL });
  await run.until('automatic failover');
  fake.views.write({ ...OFFICE, cluster: { ...OFFICE.cluster, leader: '' } });
  await run.until('nobody leads');
  fake.views.write({
    ...OFFICE,
    cluster: { ...OFFICE.cluster, master: '', maintenance: true, blocked: [], runners: [] },
  });
  await run.until('runner c is forgotten');
  run.interrupt();
  t.is(
    (await run.result).out,
    `12:03:11 shop: b leads (term 3), a is master (epoch 2), as a sees it
12:03:11 automatic failover: BLOCKED: no other runner is electable
12:03:11 b leads no more
12:03:11 automatic failover: BLOCKED: nobody leads
12:03:11 a leads (term 4)
12:03:11 a is master no more
12:03:11 maintenance is on
12:03:11 automatic failover: BLOCKED: nobody is master
12:03:11 runner a is forgotten
12:03:11 runner b is forgotten
12:03:11 runner c is forgotten
`,
  );
});

test('-o json is a view a line', async (t) => {
  const fake = await startFake(t, {});
  fake.views.write(SHOP);
  const run = startKoiAdmin(['watch', '-o', 'json', '--elector', fake.address]);
  await run.until('"term":"3"');
  fake.views.write(OFFICE);
  await run.until('"term":"4"');
  run.interrupt();
  const { out } = await run.result;
  const views = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    views.map(({ cluster }) => cluster.leader),
    ['b', 'a'],
  );
});

test('an elector that has lost touch with its leader is left for one that has not', async (t) => {
  const [first, second] = [await startFake(t, {}), await startFake(t, {})];
  first.views.write({ ...SHOP, cluster: { ...SHOP.cluster, leader: '' } });
  second.views.write({ ...OFFICE, elector: 'b' });
  const config = writeElectors(t, first.address, second.address);
  const run = startKoiAdmin(['watch', '--config', config], { wall: WALL });
  await run.until('b answers now');
  run.interrupt();
  const { out } = await run.result;
  t.true(out.includes('12:03:11 a: it knows of no leader, another elector is asked\n'), out);
});
