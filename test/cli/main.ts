// The command line of the transcripts: plays all of them or those that are named.
//   npm run transcripts -- [--rewrite] [NAME...]     --rewrite accepts other answers
import { parseArgs } from 'node:util';
import { review, transcriptNames } from './transcript-folder.ts';

const { values, positionals } = parseArgs({
  options: { rewrite: { type: 'boolean', default: false } },
  allowPositionals: true,
});
let failed = 0;
for (const name of positionals.length > 0 ? positionals : transcriptNames()) {
  const { expected, actual } = await review(name, values.rewrite);
  const differs = expected !== actual;
  if (differs && !values.rewrite) failed += 1;
  const verdict = differs ? (values.rewrite ? 'rewritten' : 'FAILED') : 'ok';
  console.log(`${verdict} ${name}`);
}
process.exitCode = failed === 0 ? 0 : 1;
