// A state directory in memory is right, one on anything else is warned about.
import { existsSync } from 'node:fs';
import test from 'ava';
import { stateDiskObjection } from './state-disk.ts';

test('a directory in memory is not objected to', (t) => {
  t.is(existsSync('/dev/shm') ? stateDiskObjection('/dev/shm') : '', '');
});

test('any other file system is, with its name and what is better', (t) => {
  t.regex(
    stateDiskObjection('/proc'),
    /^runner\.stateDirectory: \/proc is on a disk: .*\/run\/koi/,
  );
});
