// When the leases of masters end without having been given back, in true time, and how long after that
// something is still promoted there (M4). Where no process of the runner sees it, it is looked up in what the
// next one would find.
import type { Cluster } from '../cluster.ts';
import type { SimRunner } from '../sim-runner.ts';
import type { Chronicle } from './chronicle.ts';

interface Watched {
  holding: boolean;
  epoch: number;
  /** Since when something is promoted without a lease. */
  uncovered: number | undefined;
  longest: number;
  ends: number;
}

export class LeaseWatch {
  readonly #cluster: Cluster;
  readonly #chronicle: Chronicle;
  readonly #runners = new Map<SimRunner, Watched>();

  constructor(cluster: Cluster, chronicle: Chronicle) {
    this.#cluster = cluster;
    this.#chronicle = chronicle;
  }

  /** The longest time that something of a runner was promoted after its lease had ended. */
  uncovered(runner: SimRunner): number {
    const watched = this.#runners.get(runner);
    const { uncovered: since } = watched ?? {};
    const present = since === undefined ? 0 : this.#cluster.world.now - since;
    return Math.max(watched?.longest ?? 0, present);
  }

  /** How often a lease of a runner has ended without having been given back. */
  ends(runner: SimRunner): number {
    return this.#runners.get(runner)?.ends ?? 0;
  }

  look(): void {
    for (const runner of this.#cluster.runners) this.#lookAt(runner);
  }

  #lookAt(runner: SimRunner): void {
    const { now } = this.#cluster.world;
    const watched = this.#runners.get(runner) ?? {
      holding: false,
      epoch: 0,
      uncovered: undefined,
      longest: 0,
      ends: 0,
    };
    this.#runners.set(runner, watched);
    const { epoch = 0, released = 0 } = runner.mandate ?? {};
    const holding = holds(runner);
    // Where the host has died, or its record is lost, no lease is left that could end.
    if (watched.holding && !holding && epoch > 0 && released < watched.epoch) {
      watched.ends += 1;
      this.#chronicle.tell(`${runner.name}'s lease ends`);
      if (runner.scripts.promoted) watched.uncovered = now;
    }
    if (watched.uncovered !== undefined && !runner.scripts.promoted) {
      watched.longest = Math.max(watched.longest, now - watched.uncovered);
      watched.uncovered = undefined;
    }
    if (holding) watched.uncovered = undefined;
    watched.holding = holding;
    watched.epoch = epoch;
  }
}

function holds({ core, process, mandate, deadman, host }: SimRunner): boolean {
  if (core !== undefined && process?.paused === false) return core.leaseLeft !== undefined;
  if (mandate === undefined || mandate.ended || mandate.epoch <= mandate.released) return false;
  const { end, maintenance } = deadman.leased;
  return maintenance || host.clock.now() < end;
}
