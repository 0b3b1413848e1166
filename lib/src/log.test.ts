// What a line of the log looks like. The log runs in a process of its own: it writes to a
// descriptor.
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { cutText, LOG_TEXT_MAX } from './log.ts';

const source = JSON.stringify(new URL('./log.ts', import.meta.url).href);

interface Line {
  readonly time: string;
  readonly msg: string;
}

function lines(script: string, level?: string): Line[] {
  const { KOI_LOG_LEVEL: _, ...env } = process.env;
  const code = `import { createLog, endLog } from ${source}; const log = createLog('koi-x', 'a'); ${script}`;
  const { stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env: level === undefined ? env : { ...env, KOI_LOG_LEVEL: level },
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (stdout !== '') throw new Error(`standard output is not for the log: ${stdout}`);
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

test('one JSON line per fact on standard error, in order, also where the process ends at once', (t) => {
  const [first, second] = lines(
    "log.info({ term: 3 }, 'leads'); log.debug('no'); log.warn('late'); await endLog(log); process.exit(1);",
  );
  t.like(first, { level: 'info', program: 'koi-x', name: 'a', term: 3, msg: 'leads' });
  t.regex(String(first?.time), /^\d{4}-\d\d-\d\dT.*Z$/);
  t.like(second, { level: 'warn', msg: 'late' });
});

test('what is logged after the end is lost, and ends nothing', (t) => {
  const all = lines("log.info('first'); await endLog(log); log.info('late'); await endLog(log);");
  t.deepEqual(
    all.map(({ msg }) => msg),
    ['first'],
  );
});

test('KOI_LOG_LEVEL is the least level that is written; an unknown one is said', (t) => {
  t.deepEqual(
    lines("log.debug('x'); log.trace('y')", 'debug').map(({ msg }) => msg),
    ['x'],
  );
  const [warning] = lines('', 'loud');
  t.regex(String(warning?.msg), /KOI_LOG_LEVEL is "loud": it must be one of trace, debug/);
});

test('a flood is cut to one bounded line', (t) => {
  const [line] = lines("log.info('x'.repeat(10000))");
  t.is(line?.msg, cutText('x'.repeat(10_000)));
  t.is(cutText('x'.repeat(LOG_TEXT_MAX)).length, LOG_TEXT_MAX);
  t.true(cutText('x'.repeat(10_000)).endsWith('… (5904 more characters)'));
});
