// What a koi-runner says first: where it goes on from, or why it does not.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { definition, Trial } from '../core/trial.fixture.ts';
import { describeFound } from './adoption-account.ts';
import { RecordStore } from './record-store.ts';

/** A state directory with the record of a master that leased epoch 1 for 1.6 s a moment ago. */
function stateOf(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), 'koi-account-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const trial = Trial.master(definition('disk', 10), definition('web', 20));
  const records = () => trial.effects.filter((effect) => effect.kind === 'record');
  // Its clock is the host's uptime, so that the two need no translation but the uptime's step.
  const storeOf = (boot = 'boot-1') =>
    new RecordStore(directory, { now: () => trial.now, uptime: () => trial.now, boot });
  const keep = () => {
    const record = records().at(-1)?.record;
    if (record !== undefined) storeOf().keep(record);
  };
  const account = (boot?: string) => describeFound(storeOf(boot).read(), directory, trial.now);
  return { directory, trial, keep, account };
}

test('no record: said plainly, with the directory', (t) => {
  const { directory, account } = stateOf(t);
  t.deepEqual(account(), {
    level: 'info',
    text: `there is no record of an earlier process in ${directory}: adopts nothing, status decides what runs here`,
  });
});

test('a record: services, what runs, the epoch and what is left of its lease', (t) => {
  const { trial, keep, account } = stateOf(t);
  keep();
  const { level, text } = account();
  t.is(level, 'info');
  t.regex(
    text,
    /^goes on where an earlier process ended: disk promoted, web promoted; epoch 1, its lease runs for another 1\.6 s$/,
  );
  trial.now += 4_000;
  t.regex(account().text, /; the lease of epoch 1 ended 2\.4 s ago$/);
});

test('a script under way, and an epoch that was given back', (t) => {
  const { trial, keep, account } = stateOf(t);
  trial.assign({ target: 'standby', release: 1 });
  keep();
  t.regex(account().text, /web demoting, 1 script under way; epoch 1, its lease/);
  trial.end('web');
  trial.end('disk');
  keep();
  t.regex(account().text, /disk started, web started.*; epoch 1 was given back$/);
});

test('a record of an earlier boot and a damaged one: named with the path', (t) => {
  const { directory, keep, account } = stateOf(t);
  keep();
  const file = join(directory, 'record.json');
  t.deepEqual(account('boot-2'), {
    level: 'warn',
    text:
      `${file} is of an earlier boot of this host: nothing of it runs any more: ` +
      'adopts nothing, status decides what runs here',
  });
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100));
  t.is(account().level, 'warn');
  t.true(account().text.startsWith(`${file} is damaged: `));
  t.true(account().text.endsWith(': adopts nothing, status decides what runs here'));
});
