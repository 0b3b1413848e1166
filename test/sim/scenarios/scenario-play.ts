// Tells one written story: plays its commands in a simulated world with all checkers on, collects what
// really happened, and judges what had to hold.
import { CutBook } from './cut-book.ts';
import { DiskBook } from './disk-book.ts';
import { perform, type Scene } from './scenario-command.ts';
import { parseCluster } from './scenario-plan.ts';
import { promiseOf, type ScenarioPromise } from './scenario-promise.ts';
import { ScenarioStage } from './scenario-stage.ts';
import { type Line, type Scenario, ScenarioRefusal } from './scenario-text.ts';

/** What came of a story. */
export interface Performance {
  /** What each block gave; undefined: the story ended before it. */
  readonly traces: readonly (readonly string[] | undefined)[];
  /** What is wrong whatever the traces say: refusals, broken promises. By line, 0: none in particular. */
  readonly faults: readonly { readonly line: number; readonly text: string }[];
  /** Simulated time, in milliseconds. */
  readonly simulated: number;
}

interface Watched {
  readonly sentence: Line;
  readonly promise: ScenarioPromise;
}

/** Plays a story from its first command to its end, or to the first promise that a checker finds broken. */
export function play(scenario: Scenario): Performance {
  const [first, ...others] = scenario.blocks;
  const [cluster, ...rest] = first?.commands ?? [];
  if (first === undefined || cluster === undefined || !/^cluster\b/.test(cluster.text)) {
    const text = 'a story begins with the command "cluster"';
    return { traces: [], faults: [{ line: cluster?.number ?? 1, text }], simulated: 0 };
  }
  const blocks = [{ ...first, commands: rest }, ...others];
  const traces: (readonly string[])[] = [];
  const faults: { line: number; text: string }[] = [];
  let stage: ScenarioStage | undefined;
  try {
    stage = new ScenarioStage(parseCluster(cluster));
    for (const line of scenario.promises) checkNames(line, stage);
    const watched = scenario.promises.map((sentence) => watch(sentence, stage));
    const scene: Scene = {
      stage,
      cuts: new CutBook(stage.cluster),
      disks: new DiskBook(stage),
    };
    stage.cluster.start();
    for (const { commands } of blocks) {
      for (const line of commands) {
        checkNames(line, stage);
        perform(line, scene);
        if (stage.world.violation === undefined) continue;
        faults.push({ line: line.number, text: stage.world.violation });
        break;
      }
      traces.push(stage.chronicle.take());
      if (faults.length > 0) break;
    }
    if (faults.length === 0) faults.push(...judge(watched));
  } catch (error) {
    if (!(error instanceof ScenarioRefusal)) throw error;
    faults.push({ line: error.line, text: error.message });
    if (stage !== undefined) traces.push(stage.chronicle.take());
  }
  return { traces, faults, simulated: stage?.world.now ?? 0 };
}

function watch(sentence: Line, stage: ScenarioStage | undefined): Watched {
  if (stage === undefined) throw new Error('there is no stage');
  const promise = promiseOf(sentence, stage);
  stage.admit(promise);
  return { sentence, promise };
}

function judge(watched: readonly Watched[]): readonly { line: number; text: string }[] {
  return watched.flatMap(({ sentence, promise }) => {
    const verdict = promise.verdict();
    if (verdict === undefined) return [];
    return [{ line: sentence.number, text: `"${sentence.text}" does not hold: ${verdict}` }];
  });
}

/** Every node that a line names is there. */
function checkNames({ text, number }: Line, stage: ScenarioStage): void {
  const { electors, runners, hosts } = stage.cluster;
  const known = new Set([...electors, ...runners, ...hosts].map(({ name }) => name));
  for (const name of text.match(/\b(?:e|r|host)-[a-z]\b/g) ?? []) {
    if (!known.has(name)) throw new ScenarioRefusal(number, `there is no ${name} here`);
  }
}
