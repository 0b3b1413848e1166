// What the lines of a story do, each form with the deed it stands for. Nodes are named by the command; a
// command that makes no sense just then (a start of what runs, an order to nobody) is refused by its line.
import { endDeadman, stopDeadman } from '../deadman-faults.ts';
import { DEEDS } from '../fatal-deed.ts';
import type { SimElector } from '../sim-elector.ts';
import type { SimHost } from '../sim-host.ts';
import type { SimProcess } from '../sim-process.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { CutBook } from './cut-book.ts';
import type { DiskBook } from './disk-book.ts';
import { happeningOf } from './scenario-happening.ts';
import { commandOf, giveOrder } from './scenario-order.ts';
import type { ScenarioStage } from './scenario-stage.ts';
import { DEADMAN, ELECTOR, HOST, RUNNER, stateOf } from './scenario-state.ts';
import { DURATION, type Line, parseDuration, ScenarioRefusal } from './scenario-text.ts';

/** How long `run until` waits, where it does not say: what the protocol takes to recover at most. */
const PATIENCE = 10_000;

/** What commands act on. */
export interface Scene {
  readonly stage: ScenarioStage;
  readonly cuts: CutBook;
  readonly disks: DiskBook;
}

/** Why a command cannot be carried out. */
class Nonsense extends Error {}

type Deed = (scene: Scene, ...words: string[]) => void;

interface CommandForm {
  readonly pattern: RegExp;
  readonly deed: Deed;
}

const NODE = `(?:${ELECTOR}|${RUNNER}|${DEADMAN}|${HOST})`;
const NODES = `${NODE}(?: ${NODE})*`;

function form(pattern: string, deed: Deed): CommandForm {
  return { pattern: new RegExp(`^${pattern}$`), deed };
}

