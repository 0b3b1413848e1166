// The self-fence hook as a real process: told why, bounded, and its end is logged.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { callFence, type FenceHook } from './fence.ts';

interface Stage {
  readonly hook: FenceHook;
  readonly told: string;
  readonly lines: string[];
  readonly log: { warn: (text: string) => void; error: (text: string) => void };
}

function open(t: ExecutionContext, body: string): Stage {
  const directory = mkdtempSync(join(tmpdir(), 'koi-fence-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'hook');
  const told = join(directory, 'told');
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const lines: string[] = [];
  const note = (text: string): void => {
    lines.push(text);
  };
  const environment = { PATH: '/usr/bin:/bin', TOLD: told };
  return { hook: { file, environment }, told, lines, log: { warn: note, error: note } };
}

test('it is told why, and its end is logged', async (t) => {
  const { hook, told, lines, log } = open(t, 'echo "$KOI_EPOCH $KOI_REASON" >"$TOLD"');
  await callFence(hook, { reason: "db: it's late", epoch: 7 }, log);
  t.is(readFileSync(told, 'utf8'), "7 db: it's late\n");
  t.regex(lines[0] ?? '', /is called: db: it's late/);
  t.regex(lines[1] ?? '', /ended with 0/);
});

test('one that fails says so', async (t) => {
  const { hook, lines, log } = open(t, 'exit 3');
  await callFence(hook, { reason: 'x', epoch: 7 }, log);
  t.regex(lines[1] ?? '', /ended with 3/);
});

test('one that hangs is killed with all that it has started', async (t) => {
  const { hook, told, lines, log } = open(t, 'trap "" TERM; (sleep 2; echo late >"$TOLD") & wait');
  const from = Date.now();
  await callFence(hook, { reason: 'x', epoch: 7, timeout: 300 }, log);
  t.true(Date.now() - from < 1_500);
  t.regex(lines[1] ?? '', /killed after 300 ms/);
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  t.false(existsSync(told));
});

test('one that cannot be run, and none at all, are told', async (t) => {
  const { hook, lines, log } = open(t, '');
  await callFence({ ...hook, file: `${hook.file}.gone` }, { reason: 'x', epoch: 7 }, log);
  t.regex(lines[1] ?? '', /cannot be run/);
  await callFence(undefined, { reason: 'why', epoch: 7 }, log);
  t.regex(lines[2] ?? '', /no self-fence hook is configured: why/);
});
