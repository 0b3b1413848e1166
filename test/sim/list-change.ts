// An administrator adds an elector to the list or takes one out of it (P1): the electors are started again
// with the new list one by one. One that is added is started first and gets the charter from the leader, one
// that is taken out is stopped last. Whatever else breaks meanwhile, the change goes on, and it is finished
// after the storm.
import type { Cluster } from './cluster.ts';
import type { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';
import type { SimProcess } from './sim-process.ts';
import type { Storm } from './storm.ts';

/** How long between two looks at how far it has come, in heartbeats. */
const LOOK_EVERY = { least: 0.3, most: 4 } as const;

/** Begins one, where the last one is finished and every elector is up and holds a charter that says so. */
export function changeList(storm: Storm): void {
  const { cluster, random } = storm;
  const { membership } = cluster;
  const { members } = membership;
  const ready = members.every(({ alive, disk }) => alive && disk.durable.charter !== undefined);
  if (membership.changing || !ready || !membership.named(members)) return;
  const newcomer = random.chance(0.7) ? random.pick(membership.retired) : undefined;
  if (newcomer !== undefined) {
    if (newcomer.disk.damaged || !newcomer.host.up) return;
    storm.say(`${newcomer.name} is added to the list`);
    storm.felt();
    // It may have been away for long, or be a new host under an old name.
    if (random.chance(0.5)) newcomer.disk.wipe();
    membership.join(newcomer);
    new ListChange(cluster, random, { comes: newcomer }).begin();
    return;
  }
  const goes = storm.elector();
  if (goes === undefined || members.length < 2) return;
  storm.say(`${goes.name} is taken out of the list`);
  storm.felt();
  new ListChange(cluster, random, { goes }).begin();
}

/** Who is added or taken out. */
interface Change {
  readonly comes?: SimElector;
  readonly goes?: SimElector;
}

class ListChange {
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #comes: SimElector | undefined;
  readonly #goes: SimElector | undefined;
  readonly #list: SimElector['list'];
  /** The names in the list before. */
  readonly #before: readonly string[];
  /** Who is still to be started with the new list, in this order. */
  readonly #order: SimElector[];
  /** The process that was told to stop, or that died for it. */
  readonly #ended = new Map<SimElector, SimProcess | undefined>();

  constructor(cluster: Cluster, random: Random, { comes, goes }: Change) {
    const stay = cluster.electors.filter((elector) => elector !== goes);
    const names = new Set(stay.map(({ name }) => name));
    const all = cluster.membership.all.flatMap(({ list }) => list);
    this.#cluster = cluster;
    this.#random = random;
    this.#comes = comes;
    this.#goes = goes;
    this.#list = [...names].flatMap((name) => all.find((listed) => listed.name === name) ?? []);
    this.#before = cluster.electors.flatMap(({ name }) => (name === comes?.name ? [] : [name]));
    const rest = stay
      .filter((elector) => elector !== comes)
      .map((elector) => ({ elector, place: random.next() }))
      .sort((one, other) => one.place - other.place)
      .map(({ elector }) => elector);
    this.#order = comes === undefined ? rest : [comes, ...rest];
  }

  begin(): void {
    this.#cluster.membership.changing = true;
    this.#look();
  }

  #look(): void {
    this.#advance();
    const { membership, plan, world, network } = this.#cluster;
    if (!membership.changing) return;
    const { least, most } = LOOK_EVERY;
    const beats = network.calm ? least : this.#random.between(least, most);
    world.after(beats * plan.times.heartbeat, () => this.#look());
  }

  /** One step: the next elector is stopped, or started, or was so and is done with. */
  #advance(): void {
    const [next] = this.#order;
    if (next !== undefined) {
      next.list = this.#list;
      if (next.alive && next.options.electors === this.#list) this.#pass(next);
      else if (next.alive) this.#end(next);
      else if (this.#isDown(next) && next.host.up) next.start();
      return;
    }
    const goes = this.#goes;
    if (goes?.alive === true) {
      this.#end(goes);
      return;
    }
    const { membership, world } = this.#cluster;
    if (goes !== undefined) membership.leave(goes);
    membership.changing = false;
    world.say('admin', `the list is ${this.#list.map(({ name }) => name).join(', ')}`);
  }

  /** An elector goes by the new list; the next one waits until a newcomer holds the present charter. */
  #pass(elector: SimElector): void {
    const written = elector.disk.durable.charter?.electors ?? [];
    const names = this.#before;
    const holds = written.length === names.length && names.every((name) => written.includes(name));
    if (elector !== this.#comes || holds) this.#order.shift();
  }

  /** Whether it is for this change that it is down: who has died otherwise is started by others. */
  #isDown(elector: SimElector): boolean {
    return this.#ended.has(elector) || elector === this.#comes;
  }

  #end(elector: SimElector): void {
    const { process } = elector;
    if (this.#ended.get(elector) === process) return;
    this.#ended.set(elector, process);
    if (this.#random.chance(0.8)) elector.stop(() => {});
    else elector.crash();
  }
}
