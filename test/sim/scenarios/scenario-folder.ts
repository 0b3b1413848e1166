// The folder of written stories: which there are, whether each gives what its file says, and how a file is
// written anew. A broken promise is never written away.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diff } from './scenario-diff.ts';
import { play } from './scenario-play.ts';
import { parseScenario, ScenarioRefusal, withTraces } from './scenario-text.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));
const ENDING = '.txt';

/** What came of one file. */
export interface Verdict {
  readonly name: string;
  /** What is wrong, for people; none: the story is as it is written. */
  readonly complaints: readonly string[];
  /** Only its traces differ from what the file says, or did before it was rewritten. */
  readonly rewritten: boolean;
  readonly simulated: number;
}

/** The names of all stories. */
export function scenarioNames(folder = FOLDER): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
}

/** Plays one story. With `rewrite` its file gets the traces that came, if all that must hold does. */
export function review(name: string, rewrite: boolean, folder = FOLDER): Verdict {
  const path = join(folder, `${name}${ENDING}`);
  const at = (line: number) => `test/scenarios/${name}${ENDING}:${line}`;
  const text = readFileSync(path, 'utf8');
  try {
    const scenario = parseScenario(name, text);
    const { traces, faults, simulated } = play(scenario);
    const differences = scenario.blocks.flatMap(({ trace, traceAt }, index) => {
      const found = traces[index];
      if (found === undefined || found.join('\n') === trace.join('\n')) return [];
      return [`${at(traceAt)}: another trace than expected`, ...diff(trace, found)];
    });
    const broken = faults.map((fault) => `${at(fault.line)}: ${fault.text}`);
    if (broken.length > 0) {
      return { name, complaints: [...broken, ...differences], rewritten: false, simulated };
    }
    if (differences.length === 0) return { name, complaints: [], rewritten: false, simulated };
    if (!rewrite) {
      const advice = `to accept this: npm run scenarios -- --rewrite ${name}, and review the diff`;
      return { name, complaints: [...differences, advice], rewritten: false, simulated };
    }
    writeFileSync(path, withTraces(scenario, traces));
    return { name, complaints: [], rewritten: true, simulated };
  } catch (error) {
    if (!(error instanceof ScenarioRefusal)) throw error;
    return {
      name,
      complaints: [`${at(error.line)}: ${error.message}`],
      rewritten: false,
      simulated: 0,
    };
  }
}
