// Which electors belong to the cluster at the moment, and whether their list may change (P1): it changes by
// one elector at a time, and not again before every charter names the last list.
import type { SimElector } from './sim-elector.ts';

export class Membership {
  /** Also those that were taken out. */
  readonly all: readonly SimElector[];
  #members: readonly SimElector[];
  /** An administrator changes the list just now. */
  changing = false;

  constructor(all: readonly SimElector[]) {
    this.all = all;
    this.#members = all;
  }

  /** Also one that comes or goes just now. */
  get members(): readonly SimElector[] {
    return this.#members;
  }

  get retired(): readonly SimElector[] {
    return this.all.filter(({ retired }) => retired);
  }

  /** Whether the charters of these electors, as far as they hold any, name the members. */
  named(electors: readonly SimElector[]): boolean {
    return electors.every(({ disk }) => {
      const written = disk.durable.charter?.electors;
      if (written === undefined) return true;
      if (written.length !== this.#members.length) return false;
      return this.#members.every(({ name }) => written.includes(name));
    });
  }

  join(elector: SimElector): void {
    elector.retired = false;
    this.#members = this.all.filter(({ retired }) => !retired);
  }

  leave(elector: SimElector): void {
    elector.retired = true;
    this.#members = this.all.filter(({ retired }) => !retired);
  }
}
