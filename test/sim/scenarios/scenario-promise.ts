// What a story promises, beyond what the checkers watch over in every run: sentences of a small vocabulary,
// each looked at during the whole story and judged at its end.
import type { Action } from '../../../services/runner/src/core/input.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { ScenarioStage, Spectator } from './scenario-stage.ts';
import { ELECTOR, RUNNER, stateOf } from './scenario-state.ts';
import { DURATION, type Line, parseDuration, ScenarioRefusal } from './scenario-text.ts';

/** One promise while its story is told. */
export interface ScenarioPromise extends Spectator {
  /** What is wrong at the end of the story; undefined: it was kept. */
  verdict(): string | undefined;
}

type Maker = (stage: ScenarioStage, ...words: string[]) => ScenarioPromise;

interface PromiseForm {
  readonly pattern: RegExp;
  readonly make: Maker;
}

function form(pattern: string, make: Maker): PromiseForm {
  return { pattern: new RegExp(`^${pattern}$`), make };
}

const FORMS: readonly PromiseForm[] = [
  form(`the gap is at (most|least) (${DURATION})`, (stage, side, duration) => ({
    verdict: () => bounded(stage.serving.gap, side, duration, 'without a serving runner'),
  })),
  form(`nobody leads for at (most|least) (${DURATION})`, leaderless),
  form(`(${RUNNER}) is never disturbed`, undisturbed),
  form(`(${RUNNER}) is never promoted`, (stage, name) => neverPromoted(stage, name)),
  form('nobody is ever promoted', (stage) => neverPromoted(stage, undefined)),
  form(`(${ELECTOR}) never leads`, neverLeads),
  form(`(${RUNNER}) is down within (${DURATION}) of its lease's end`, (stage, name, duration) => ({
    verdict: () => downInTime(stage, runnerNamed(stage, name), milliseconds(duration)),
  })),
  form(`no lease of (${RUNNER}) ends`, (stage, name) => ({
    verdict: () => {
      const ends = stage.leases.ends(runnerNamed(stage, name));
      return ends === 0 ? undefined : `${ends} of its leases ended before they were given back`;
    },
  })),
  form('no script runs in maintenance', noScripts),
  form(`the hook of (${RUNNER}) is (called|never called)`, hookCalled),
  form(`(${RUNNER}) runs no (start|stop|promote|demote) once it was master`, runsNone),
  form('at most (\\d+) terms?', (stage, count) => ({
    verdict: () => atMost(stage.leaders.terms, Number(count), 'terms were led'),
  })),
  form('at most (\\d+) epochs?', (stage, count) => ({
    verdict: () => atMost(stage.masters.epoch, Number(count), 'epochs were begun'),
  })),
  form('(every|no) order is answered', (stage, which) => ({
    verdict: () => {
      const wrong = stage.orders.find(
        ({ outcome }) => (outcome?.revision !== undefined) !== (which === 'every'),
      );
      return wrong && `"${wrong.text}": ${wrong.outcome?.reason ?? wrong.outcome?.revision}`;
    },
  })),
];

const AT_THE_END = ' at the end';

/** What a sentence promises. Throws a `ScenarioRefusal` where nobody knows it. */
export function promiseOf({ text, number }: Line, stage: ScenarioStage): ScenarioPromise {
  const state = text.endsWith(AT_THE_END) ? stateOf(text.slice(0, -AT_THE_END.length)) : undefined;
  if (state !== undefined) return { verdict: () => state(stage) };
  for (const { pattern, make } of FORMS) {
    const match = pattern.exec(text);
    if (match !== null) return make(stage, ...match.slice(1));
  }
  throw new ScenarioRefusal(number, `nobody knows what this promises: "${text}"`);
}

function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

function runnerNamed(stage: ScenarioStage, name: string): SimRunner {
  const runner = stage.runner(name);
  if (runner === undefined) throw new Error(`there is no ${name}`);
  return runner;
}

function atMost(found: number, most: number, what: string): string | undefined {
  return found <= most ? undefined : `${found} ${what}`;
}

function bounded(found: number, side: string, bound: string, what: string): string | undefined {
  const limit = milliseconds(bound);
  const kept = side === 'most' ? found <= limit : found >= limit;
  return kept ? undefined : `${Math.round(found)} ms ${what}`;
}

