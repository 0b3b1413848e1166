// The services folder: names, priorities, what is ignored, and what is told once.
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createFolderReader, type FolderEntry, objectionTo, parseName } from './folder.ts';

async function openFolder(t: ExecutionContext) {
  const directory = await mkdtemp(join(tmpdir(), 'koi-folder-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const warnings: string[] = [];
  const reader = createFolderReader(directory, { warn: (text) => warnings.push(text) });
  const read = async (): Promise<readonly FolderEntry[]> => {
    const contents = await reader.read();
    if (contents.kind === 'folder-failed') throw new Error(contents.reason);
    return contents.services;
  };
  const script = async (path: string): Promise<void> => {
    await writeFile(join(directory, path), '#!/bin/sh\n');
    await chmod(join(directory, path), 0o755);
  };
  return { directory, warnings, reader, read, script };
}

for (const [entry, name, priority] of [
  ['web', 'web', undefined],
  ['10-web', 'web', 10],
  ['5-web', 'web', 5],
  ['00-web', 'web', 0],
  ['100-web', '100-web', undefined],
  ['10-', '10-', undefined],
  ['web-10', 'web-10', undefined],
] as const) {
  test(`${entry} is ${name} with priority ${priority ?? 'none'}`, (t) => {
    t.deepEqual(parseName(entry), { name, priority });
  });
}

for (const [entry, ignored] of [
  ['web', false],
  ['web.bak', true],
  ['.git', true],
  ['web~', true],
  ['#web#', true],
  ['#web', false],
] as const) {
  test(`${entry} is ${ignored ? '' : 'not '}ignored`, (t) => {
    t.is(objectionTo(entry) !== '', ignored);
  });
}

test('directories and executables are services', async (t) => {
  const { directory, read, script, warnings } = await openFolder(t);
  await mkdir(join(directory, '10-web'));
  await script('20-mail');
  await symlink(join(directory, '10-web'), join(directory, 'linked'));
  const services = await read();
  t.deepEqual(
    services.map(({ name, priority, disabled, place }) => ({ name, priority, disabled, place })),
    [
      {
        name: 'web',
        priority: 10,
        disabled: false,
        place: { kind: 'directory', directory: join(directory, '10-web') },
      },
      {
        name: 'mail',
        priority: 20,
        disabled: false,
        place: { kind: 'executable', file: join(directory, '20-mail') },
      },
      {
        name: 'linked',
        priority: undefined,
        disabled: false,
        place: { kind: 'directory', directory: join(directory, 'linked') },
      },
    ],
  );
  t.deepEqual(warnings, []);
});

test('what is ignored is warned about once, and again when it comes back', async (t) => {
  const { directory, read, script, warnings } = await openFolder(t);
  await script('web~');
  await symlink('/nowhere/at/all', join(directory, 'dangling'));
  t.deepEqual(await read(), []);
  t.deepEqual(await read(), []);
  t.is(warnings.length, 2);
  t.true(warnings.some((text) => text.includes('web~ is ignored: its name ends in ~')));
  await rm(join(directory, 'web~'));
  await read();
  await script('web~');
  await read();
  t.is(warnings.length, 3);
});

test('what is neither a directory nor a file is ignored', async (t) => {
  const { directory, read, warnings } = await openFolder(t);
  const fifo = join(directory, 'pipe');
  t.is(spawnSync('mkfifo', ['-m', '755', fifo]).status, 0);
  t.deepEqual(await read(), []);
  t.regex(warnings[0] ?? '', /pipe is ignored: it is neither a directory nor a file/);
});

test('a link to what is not there is called so, and a link in a circle is ignored', async (t) => {
  const { directory, read, warnings } = await openFolder(t);
  await symlink('/nowhere/at/all', join(directory, 'dangling'));
  await symlink('circle', join(directory, 'circle'));
  t.deepEqual(await read(), []);
  t.regex(warnings.join('\n'), /dangling is ignored: it is a link to what does not exist/);
  t.regex(warnings.join('\n'), /circle is ignored: ELOOP/);
});

test('a second service of a name is refused', async (t) => {
  const { directory, read, warnings } = await openFolder(t);
  await mkdir(join(directory, '10-web'));
  await mkdir(join(directory, '20-web'));
  const services = await read();
  t.deepEqual(
    services.map(({ priority }) => priority),
    [10],
  );
  t.regex(warnings[0] ?? '', /20-web is ignored: there is another service web/);
});

test('a file `disabled` disables, and is no change of the scripts', async (t) => {
  const { directory, read, script } = await openFolder(t);
  await mkdir(join(directory, 'web'));
  await script('web/start');
  const [before] = await read();
  await writeFile(join(directory, 'web', 'disabled'), '');
  const [after] = await read();
  t.deepEqual([before?.disabled, after?.disabled], [false, true]);
  t.is(after?.fingerprint, before?.fingerprint);
});

test('the fingerprint changes with the scripts', async (t) => {
  const { directory, read, script } = await openFolder(t);
  await mkdir(join(directory, 'web'));
  await script('web/start');
  const [before] = await read();
  await script('web/stop');
  const [more] = await read();
  t.not(more?.fingerprint, before?.fingerprint);
  await utimes(join(directory, 'web', 'start'), 1, 1);
  const [touched] = await read();
  t.not(touched?.fingerprint, more?.fingerprint);
});

test('a folder that is not there is told, not thrown', async (t) => {
  const { directory, reader } = await openFolder(t);
  await rm(directory, { recursive: true });
  const contents = await reader.read();
  t.is(contents.kind, 'folder-failed');
});

test('a read that is asked for while one is under way is the same', async (t) => {
  const { reader } = await openFolder(t);
  const first = reader.read();
  t.is(reader.read(), first);
  await first;
  t.not(reader.read(), first);
});

test('a script that is made non-executable has changed, an executable has gone', async (t) => {
  const { directory, read, script, warnings } = await openFolder(t);
  await mkdir(join(directory, 'web'));
  await script('web/start');
  await script('mail');
  const before = await read();
  await chmod(join(directory, 'web', 'start'), 0o644);
  await chmod(join(directory, 'mail'), 0o644);
  const after = await read();
  t.deepEqual(
    [before, after].map((entries) => entries.map(({ name }) => name)),
    [['mail', 'web'], ['web']],
  );
  t.not(after[0]?.fingerprint, before[1]?.fingerprint);
  t.regex(warnings[0] ?? '', /mail is ignored: it is neither a directory nor executable/);
});
