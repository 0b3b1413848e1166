// How a cluster can be, in the words of stories: what `run until` waits for, `expect` checks at once, and
// promises check at the end. All of it is looked up in the simulated world itself, in true time.
import { judge } from '../checkers/liveness.ts';
import type { ScenarioStage } from './scenario-stage.ts';

/** Says what is instead; undefined: it is so. */
export type State = (stage: ScenarioStage) => string | undefined;

interface StateForm {
  /** As the language's description shows it. */
  readonly form: string;
  readonly pattern: RegExp;
  readonly state: (...words: string[]) => State;
}

/** The names of electors, runners and hosts in a story. */
export const ELECTOR = 'e-[a-z]';
export const RUNNER = 'r-[a-z]';
export const HOST = 'host-[a-z]';

/** The second process beside `r-a`. */
export const DEADMAN = 'deadman-[a-z]';

function leads(stage: ScenarioStage): string {
  const { leader } = stage;
  return leader === undefined ? 'nobody leads' : `${leader.name} leads`;
}

function master(stage: ScenarioStage): string {
  const { cluster, serving } = stage;
  const names = cluster.runners.filter((one) => serving.serves(one)).map(({ name }) => name);
  return names.length === 0 ? 'nobody is master' : `${names.join(' and ')} is master`;
}

function unless(holds: boolean, instead: string): string | undefined {
  return holds ? undefined : instead;
}

function same(wanted: string, found: string): string | undefined {
  return unless(wanted === found, found);
}

const FORMS: readonly StateForm[] = [
  {
    form: 'e-a leads',
    pattern: new RegExp(`^(${ELECTOR}) leads$`),
    state: (name) => (stage) => same(`${name} leads`, leads(stage)),
  },
  {
    form: 'nobody leads',
    pattern: /^nobody leads$/,
    state: () => (stage) => same('nobody leads', leads(stage)),
  },
  {
    form: 'somebody leads',
    pattern: /^somebody leads$/,
    state: () => (stage) => unless(stage.leader !== undefined, leads(stage)),
  },
  {
    form: 'everybody follows e-a',
    pattern: new RegExp(`^everybody follows (${ELECTOR})$`),
    state: (name) => (stage) => {
      const others = stage.cluster.electors.filter(({ alive, leader }) => alive && leader !== name);
      return unless(others.length === 0, `${others.map((one) => one.name).join(', ')} does not`);
    },
  },
  {
    form: 'r-a is master',
    pattern: new RegExp(`^(${RUNNER}) is master$`),
    state: (name) => (stage) => same(`${name} is master`, master(stage)),
  },
  {
    form: 'somebody is master',
    pattern: /^somebody is master$/,
    state: () => (stage) => unless(master(stage) !== 'nobody is master', master(stage)),
  },
  {
    form: 'nobody is master',
    pattern: /^nobody is master$/,
    state: () => (stage) => {
      const promoted = stage.cluster.runners.filter(({ scripts }) => scripts.promoted);
      const names = promoted.map(({ name }) => name).join(' and ');
      return unless(promoted.length === 0, `something is promoted on ${names}`);
    },
  },
  {
    form: 'r-a is standby (or live, failed, stopped, disconnected)',
    pattern: new RegExp(`^(${RUNNER}) is (standby|live|failed|stopped|disconnected)$`),
    state: (name, wanted) => (stage) => {
      const found = stage.runner(name)?.core?.state ?? 'gone';
      return same(`${name} is ${wanted}`, `${name} is ${found}`);
    },
  },
  {
    form: 'r-a is in maintenance',
    pattern: new RegExp(`^(${RUNNER}) is (not )?in maintenance$`),
    state: (name, not) => (stage) => {
      const wanted = not === undefined;
      const found = stage.runner(name)?.maintenance === true;
      return unless(found === wanted, `${name} is ${found ? '' : 'not '}in maintenance`);
    },
  },
  {
    form: 'maintenance is on (or off)',
    pattern: /^maintenance is (on|off)$/,
    state: (wanted) => (stage) => {
      const found = stage.charters.committed?.maintenance === true ? 'on' : 'off';
      return same(`maintenance is ${wanted}`, `maintenance is ${found}`);
    },
  },
  {
    form: 'term 3',
    pattern: /^term (\d+)$/,
    state: (wanted) => (stage) =>
      same(`term ${wanted}`, `term ${stage.charters.committed?.version.term ?? 0}`),
  },
  {
    form: 'epoch 2',
    pattern: /^epoch (\d+)$/,
    state: (wanted) => (stage) =>
      same(`epoch ${wanted}`, `epoch ${stage.charters.committed?.epoch ?? 0}`),
  },
  {
    form: 'all disks agree',
    pattern: /^all disks agree$/,
    state: () => (stage) => {
      const versions = stage.cluster.electors.map(({ disk }) => {
        const version = disk.durable.charter?.version;
        return version === undefined ? 'none' : `${version.term}.${version.index}`;
      });
      return unless(new Set(versions).size === 1, `they hold versions ${versions.join(', ')}`);
    },
  },
  {
    form: 'all is well',
    pattern: /^all is well$/,
    state: () => (stage) => {
      const found = judge(stage.cluster);
      return typeof found === 'string' ? found : undefined;
    },
  },
];

/** What a sentence says of the cluster; undefined where nobody knows it. */
export function stateOf(sentence: string): State | undefined {
  for (const { pattern, state } of FORMS) {
    const match = pattern.exec(sentence);
    if (match !== null) return state(...match.slice(1));
  }
  return undefined;
}
