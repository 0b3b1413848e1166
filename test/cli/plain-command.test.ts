// A plain command line is read without the library that knows everything else: both must read it
// alike, and what is not plain must be left to the library.
import test from 'ava';
import { commandLine } from '../../services/admin-cli/src/plain-command.ts';
import { startFake } from './fake-elector.ts';
import { koiAdmin } from './koi-admin.ts';

test('options stand anywhere, in every form', (t) => {
  const expected = { elector: 'a:1', output: 'json', timeout: 5_000 };
  for (const line of [
    'promote b --force --no-wait --elector a:1 -o json --timeout 5s',
    '--elector=a:1 -ojson promote --timeout=5s --force --no-wait b',
    '--output json --timeout 5s --elector a:1 promote --no-wait --force -- b',
  ]) {
    const read = commandLine(line.split(' '));
    t.deepEqual(read?.global, expected as never, line);
    t.is(read?.entry.name, 'promote');
    t.deepEqual(read?.args, ['b']);
    t.deepEqual({ ...read?.options }, { force: true, wait: false });
  }
});

test('what is not plain is left to the library', (t) => {
  for (const line of [
    '',
    '--help',
    '--version',
    'promote',
    'promote a b',
    'promote --help',
    'promte b',
    'maintenance maybe',
    'elect --force',
    'elect --no-output',
    'get-cluster --no-check',
    'events --since',
    'help promote',
  ]) {
    t.is(commandLine(line.split(' ').filter(Boolean)), undefined, line);
  }
});

test('the library reads plain command lines alike', async (t) => {
  const lines = [
    'promote b --force',
    'recover',
    'recover b',
    'maintenance on',
    'reconfigure --all',
  ];
  const { address, orders } = await startFake(t, {});
  const { runAsTold } = await import('../../services/admin-cli/src/usage.ts');
  const terminal = {
    out: () => {},
    err: () => {},
    env: {},
    colour: false,
    watched: false,
    screen: undefined,
    ask: undefined,
    onInterrupt: () => () => {},
    wall: () => 0,
  };
  for (const line of lines) {
    const args = ['--elector', address, ...line.split(' ')];
    t.is((await koiAdmin(args)).exit, 0);
    t.is(await runAsTold(args, terminal), 0);
  }
  const [odd, even] = [0, 1].map((rest) => orders.filter((_, index) => index % 2 === rest));
  t.deepEqual(odd, even);
  t.is(orders.length, 2 * lines.length);
});
