// Command lines that are wrong, and those that ask for help.
import test from 'ava';
import { COMMANDS } from '../../services/admin-cli/src/command-table.ts';
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
      'koi-admin: error: --timeout 5: it must be a duration like 500ms, 5s or 1m\n' +
        'koi-admin: hint: `koi-admin --help` lists the commands\n',
    ],
    [
      ['elect', '--elector', 'b'],
      'koi-admin: error: --elector b: "b" has no port: write it like b:42012\n' +
        'koi-admin: hint: `koi-admin --help` lists the commands\n',
    ],
  ];
  for (const [args, err] of cases) {
    t.deepEqual(await koiAdmin(args), { exit: 2, out: '', err });
  }
  const more: readonly (readonly [args: string[], complaint: string])[] = [
    [['elect', '-o', 'xml'], '--output xml: it must be text or wide or json'],
    [['events', '--after', '-3'], '--after -3: it must be a whole number'],
    [['why', '--epoch', 'now'], '--epoch now: it must be a whole number'],
    [
      ['events', '--since', 'noon'],
      '--since noon: it must be like 10m, 12:03 or "2026-11-23 12:03"',
    ],
    [['status', 'b', '--check'], '--check is of the whole cluster: name no node'],
    [['reconfigure', 'b', '--all'], 'name a runner or say --all, not both'],
  ];
  for (const [args, complaint] of more) {
    const { exit, err } = await koiAdmin(args);
    t.is(exit, 2);
    t.is(err.split('\n')[0], `koi-admin: error: ${complaint}`);
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
  for (const { name, aliases = [] } of COMMANDS) {
    for (const command of [name, ...aliases]) {
      const { exit, out } = await koiAdmin([command, '--help']);
      t.is(exit, 0);
      t.regex(out, new RegExp(`\\nExamples?:\\n {2}\\$ koi-admin ${name}`));
    }
  }
});

test('every command of the stable surface is there', (t) => {
  const names = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const stable =
    'check-config completion confirm-down demote elect events failures get-cluster get-node local maintenance ' +
    'promote reconfigure recover start status stop tree watch why';
  for (const name of stable.split(' ')) t.true(names.includes(name), name);
});
