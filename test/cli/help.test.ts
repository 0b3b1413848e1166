// The help of each command, as somebody reads it who has typed --help.
import test from 'ava';
import { COMMANDS } from '../../services/admin-cli/src/command-table.ts';
import { GLOBAL_OPTIONS } from '../../services/admin-cli/src/global-options.ts';
import { commandLine } from '../../services/admin-cli/src/plain-command.ts';
import { koiAdmin } from './koi-admin.ts';

for (const entry of COMMANDS) {
  const { name, aliases = [], options = [], summary, examples } = entry;
  test(`${name}: what it does, all of its words, and examples that work`, async (t) => {
    const { exit, out, err } = await koiAdmin([name, '--help']);
    t.deepEqual([exit, err], [0, '']);
    t.is(out.split('\n')[2], summary);
    for (const { flags } of [...options, ...GLOBAL_OPTIONS])
      t.regex(out, new RegExp(`^ {2}${flags} `, 'm'));
    if (aliases.length > 0) t.true(out.includes(`\nAliases: ${aliases.join(', ')}\n`));
    t.true(examples.length > 0);
    for (const example of examples) {
      t.true(out.includes(`\n  $ koi-admin ${example}\n`), example);
      const [written = ''] = example.split(' > ');
      t.is(commandLine(written.split(' '))?.entry, entry, example);
    }
    for (const word of [name, ...aliases]) t.is((await koiAdmin(['help', word])).out, out);
    for (const line of out.split('\n').filter((one) => !one.includes(' > ')))
      t.true(line.length <= 80, line);
  });
}
