// What scripts say: line by line, bounded, and never at the cost of the loop.
import test from 'ava';
import { LINE_MAX, LINES_PER_SECOND, ScriptOutput } from './script-output.ts';
import { isRunning, Stage } from './script-stage.fixture.ts';

/** What a loop may be away for without anybody noticing. */
const LAG_MAX = 50;

const FLOOD_BYTES = 100_000_000;

test('a flood of output is dropped and counted, and the script can be ended meanwhile', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('floods-output', 'start');
  await stage.line(/\d+ more lines dropped/);
  stage.scripts.cutShort(run);
  t.deepEqual(await stage.ended(run), { kind: 'cut-short' });
  const notice = stage.lines.findIndex(({ text }) => text.includes('more lines dropped'));
  t.is(notice, LINES_PER_SECOND);
});

// Alone: what else this process does would count as well.
test.serial(
  'a flood of 100 MB does not hold up the loop, and every line of it is counted',
  async (t) => {
    const stage = await Stage.open(t);
    // By the processor's time: what else this machine does is no matter.
    let lag = 0;
    let before = process.threadCpuUsage();
    const timer = setInterval(() => {
      const { user, system } = process.threadCpuUsage(before);
      lag = Math.max(lag, (user + system) / 1_000);
      before = process.threadCpuUsage();
    }, 1);
    t.teardown(() => clearInterval(timer));
    await stage.ended(stage.run('floods-output', 'promote'));
    const lines = Math.ceil(FLOOD_BYTES / 'one of very many lines\n'.length);
    // What is in the pipe is still read, and the last second counted.
    const counted = await stage.until('every line', () => {
      const counts = stage.lines.map(({ text }) => {
        return Number(/(\d+) more lines dropped/.exec(text)?.[1] ?? 1);
      });
      const sum = counts.reduce((total, count) => total + count, 0);
      return sum >= lines ? sum : undefined;
    });
    t.is(counted, lines);
    t.true(lag < LAG_MAX, `${lag} ms`);
  },
);

test('a line without end is cut, and what follows it is not', async (t) => {
  const stage = await Stage.open(t);
  await stage.ended(stage.run('floods-output', 'stop'));
  await stage.line(/^the end$/);
  const [long] = stage.lines;
  t.is(long?.text, `${'x'.repeat(LINE_MAX)} … (cut)`);
  t.is(stage.lines.length, 2);
});

test('the end of a script does not wait for a daemon that holds its output', async (t) => {
  const stage = await Stage.open(t);
  const run = stage.run('keeps-output', 'start');
  t.deepEqual(await stage.ended(run), { kind: 'exited', code: 0 });
  // It holds the output for as long as it runs, and that is longer than this test.
  const daemon = await stage.left();
  await stage.line(/^the daemon speaks$/);
  t.true(isRunning(daemon));
});

test('a daemon that still speaks is heard beside the next script of its kind', async (t) => {
  const stage = await Stage.open(t);
  await stage.ended(stage.run('says-more', 'start'));
  await stage.line(/^line 0$/);
  await stage.ended(stage.run('says-more', 'start'));
  const both = (): true | undefined =>
    stage.lines.filter(({ text }) => text === 'line 5').length === 2 ? true : undefined;
  t.true(await stage.until('both', both));
});

/** Feeds bytes in pieces, and returns the lines. */
function linesOf(...chunks: readonly (string | Buffer)[]): readonly string[] {
  const lines: string[] = [];
  const output = new ScriptOutput((line) => lines.push(line));
  for (const chunk of chunks) output.take(Buffer.from(chunk));
  output.end();
  output.close();
  return lines;
}

test('lines are put together from pieces', (t) => {
  t.deepEqual(linesOf('on', 'e\ntw', 'o\n\nthree'), ['one', 'two', '', 'three']);
  t.deepEqual(linesOf('one\n'), ['one']);
  t.deepEqual(linesOf(), []);
});

test('a character in two pieces is one, and what is not text shows as such', (t) => {
  const [first, second] = [Buffer.from([0xe2, 0x82]), Buffer.from([0xac, 10])];
  t.deepEqual(linesOf(first, second), ['€']);
  t.deepEqual(linesOf(Buffer.from([0xff, 10])), ['\ufffd']);
});

test('a line is cut between two characters', (t) => {
  const text = `${'x'.repeat(LINE_MAX - 1)}€`;
  t.deepEqual(linesOf(text, '\nnext\n'), [`${'x'.repeat(LINE_MAX - 1)} … (cut)`, 'next']);
  t.deepEqual(linesOf('y'.repeat(LINE_MAX), '\n'), ['y'.repeat(LINE_MAX)]);
});
