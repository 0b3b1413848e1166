// The command line of the written stories: plays all of them or those that are named, and says where they
// differ from what their files expect. `--rewrite` accepts other traces; a broken promise never.
import { parseArgs } from 'node:util';
import { review, scenarioNames } from './scenario-folder.ts';

const USAGE = 'usage: npm run scenarios -- [--rewrite] [NAME ...]';

const { values, positionals } = parseArgs({
  options: {
    rewrite: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

function main(): number {
  const all = scenarioNames();
  const unknown = positionals.find((name) => !all.includes(name));
  if (values.help || unknown !== undefined) {
    const why = unknown === undefined ? '' : `there is no story ${unknown}\n`;
    console.error(`${why}${USAGE}`);
    return values.help ? 0 : 2;
  }
  const began = performance.now();
  let simulated = 0;
  let failed = 0;
  for (const name of positionals.length > 0 ? positionals : all) {
    const verdict = review(name, values.rewrite);
    simulated += verdict.simulated;
    if (verdict.complaints.length > 0) failed += 1;
    const state = verdict.complaints.length > 0 ? 'FAILED' : 'ok';
    console.log(`${state} ${name}${verdict.rewritten ? ' (rewritten)' : ''}`);
    for (const line of verdict.complaints) console.log(`  ${line}`);
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${Math.round(simulated / 1_000)} simulated seconds in ${seconds} s`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main();
