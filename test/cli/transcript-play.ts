// Plays a transcript: brings the cluster to where it is to be, gives each command line, and returns
// what was really answered. What differs from run to run is made equal: the ports and folders of the
// test become addresses and paths of an installation. Nothing else is changed; ages and times come
// from simulated clocks, which stand still while a command only looks.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { startFake } from './fake-elector.ts';
import { FAKES } from './fake-states.ts';
import { type Running, startKoiAdmin } from './koi-admin.ts';
import { ServedCluster, shownAddress } from './served-cluster.ts';
import type { Answer, Exchange, Step } from './transcript.ts';
import { perform } from './transcript-deed.ts';

/** Simulated time goes on to a multiple of this after a change was followed: by how much it was
 * followed too long is left to chance. */
const ALIGNMENT = 30_000;

/** How long an expected answer may take to arrive before a command is interrupted, in real time. */
const ANSWER_MAX = 5_000;

/** The simulated wall clock at the beginning. */
const WALL = 1_700_000_000_000;

/** Ends what was begun. */
interface Ending {
  teardown(end: () => Promise<void> | void): void;
}

/** Plays all steps. Throws with the line's number where one cannot be done. */
export async function play(steps: readonly Step[]): Promise<readonly Answer[]> {
  const ends: (() => Promise<void> | void)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'koi-transcript-'));
  const scene = new Scene(folder, { teardown: (end) => void ends.push(end) });
  const answers: Answer[] = [];
  try {
    for (const step of steps) {
      if (step.kind === 'comment') continue;
      try {
        if (step.kind === 'deed') await scene.perform(step.text);
        else answers.push(await scene.answer(step));
      } catch (error) {
        throw new Error(`line ${step.line}: ${String(error)}`, { cause: error });
      }
    }
  } finally {
    for (const end of ends.toReversed()) await end();
    rmSync(folder, { recursive: true, force: true });
  }
  return answers;
}

class Scene {
  readonly #folder: string;
  readonly #ending: Ending;
  #cluster: ServedCluster | undefined;
  /** Sockets of fakes: the elector's and the runner's. */
  #fakes: { readonly elector?: string; readonly runner?: string } | undefined;

  constructor(folder: string, ending: Ending) {
    this.#folder = folder;
    this.#ending = ending;
  }

  async perform(text: string): Promise<void> {
    const [verb = '', name = '', other = ''] = text.split(' ');
    if (verb === 'cluster') {
      const cluster = new ServedCluster(text, this.#folder);
      this.#ending.teardown(() => cluster.close());
      this.#cluster = cluster;
      await cluster.serve();
    } else if (verb === 'fake') {
      this.#fakes = { [name === 'runner' ? 'runner' : 'elector']: await this.#fake(name) };
      if (other !== '') this.#fakes = { ...this.#fakes, runner: await this.#fake(other) };
    } else if (verb === 'served') this.#fakes = undefined;
    else await perform(this.#served(), text);
  }

  async #fake(name: string): Promise<string> {
    const answers = FAKES[name];
    if (answers === undefined) throw new Error(`there is no fake ${name}`);
    const { address } = await startFake(this.#ending, answers, 'socket');
    return address.replace('unix:', '');
  }

  #served(): ServedCluster {
    if (this.#cluster === undefined) throw new Error('a cluster comes first');
    return this.#cluster;
  }

  /** What a command line really answers. */
  async answer(exchange: Exchange): Promise<Answer> {
    const cluster = this.#cluster;
    const running = startKoiAdmin(argumentsOf(exchange.command), {
      env: { KOI_CONFIG: this.#writeConfig() },
      wall: WALL + (cluster?.world.now ?? 0),
    });
    let over = false;
    const result = running.result.finally(() => {
      over = true;
    });
    // It is awaited below: until then a failure waits, too.
    result.catch(() => {});
    const isOver = () => over;
    if (exchange.meanwhile.length > 0) await this.#meanwhile(exchange, running, isOver);
    else if (cluster !== undefined) await letPass(cluster, isOver);
    const { exit, out, err } = await result;
    return { exit, out: this.#linesOf(out), err: this.#linesOf(err) };
  }

  async #meanwhile(
    { meanwhile, answer }: Exchange,
    running: Running,
    over: () => boolean,
  ): Promise<void> {
    const cluster = this.#served();
    while (!cluster.watched && !over()) await setImmediate();
    for (const text of meanwhile) {
      await cluster.settled();
      if (text !== '^C') {
        await perform(cluster, text);
        continue;
      }
      // An answer that nobody has written down yet may still be on its way.
      const known = answer.out.length + answer.err.length > 0;
      const complete = () =>
        over() ||
        (known &&
          same(this.#linesOf(running.printed.out), answer.out) &&
          same(this.#linesOf(running.printed.err), answer.err));
      const until = performance.now() + ANSWER_MAX;
      while (!complete() && performance.now() < until) await setImmediate();
      running.interrupt();
    }
  }

  /** The configuration of host a. */
  #writeConfig(): string {
    const file = join(this.#folder, 'koi.yaml');
    const { addresses } = this.#cluster ?? { addresses: new Map<string, string>() };
    const electors = [...addresses].map(
      ([name, address], index) =>
        `  - { name: ${name}, address: "${address}", priority: ${9 - index} }`,
    );
    const elector =
      this.#fakes === undefined ? `${this.#folder}/a.sock` : (this.#fakes.elector ?? '/none');
    const lines = [
      'cluster: shop',
      'name: a',
      electors.length === 0 ? 'electors: [{ name: a, address: "127.0.0.1:1" }]' : 'electors:',
      ...electors,
      `elector: { socket: "${elector}" }`,
      `runner: { socket: "${this.#fakes?.runner ?? '/none'}" }`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  }

  /** Printed lines, without what is drawn anew for each run. */
  #linesOf(text: string): readonly string[] {
    let equal = text.replaceAll(`${this.#folder}/a.sock`, '/run/koi-elector/elector.sock');
    equal = equal.replaceAll(`${this.#folder}/koi.yaml`, '/etc/koi/koi.yaml');
    for (const [name, address] of this.#cluster?.addresses ?? []) {
      equal = equal.replaceAll(address, shownAddress(name));
    }
    return equal === ''
      ? []
      : equal
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => line.trimEnd());
  }
}

/** Lets simulated time pass while somebody watches, until the command ends. */
async function letPass(cluster: ServedCluster, over: () => boolean): Promise<void> {
  let followed = false;
  while (!over()) {
    if (cluster.watched) {
      followed = true;
      await cluster.run(1);
    }
    await setImmediate();
  }
  const { now } = cluster.world;
  if (followed) await cluster.run(Math.ceil(now / ALIGNMENT) * ALIGNMENT - now);
}

/** Words are parted by blanks, and held together by quotation marks. */
function argumentsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
