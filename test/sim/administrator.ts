// An administrator who gives every order at random, to the elector that somebody names as the leader; and
// who, when the storm is over, puts the cluster back to work.
import type { Command } from '../../services/elector/src/core/input.ts';
import type { Cluster } from './cluster.ts';
import type { Random } from './random.ts';
import type { SimElector } from './sim-elector.ts';

/** How long the administrator waits before an order is given again. */
const REPEAT_AFTER = 400;

export class Administrator {
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #every: number;
  #resting = false;
  answered = 0;

  constructor(cluster: Cluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
    this.#every = cluster.plan.orderEvery;
  }

  /** Gives orders until told to rest. */
  begin(): void {
    if (this.#every === 0) return;
    this.#cluster.world.after(this.#random.exponential(this.#every), () => {
      if (this.#resting) return;
      const command = this.#draw();
      if (command !== undefined) this.#give(command, () => {});
      this.begin();
    });
  }

  #draw(): Command | undefined {
    const random = this.#random;
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

  /** Says only what is true: the host is down, and what comes up again there knows of no lease. */
  #confirmDown(runner: string): Command | undefined {
    const down = this.#cluster.runners.find(({ name }) => name === runner);
    if (down === undefined || down.alive) return undefined;
    return { kind: 'confirm-down', runner };
  }

  #leader(): SimElector | undefined {
    const asked = this.#random.pick(this.#cluster.electors.filter(({ alive }) => alive));
    const named = asked?.leader;
    return named === undefined ? undefined : this.#cluster.electorNamed(named);
  }

  #give(command: Command, done: (ok: boolean) => void): boolean {
    const leader = this.#leader();
    if (leader === undefined || !leader.alive) return false;
    const { world } = this.#cluster;
    world.say('admin', `${describe(command)} to ${leader.name}`);
    leader.order(command, ({ revision, reason }) => {
      if (revision !== undefined) this.answered += 1;
      world.say('admin', `${describe(command)}: ${revision ?? reason}`);
      done(revision !== undefined);
    });
    return true;
  }

  /** Ends what keeps the cluster from having a master: maintenance, stopped runners, manual mode. */
  putToWork(): void {
    this.#resting = true;
    const stopped = this.#cluster.runners.map(
      ({ name }) => ({ kind: 'start', runner: name }) as const,
    );
    const wishes: Command[] = [{ kind: 'maintenance', on: false }, ...stopped, { kind: 'elect' }];
    for (const wish of wishes) this.#insist(wish);
  }

  #insist(command: Command): void {
    let done = false;
    this.#give(command, (ok) => {
      done = ok;
    });
    // A runner that no leader has ever heard of cannot be started; it is not stopped either.
    this.#cluster.world.after(REPEAT_AFTER, () => {
      if (!done && !(command.kind === 'start' && this.#unknown(command.runner))) {
        this.#insist(command);
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