/** Counts from the first leader on. */
function leaderless(stage: ScenarioStage, side: string, duration: string): ScenarioPromise {
  let since: number | undefined;
  let longest = 0;
  let begun = false;
  return {
    look() {
      const { now } = stage.world;
      const led = stage.leader !== undefined;
      begun ||= led;
      if (!begun) return;
      if (led) since = undefined;
      else since ??= now;
      longest = Math.max(longest, now - (since ?? now));
    },
    verdict: () => bounded(longest, side, duration, 'without a leader'),
  };
}

/** From its first service on a master goes on serving: no script but a status, no other epoch. */
function undisturbed(stage: ScenarioStage, name: string): ScenarioPromise {
  const own = runnerNamed(stage, name);
  let served = false;
  let epoch = 0;
  let wrong: string | undefined;
  const note = (text: string) => {
    if (served) wrong ??= `${text} at ${stage.chronicle.stamp}`;
  };
  return {
    scriptBegins(runner: SimRunner, service: string, action: Action, under: number) {
      if (runner === own && action !== 'status') note(`${action} of ${service} began`);
      if (action === 'promote' && under > epoch) {
        note(`epoch ${under} of ${runner.name} began`);
        epoch = under;
      }
    },
    look() {
      served ||= stage.serving.serves(own);
      if (!stage.serving.serves(own)) note('it served no more');
    },
    verdict: () => (served ? wrong : 'it was never master'),
  };
}

/** M4: the self-fence hook. */
function hookCalled(stage: ScenarioStage, name: string, wanted: string): ScenarioPromise {
  const own = runnerNamed(stage, name);
  let calledAt: string | undefined;
  return {
    fenced(runner) {
      if (runner === own) calledAt ??= stage.chronicle.stamp;
    },
    verdict: () => {
      if (wanted === 'called') return calledAt === undefined ? 'it was not' : undefined;
      return calledAt && `it was, at ${calledAt}`;
    },
  };
}

function runsNone(stage: ScenarioStage, name: string, which: string): ScenarioPromise {
  const own = runnerNamed(stage, name);
  let served = false;
  let wrong: string | undefined;
  return {
    scriptBegins(runner, service, action) {
      if (runner !== own || action !== which || !served) return;
      wrong ??= `it ran ${action} of ${service} at ${stage.chronicle.stamp}`;
    },
    look() {
      served ||= stage.serving.serves(own);
    },
    verdict: () => (served ? wrong : 'it was never master'),
  };
}

function neverPromoted(stage: ScenarioStage, name: string | undefined): ScenarioPromise {
  let wrong: string | undefined;
  return {
    scriptBegins(runner, service, action) {
      if (action !== 'promote' || (name !== undefined && runner.name !== name)) return;
      wrong ??= `${runner.name} promoted ${service} at ${stage.chronicle.stamp}`;
    },
    verdict: () => wrong,
  };
}

function neverLeads(stage: ScenarioStage, name: string): ScenarioPromise {
  let wrong: string | undefined;
  return {
    electorStepped(elector) {
      if (elector.name !== name || !elector.leading) return;
      wrong ??= `it led at ${stage.chronicle.stamp}`;
    },
    verdict: () => wrong,
  };
}

/** M4. A lease has to end, else the promise would say nothing. */
function downInTime(stage: ScenarioStage, runner: SimRunner, most: number): string | undefined {
  if (stage.leases.ends(runner) === 0) return 'no lease of it ended';
  const took = Math.round(stage.leases.uncovered(runner));
  return took <= most ? undefined : `it took ${took} ms`;
}

/** M8: none from the moment in which a runner knows of it. */
function noScripts(stage: ScenarioStage): ScenarioPromise {
  let wrong: string | undefined;
  let known = false;
  return {
    scriptBegins(runner, service, action) {
      if (!runner.maintenance) return;
      wrong ??= `${runner.name} ran ${action} of ${service} at ${stage.chronicle.stamp}`;
    },
    look() {
      known ||= stage.cluster.runners.some(({ maintenance }) => maintenance);
    },
    verdict: () => (known ? wrong : 'there was no maintenance'),
  };
}
