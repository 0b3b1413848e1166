// What the koi of 2012 documents of the services folder, row by row: a whole runner over a real one. What names
// it takes is in folder.test.ts.
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { RunnerStage } from './runner-stage.fixture.ts';

interface Row {
  readonly row: string;
  readonly holds: (t: ExecutionContext) => Promise<void>;
}

const folder: readonly Row[] = [
  {
    row: 'an entry is named [NN-]name, NN is a priority of one or two digits',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['7-a', '10-b', 'c', '100-d']);
      t.deepEqual(
        stage.core.services.map(({ name, priority }) => [name, priority]),
        [
          ['a', 7],
          ['b', 10],
          ['100-d', undefined],
          ['c', undefined],
        ],
      );
    },
  },
  {
    row: 'a directory with executables start stop promote demote status failed',
    holds: async (t) => {
      const stage = await RunnerStage.master(t, ['web']);
      stage.order('stopped');
      await stage.stateOf('web', 'stopped');
      stage.order('standby');
      await stage.state('standby');
      stage.answer('web', 'status', 'exit 1');
      await stage.stateOf('web', 'failed');
      t.deepEqual(
        stage.scripts,
        ['start', 'promote', 'demote', 'stop', 'start', 'failed', 'stop'].map(
          (one) => `web ${one}`,
        ),
      );
      t.true(stage.trace.some((line) => line.startsWith('web status')));
    },
  },
  {
    row: 'each executable is optional: a missing one counts as having succeeded at once',
    holds: async (t) => {
      const stage = await RunnerStage.open(t, (opened) => opened.add('web', ['stop']));
      await stage.state('standby');
      stage.order('master');
      await stage.stateOf('web', 'promoted');
      stage.order('stopped');
      await stage.stateOf('web', 'stopped');
      t.deepEqual(stage.scripts, ['web stop']);
    },
  },
  {
    row: 'one single executable is called with the event as its argument, in the working directory',
    holds: async (t) => {
      const stage = await RunnerStage.open(t, (opened) => opened.addFile('20-mail'));
      await stage.state('standby');
      stage.order('master');
      await stage.stateOf('mail', 'promoted');
      stage.order('stopped');
      await stage.stateOf('mail', 'stopped');
      for (const action of ['status', 'start', 'promote', 'demote', 'stop']) {
        await stage.line(new RegExp(`^${action} 1${action} in ${stage.workingDirectory}$`));
      }
      t.deepEqual(stage.scripts, ['mail start', 'mail promote', 'mail demote', 'mail stop']);
    },
  },
  {
    row: "a directory's scripts run in that directory, without an argument",
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['10-web']);
      await stage.line(new RegExp(`^start 0 in ${stage.services}/10-web$`));
      t.is(stage.service('web')?.state, 'started');
    },
  },
  ...(['web.bak', 'web~', '#web#'] as const).map((entry) => ({
    row: `${entry} is ignored, and warned about once`,
    holds: async (t: ExecutionContext) => {
      const stage = await RunnerStage.standby(t, ['web', entry]);
      await stage.rounds(5);
      t.deepEqual(
        stage.core.services.map(({ name }) => name),
        ['web'],
      );
      const warnings = stage.lines.filter(({ text }) => text.includes(`${entry} is ignored`));
      t.is(warnings.length, 1);
    },
  })),
];

const rereading: readonly Row[] = [
  {
    row: 'the folder is read again at each status round: new services join',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web']);
      stage.add('mail');
      await stage.stateOf('mail', 'started');
      t.deepEqual(stage.scripts, ['web start', 'mail start']);
    },
  },
  {
    row: 'the folder is read again at each status round: removed services leave, and die whole',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web', 'mail']);
      await rename(join(stage.services, 'mail'), join(stage.services, 'mail.off'));
      await stage.holds('its leaving', () => stage.service('mail') === undefined);
      await stage.line(/mail has left the services folder/);
      await stage.state('standby');
      t.is(stage.service('web')?.state, 'started');
    },
  },
  {
    row: 'the folder is read again at each status round: changed services are logged',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web']);
      stage.write('web/start', '#!/bin/sh\n# It is another one now.\n');
      await stage.line(/web: its scripts have changed/);
      await stage.rounds(3);
      const told = stage.lines.filter(({ text }) => text.includes('have changed'));
      t.is(told.length, 1);
      t.is(stage.core.state, 'standby');
    },
  },
  {
    row: 'a script that is made non-executable has changed, and does not count as missing',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web']);
      await chmod(join(stage.services, 'web', 'status'), 0o644);
      await stage.line(/web: its scripts have changed/);
      await stage.stateOf('web', 'failed');
      t.regex(stage.service('web')?.failure ?? '', /is not executable: chmod \+x/);
    },
  },
  {
    row: 'a single executable that is made non-executable is ignored, and has left',
    holds: async (t) => {
      const stage = await RunnerStage.open(t, (opened) => opened.addFile('mail'));
      await stage.state('standby');
      await chmod(join(stage.services, 'mail'), 0o644);
      await stage.holds('its leaving', () => stage.service('mail') === undefined);
      await stage.line(/mail is ignored: it is neither a directory nor executable/);
      t.is(stage.core.state, 'standby');
    },
  },
  {
    row: 'a file disabled: the service is stopped and the node counts as failed until it is gone',
    holds: async (t) => {
      const stage = await RunnerStage.standby(t, ['web', 'mail']);
      await writeFile(join(stage.services, 'web', 'disabled'), '');
      await stage.state('failed');
      await stage.stateOf('web', 'stopped');
      await stage.stateOf('mail', 'stopped');
      await stage.rounds(3);
      t.is(stage.core.state, 'failed');
      await rm(join(stage.services, 'web', 'disabled'));
      await stage.state('standby');
      t.is(stage.service('web')?.state, 'started');
    },
  },
];

for (const { row, holds } of [folder, rereading].flat()) test.serial(row, holds);
