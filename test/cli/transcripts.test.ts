// Every transcript of this folder is as the commands really answer, against the electors' own core,
// loop and admin service; and every command is in one of them.
import test from 'ava';
import { COMMANDS } from '../../services/admin-cli/src/command-table.ts';
import { commandsGiven, review, transcriptNames } from './transcript-folder.ts';

for (const name of transcriptNames()) {
  // One after the other: each is a whole cluster in this process.
  test.serial(`transcript: ${name}`, async (t) => {
    const { expected, actual } = await review(name, false);
    t.is(actual, expected, `\`npm run transcripts -- --rewrite ${name}\` accepts it`);
  });
}

test('every command and alias is in a transcript', (t) => {
  const given = new Set(commandsGiven().map((command) => command.split(' ')[0]));
  // Completion asks no cluster: completion.test.ts has it.
  for (const { name, aliases = [] } of COMMANDS.filter((one) => one.name !== 'completion')) {
    for (const command of [name, ...aliases]) t.true(given.has(command), command);
  }
});