const COMMANDS: readonly CommandForm[] = [
  form(`run (${DURATION})`, ({ stage }, duration) => stage.run(milliseconds(duration))),
  form(`run until (.+?)(?: within (${DURATION}))?`, runUntil),
  form(`skip until (.+?)(?: within (${DURATION}))?`, (scene, sentence, within) => {
    runUntil(scene, sentence, within);
    scene.stage.chronicle.skip();
  }),
  form('expect (.+)', expect),
  form('show', ({ stage }) => show(stage)),
  form(`crash (${NODES})`, ({ stage }, names) => each(names, (name) => crash(stage, name))),
  form(`(?:start|boot) (${NODES})`, ({ stage }, names) => each(names, (one) => start(stage, one))),
  form(`start a second (${RUNNER})`, ({ stage }, name) => {
    const twin = stage.cluster.addTwin(runner(stage, name), 1);
    if (twin === undefined) throw new Nonsense('there is a second one already');
    twin.start();
  }),
  form(`stop ((?:${ELECTOR}|${RUNNER}))`, ({ stage }, name) => stop(stage, name)),
  form(`detach (${RUNNER})`, ({ stage }, name) => {
    process(stage, name);
    runner(stage, name).detach();
  }),
  form(`crash (${RUNNER}) before its next (${DEEDS.join('|')})`, ({ stage }, name, wanted) => {
    process(stage, name);
    runner(stage, name).diesBefore = (deed) => deed === wanted;
  }),
  form(`lose record (${RUNNER})`, ({ stage }, name) => {
    const found = runner(stage, name);
    if (found.alive) throw new Nonsense(`${name} runs: crash it first`);
    found.loseRecord();
  }),
  form(`crash (${ELECTOR}) at its next write, (kept|lost)`, ({ disks, stage }, name, kept) =>
    disks.crashAtWrite(elector(stage, name), kept === 'kept'),
  ),
  form(`wipe (${ELECTOR})`, ({ stage }, name) => {
    dead(elector(stage, name)).disk.wipe();
    stage.charters.wiped(name);
  }),
  form(`damage disk (${ELECTOR})`, ({ stage }, name) => {
    if (!dead(elector(stage, name)).disk.damage()) throw new Nonsense('there is nothing to damage');
  }),
  form(`list (${ELECTOR}) as (${ELECTOR}(?: ${ELECTOR})*)`, ({ stage }, name, names) => {
    const changed = dead(elector(stage, name));
    const listed = names.split(' ');
    changed.list = changed.list.filter((one) => listed.includes(one.name));
  }),
  form(`save disk (${ELECTOR})`, ({ stage, disks }, name) => disks.save(elector(stage, name))),
  form(`old disk (${ELECTOR})`, ({ stage, disks }, name) => {
    if (!disks.restore(dead(elector(stage, name)))) throw new Nonsense('no disk of it was saved');
  }),
  form(`slow disk (${ELECTOR}) (${DURATION})`, ({ stage }, name, duration) =>
    hurtDisk(stage, name, { slow: milliseconds(duration), fails: false }),
  ),
  form(`fail disk (${ELECTOR})`, ({ stage }, name) => hurtDisk(stage, name, { fails: true })),
  form(`heal disk (${ELECTOR})`, ({ stage }, name) => hurtDisk(stage, name, { fails: false })),
  form(`pause (${NODES})`, ({ stage }, names) =>
    each(names, (name) => {
      if (name.startsWith('deadman-')) stopDeadman(guarded(stage, name));
      else for (const process of processes(stage, name)) process.pause(() => {});
    }),
  ),
  form(`resume (${NODES})`, ({ stage }, names) =>
    each(names, (name) => {
      for (const process of processes(stage, name)) process.resume();
    }),
  ),
  form(`cut (${HOST}) -> (${HOST})`, ({ cuts }, from, to) => cuts.cut(from, to)),
  form(`cut (${HOST}) (${HOST})`, ({ cuts }, one, other) => cuts.cutBoth(one, other)),
  form(`cut (${HOST}) from all`, ({ cuts }, name) => cuts.cutOff(name)),
  form('mend all', ({ cuts }) => cuts.mendAll()),
  form(`close (${HOST}) to (${HOST})`, ({ stage }, host, caller) => {
    stage.cluster.network.barred.add(`${caller} ${host}`);
  }),
  form(`mend (${HOST}) -> (${HOST})`, ({ cuts }, from, to) => cuts.mend(from, to)),
  form(`mend (${HOST}) (${HOST})`, ({ cuts }, one, other) => {
    cuts.mend(one, other);
    cuts.mend(other, one);
  }),
  form(`delay (${HOST}) -> (${HOST}) (${DURATION})`, ({ cuts }, from, to, duration) =>
    cuts.delay(from, to, milliseconds(duration)),
  ),
  form(`break stream (${ELECTOR}|${RUNNER}) (${ELECTOR})`, ({ cuts, stage }, from, to) => {
    if (!cuts.breakStream(process(stage, from), process(stage, to))) {
      throw new Nonsense('there is no such stream');
    }
  }),
  form(`hang (${RUNNER})`, ({ stage }, name) => {
    runner(stage, name).scripts.hanging = true;
  }),
  form(`behave (${RUNNER})`, ({ stage }, name) => {
    const { scripts } = runner(stage, name);
    scripts.hanging = false;
    scripts.behave();
  }),
  form(`break (\\S+) of (${RUNNER})`, ({ stage }, service, name) => {
    const { scripts, services } = runner(stage, name);
    if (services.every((one) => one.name !== service)) throw new Nonsense('no such service');
    scripts.break(service);
  }),
  form(`order (.+?)(?: to (${ELECTOR}))?`, order),
];

/** Carries out one line. Throws a `ScenarioRefusal` where nobody can. */
export function perform(line: Line, scene: Scene): void {
  for (const { pattern, deed } of COMMANDS) {
    const match = pattern.exec(line.text);
    if (match === null) continue;
    try {
      deed(scene, ...match.slice(1));
    } catch (error) {
      if (error instanceof Nonsense) throw new ScenarioRefusal(line.number, error.message);
      throw error;
    }
    return;
  }
  throw new ScenarioRefusal(line.number, `unknown command: ${line.text}`);
}

function each(names: string, act: (name: string) => void): void {
  for (const name of names.split(' ')) act(name);
}

function milliseconds(text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined) throw new Nonsense(`no time: ${text}`);
  return duration;
}

function elector(stage: ScenarioStage, name: string): SimElector {
  const found = stage.elector(name);
  if (found === undefined) throw new Nonsense(`there is no ${name}`);
  return found;
}

function runner(stage: ScenarioStage, name: string): SimRunner {
  const found = stage.runner(name);
  if (found === undefined) throw new Nonsense(`there is no ${name}`);
  return found;
}

function host(stage: ScenarioStage, name: string): SimHost {
  const found = stage.host(name);
  if (found === undefined) throw new Nonsense(`there is no ${name}`);
  return found;
}

function daemon(stage: ScenarioStage, name: string): SimElector | SimRunner {
  return name.startsWith('e-') ? elector(stage, name) : runner(stage, name);
}

