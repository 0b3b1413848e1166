// An administrator who gives every order at random, to the elector that somebody names as the leader; and
// who, when the storm is over, puts the cluster back to work.
import type { Command } from '../../services/elector/src/core/input.ts';
import type { Cluster } from './cluster.ts';
import type { Selection } from './excerpt.ts';
import { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';

/** How long the administrator waits before an order is given again. */
const REPEAT_AFTER = 400;

export class Administrator {
  readonly #cluster: Cluster;
  readonly #selection: Selection;
  #resting = false;
  answered = 0;

  constructor(cluster: Cluster, selection: Selection) {
    this.#cluster = cluster;
    this.#selection = selection;
  }

  /** Gives orders until told to rest: each has its moment and its chance, whatever becomes of others. */
  begin(): void {
    const { orderEvery, stormLasts, seed } = this.#cluster.plan;
    if (orderEvery === 0) return;
    const moments = new Random(seed, 'orders');
    let at = moments.exponential(orderEvery);
    for (let number = 1; at < stormLasts; number += 1) {
      this.#cluster.world.at(at, () => this.#order(`o${number}`));
      at += moments.exponential(orderEvery);
    }
  }

  #order(id: string): void {
    if (this.#resting || !this.#selection.admits(id)) return;
    const random = new Random(this.#cluster.plan.seed, `order ${id}`);
    const command = this.#draw(random);
    if (command !== undefined) this.#give(command, `order ${id}`, random, () => {});
  }

  #draw(random: Random): Command | undefined {
    const runner = random.pick(this.#cluster.runners)?.name ?? '';
    const kind = random.oneOf(
      ...(['promote', 'promote', 'promote', 'demote', 'elect', 'elect', 'elect'] as const),
      ...(['maintenance', 'maintenance', 'start', 'start', 'stop', 'recover'] as const),
      'confirm-down' as const,
    );
    switch (kind) {
      case 'demote':
      case 'elect':
        return { kind };
      case 'maintenance':
        return { kind, on: random.chance(0.4) };
      case 'recover':
        return { kind, runner: random.chance(0.3) ? undefined : runner };
      case 'confirm-down':
        return this.#confirmDown(runner);
      default:
        return { kind, runner };
    }
  }

  /** Says only what is true: nothing of it runs, neither the daemon nor what an earlier one promoted. */
  #confirmDown(runner: string): Command | undefined {
    const there = this.#cluster.runs(runner) || this.#cluster.promotes(runner);
    return there ? undefined : { kind: 'confirm-down', runner };
  }

  #leader(random: Random): SimElector | undefined {
    const asked = random.pick(this.#cluster.electors.filter(({ alive }) => alive));
    const named = asked?.leader;
    return named === undefined ? undefined : this.#cluster.electorNamed(named);
  }

  #give(command: Command, who: string, random: Random, done: (ok: boolean) => void): void {
    const leader = this.#leader(random);
    if (leader === undefined || !leader.alive) return;
    const { world } = this.#cluster;
    world.say(who, `${describe(command)} to ${leader.name}`);
    leader.order(command, ({ revision, reason }) => {
      if (revision !== undefined) this.answered += 1;
      world.say(who, `${describe(command)}: ${revision ?? reason}`);
      done(revision !== undefined);
    });
  }

  /** Ends what keeps the cluster from having a master: maintenance, stopped runners, manual mode. */
  putToWork(): void {
    this.#resting = true;
    const stopped = this.#cluster.runners.map(
      ({ name }) => ({ kind: 'start', runner: name }) as const,
    );
    const wishes: Command[] = [{ kind: 'maintenance', on: false }, ...stopped, { kind: 'elect' }];
    const random = new Random(this.#cluster.plan.seed, 'last orders');
    for (const wish of wishes) this.#insist(wish, random);
    this.#confirmWhatIsAsked(random);
  }

  /** Does what the cluster asks for, where it is true: nothing of that runner is promoted any more. */
  #confirmWhatIsAsked(random: Random): void {
    const { world } = this.#cluster;
    const [leader] = this.#cluster.leaders;
    const [, runner] = /"koi-admin confirm-down (.+)"/.exec(leader?.view()?.waiting ?? '') ?? [];
    if (runner !== undefined && !this.#cluster.promotes(runner)) {
      this.#give({ kind: 'confirm-down', runner }, 'admin', random, () => {});
    }
    world.after(REPEAT_AFTER, () => this.#confirmWhatIsAsked(random));
  }

  #insist(command: Command, random: Random): void {
    let done = false;
    this.#give(command, 'admin', random, (ok) => {
      done = ok;
    });
    // A runner that no leader has ever heard of cannot be started; it is not stopped either.
    this.#cluster.world.after(REPEAT_AFTER, () => {
      if (!done && !(command.kind === 'start' && this.#unknown(command.runner))) {
        this.#insist(command, random);
      }
    });
  }

  #unknown(runner: string): boolean {
    const [leader] = this.#cluster.leaders;
    return leader?.view()?.runners.every(({ name }) => name !== runner) ?? false;
  }
}

function describe(command: Command): string {
  if (command.kind === 'maintenance') return `maintenance ${command.on ? 'on' : 'off'}`;
  return 'runner' in command ? `${command.kind} ${command.runner ?? 'all'}` : command.kind;
}
