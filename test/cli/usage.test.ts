// Command lines that are wrong, and those that ask for help.
import test from 'ava';
import { koiAdmin } from './koi-admin.ts';

test('wrong usage: exit 2, one error and one hint', async (t) => {
  const cases: readonly (readonly [args: string[], err: string])[] = [
    [
      ['promte', 'b'],
      "koi-admin: error: unknown command 'promte'\nkoi-admin: hint: did you mean promote?\n",
    ],
    [
      ['promote'],
      "koi-admin: error: missing required argument 'name'\n" +
        'koi-admin: hint: `koi-admin --help` lists the commands\n',
    ],
    [
      ['maintenance', 'maybe'],
      "koi-admin: error: command-argument value 'maybe' is invalid for argument 'on|off'. " +
        'Allowed choices are on, off\n' +
        'koi-admin: hint: `koi-admin --help` lists the commands\n',
    ],
    [
      ['elect', '--timeout', '5'],
      "koi-admin: error: option '--timeout <duration>' argument '5' is invalid. " +
        'It must be a duration like 500ms, 5s or 1m\n' +
        'koi-admin: hint: `koi-admin --help` lists the commands\n',
    ],
    [
      ['elect', '--elector', 'b'],
      "koi-admin: error: option '--elector <host:port>' argument 'b' is invalid. " +
        '"b" has no port: write it like b:42012\n' +
        'koi-admin: hint: `koi-admin --help` lists the commands\n',
    ],
  ];
  for (const [args, err] of cases) {
    t.deepEqual(await koiAdmin(args), { exit: 2, out: '', err });
  }
  const bare = await koiAdmin([]);
  t.is(bare.exit, 2);
  t.regex(bare.err, /^Usage: koi-admin /);
});

test('help and version are answers: exit 0 on standard output', async (t) => {
  const help = await koiAdmin(['--help']);
  t.is(help.exit, 0);
  t.regex(help.out, /Exit codes: 0 done/);
  t.regex((await koiAdmin(['--version'])).out, /^\d+\.\d+\.\d+\n$/);
  for (const command of [
    'get-cluster',
    'promote',
    'demote',
    'elect',
    'maintenance',
    'start',
    'stop',
    'recover',
    'confirm-down',
    'events',
    'local',
    'check-config',
  ]) {
    const { exit, out } = await koiAdmin([command, '--help']);
    t.is(exit, 0);
    t.regex(out, new RegExp(`\\nExample:\\n {2}\\$ (sudo )?koi-admin ${command}`));
  }
});