function dead(one: SimElector): SimElector {
  if (one.alive) throw new Nonsense(`${one.name} runs: crash it first`);
  return one;
}

function process(stage: ScenarioStage, name: string): SimProcess {
  const { process: found } = daemon(stage, name);
  if (found === undefined) throw new Nonsense(`${name} does not run`);
  return found;
}

/** The runner whose second process is meant. */
function guarded(stage: ScenarioStage, deadman: string): SimRunner {
  return runner(stage, deadman.replace('deadman', 'r'));
}

function processes(stage: ScenarioStage, name: string): readonly SimProcess[] {
  if (name.startsWith('deadman-')) {
    const { process: found } = guarded(stage, name).deadman;
    if (found === undefined) throw new Nonsense(`${name} does not run`);
    return [found];
  }
  if (!name.startsWith('host-')) return [process(stage, name)];
  const { elector: voter, runner: own } = host(stage, name);
  const all = [voter?.process, own?.process, own?.deadman.process];
  return all.filter((one) => one !== undefined);
}

function crash(stage: ScenarioStage, name: string): void {
  if (name.startsWith('host-')) {
    host(stage, name).crash();
    return;
  }
  if (name.startsWith('deadman-')) {
    processes(stage, name);
    endDeadman(guarded(stage, name));
    return;
  }
  process(stage, name);
  daemon(stage, name).crash();
}

function start(stage: ScenarioStage, name: string): void {
  if (name.startsWith('host-')) {
    const found = host(stage, name);
    if (found.up) throw new Nonsense(`${name} is up`);
    found.boot();
    return;
  }
  if (name.startsWith('deadman-')) throw new Nonsense('its runner arms another one by itself');
  const found = daemon(stage, name);
  if (found.alive) throw new Nonsense(`${name} runs`);
  if (!found.host.up) throw new Nonsense(`${found.host.name} is down`);
  found.start();
}

function stop(stage: ScenarioStage, name: string): void {
  process(stage, name);
  daemon(stage, name).stop(() => {});
}

function hurtDisk(
  stage: ScenarioStage,
  name: string,
  health: Partial<SimElector['disk']['health']>,
): void {
  const { disk } = elector(stage, name);
  const slow = stage.cluster.plan.diskSlow;
  disk.health = { ...disk.health, slow, ...health };
}

function runUntil({ stage }: Scene, sentence: string, within: string | undefined): void {
  const patience = within === undefined ? PATIENCE : milliseconds(within);
  const state = stateOf(sentence);
  const happening = happeningOf(sentence);
  if (state === undefined && happening === undefined) {
    throw new Nonsense(`nobody knows what would be so or happen: ${sentence}`);
  }
  let happened = false;
  const ignore = stage.chronicle.listen((news) => {
    happened ||= happening?.(news) === true;
  });
  const holds = () => happened || (state !== undefined && state(stage) === undefined);
  const came = stage.runUntil(holds, patience);
  ignore();
  if (came || stage.world.violation !== undefined) return;
  const instead = state?.(stage);
  const why = instead === undefined ? '' : `: ${instead}`;
  throw new Nonsense(`it did not come to "${sentence}" within ${patience} ms${why}`);
}

function expect({ stage }: Scene, sentence: string): void {
  const state = stateOf(sentence);
  if (state === undefined) throw new Nonsense(`nobody knows what would be so: ${sentence}`);
  const instead = state(stage);
  if (instead !== undefined) throw new Nonsense(`"${sentence}" does not hold: ${instead}`);
}

/** Writes down how things stand. */
function show(stage: ScenarioStage): void {
  const { cluster, leader, charters, serving } = stage;
  const { committed } = charters;
  const masters = cluster.runners.filter((one) => serving.serves(one)).map(({ name }) => name);
  const text = [
    leader === undefined ? 'nobody leads' : `${leader.name} leads`,
    `term ${committed?.version.term ?? 0}`,
    masters.length === 0 ? 'nobody is master' : `${masters.join(' and ')} is master`,
    `epoch ${committed?.epoch ?? 0}`,
  ];
  stage.chronicle.write('now', text.join(', '));
}

function order({ stage }: Scene, text: string, to: string | undefined): void {
  const command = commandOf(text);
  if (command === undefined) throw new Nonsense(`unknown order: ${text}`);
  const addressee = to === undefined ? stage.leader : elector(stage, to);
  if (addressee === undefined) throw new Nonsense('nobody leads: say to whom it is given');
  if (!addressee.alive) throw new Nonsense(`${addressee.name} does not run`);
  giveOrder(stage, text, command, addressee);
}
