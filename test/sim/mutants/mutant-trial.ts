// Runs seeds or a story in the copy that this file is in, and says what came of each: a line of JSON per
// run. Ends when the promise that is asked for was broken often enough.
import { readFileSync } from 'node:fs';
import { isPromise } from '../checkers/promises.ts';
import { play } from '../scenarios/scenario-play.ts';
import { parseScenario } from '../scenarios/scenario-text.ts';
import { simulate } from '../simulate.ts';
import { breach, type Trap, type TrialLine, type TrialOrder } from './mutant.ts';

function* runs(trap: Trap): Generator<TrialLine> {
  if ('scenario' in trap) {
    yield tell(trap.scenario);
    return;
  }
  const { from, count } = trap.seeds;
  for (let seed = from; seed < from + count; seed += 1) {
    const { violation } = simulate(seed, { traced: false });
    const kept = violation === undefined || !isPromise(violation);
    yield {
      run: `${seed}`,
      broken: kept ? [] : [violation],
      breakdown: kept ? violation : undefined,
    };
  }
}

/** Plays a story. Its traces do not matter here: only what must hold and what the checkers say. */
function tell(name: string): TrialLine {
  const path = new URL(`../../scenarios/${name}.txt`, import.meta.url);
  const scenario = parseScenario(name, readFileSync(path, 'utf8'));
  const promised = new Set(scenario.promises.map(({ number }) => number));
  const { faults } = play(scenario);
  const broken = faults.filter(({ line, text }) => promised.has(line) || isPromise(text));
  const [other] = faults.filter((fault) => !broken.includes(fault));
  return { run: name, broken: broken.map(({ text }) => text), breakdown: other?.text };
}

const { trap, promise, enough }: TrialOrder = JSON.parse(process.argv[2] ?? '');
let found = 0;
for (const line of runs(trap)) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
  if (breach(line, promise) !== undefined) found += 1;
  if (found >= enough) break;
}
