// What is committed is never lost: each leader's first version descends from every version that a majority
// ever had on disk (C1, C2); an order is answered only once it is committed; runners hear nothing else.
import {
  type Charter,
  DECISIONS_MAX,
  type Decision,
} from '../../../services/elector/src/core/charter.ts';
import type { ElectorRecord } from '../../../services/elector/src/core/effect.ts';
import type { Command } from '../../../services/elector/src/core/input.ts';
import type { Assignment } from '../../../services/elector/src/core/report.ts';
import type { Observer } from '../observer.ts';
import type { SimElector } from '../sim-elector.ts';
import type { World } from '../world.ts';

interface Version {
  readonly charter: Charter;
  /** The version that it was made from; undefined: the founding one. */
  readonly parent: Version | undefined;
  readonly storedBy: Set<string>;
  committed: boolean;
}

export class CharterChecker implements Observer {
  readonly #world: World;
  readonly #versions = new Map<number, Version[]>();
  readonly #byRevision = new Map<number, Version[]>();
  #newestCommitted: Version | undefined;
  /** Who holds each epoch, and what each change of maintenance says, by committed versions. */
  readonly #holders = new Map<number, string>();
  readonly #maintenance = new Map<number, boolean>();
  /** Disks that were replaced by empty ones and hold no charter yet. */
  readonly #empty = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The newest committed charter, in truth. */
  get committed(): Charter | undefined {
    return this.#newestCommitted?.charter;
  }

  electorPersists(elector: SimElector, { charter }: ElectorRecord): void {
    if (charter === undefined) return;
    const { term, index } = charter.version;
    const ofTerm = this.#versions.get(term) ?? [];
    this.#versions.set(term, ofTerm);
    const known = ofTerm[index];
    if (known !== undefined) {
      if (known.charter !== charter && !sameContent(known.charter, charter)) {
        this.#lost(`${elector.name} holds another version ${term}.${index} than was written`);
      }
      return;
    }
    const parent = index > 1 ? ofTerm[index - 1] : this.#parentOf(charter);
    const version: Version = { charter, parent, storedBy: new Set(), committed: false };
    ofTerm[index] = version;
    const equals = this.#byRevision.get(charter.revision) ?? [];
    equals.push(version);
    this.#byRevision.set(charter.revision, equals);
    if (index > 1) return;
    const newest = this.#newestCommitted;
    if (newest !== undefined && newest.charter.version.term < term && !descends(version, newest)) {
      this.#lost(`${elector.name} begins term ${term} without ${describe(newest)}`);
    }
  }

  /** The newest version that a first one of a term can have been made from. */
  #parentOf(charter: Charter): Version | undefined {
    const made = comparable(charter, charter.decisions.slice(0, -1));
    const candidates = this.#byRevision.get(charter.revision - 1) ?? [];
    return candidates
      .filter((version) => version.charter.version.term < charter.version.term)
      .filter((version) => comparable(version.charter, remembered(version.charter)) === made)
      .at(-1);
  }

  durable(elector: string, { charter }: ElectorRecord): void {
    if (charter === undefined) return;
    this.#empty.delete(elector);
    const { term, index } = charter.version;
    // P1: all versions of a term name its leader's list; who is not in it is not counted.
    if (!charter.electors.includes(elector)) return;
    const majority = Math.floor(charter.electors.length / 2) + 1;
    let version = this.#versions.get(term)?.[index];
    // A later index acknowledges the earlier ones of its term.
    while (version !== undefined && version.charter.version.term === term) {
      if (version.storedBy.has(elector)) break;
      version.storedBy.add(elector);
      if (version.storedBy.size >= majority) this.#commit(version);
      version = version.parent;
    }
  }

  /** A disk was replaced by an empty one. A majority of them at once takes with it all that was promised (C4). */
  wiped(elector: string): void {
    this.#empty.add(elector);
    const { electors } = this.committed ?? { electors: [] };
    const left = electors.filter((name) => !this.#empty.has(name));
    if (electors.length === 0 || left.length >= electors.length / 2) return;
    this.#newestCommitted = undefined;
    for (const kept of [this.#versions, this.#byRevision, this.#holders, this.#maintenance]) {
      kept.clear();
    }
  }

  #commit(version: Version): void {
    if (version.committed) return;
    version.committed = true;
    const { charter } = version;
    const { epoch, master, maintenanceChange, maintenance } = charter;
    if (master !== undefined) this.#holders.set(epoch, master);
    this.#maintenance.set(maintenanceChange, maintenance);
    const newest = this.#newestCommitted;
    if (newest === undefined || newer(version, newest)) this.#newestCommitted = version;
    for (const [term, versions] of this.#versions) {
      const first = versions[1];
      if (term <= charter.version.term || first === undefined || descends(first, version)) continue;
      this.#lost(`term ${term} began without ${describe(version)}`);
    }
  }

  answered(elector: SimElector, command: Command, revision: number): void {
    const view = elector.view();
    const version = this.#versions
      .get(view?.term ?? 0)
      ?.find((one) => one?.charter.revision === revision);
    if (version?.committed !== true) {
      this.#lost(
        `${elector.name} answers ${command.kind} with revision ${revision}, not committed`,
      );
      return;
    }
    if (!holds(command, version.charter)) {
      this.#lost(
        `${elector.name} answers ${command.kind}, but revision ${revision} does not say it`,
      );
    }
  }

  assigned(elector: SimElector, runner: string, assignment: Assignment): void {
    const { lease, maintenance, release } = assignment;
    if (lease !== undefined && this.#holders.get(lease.epoch) !== runner) {
      const text = `${elector.name} leases epoch ${lease.epoch} to ${runner}, which is not committed`;
      this.#world.violate('an epoch is committed before it is leased', text);
    }
    if (maintenance !== undefined && this.#maintenance.get(maintenance.change) !== maintenance.on) {
      const text = `${elector.name} tells ${runner} of maintenance change ${maintenance.change}`;
      this.#world.violate('maintenance is committed before it is told', text);
    }
    if (release > (this.#newestCommitted?.charter.epoch ?? 0)) {
      this.#world.violate('only committed epochs are released', `${elector.name}: ${release}`);
    }
  }

  #lost(text: string): void {
    this.#world.violate('what is committed is never lost', text);
  }
}

function newer(one: Version, other: Version): boolean {
  const [a, b] = [one.charter.version, other.charter.version];
  return a.term > b.term || (a.term === b.term && a.index > b.index);
}

function descends(version: Version, ancestor: Version): boolean {
  let at: Version | undefined = version;
  while (at !== undefined && newer(at, ancestor)) at = at.parent;
  return at === ancestor;
}

/** What a leader may not change by taking over. */
function comparable(charter: Charter, events: readonly Decision[]): string {
  return JSON.stringify([content(charter), events.map(({ number, text }) => [number, text])]);
}

/** What is left of a timeline once its next leader has written down that it leads. */
function remembered({ decisions }: Charter): readonly Decision[] {
  const [oldest, ...rest] = decisions.filter(({ kind }) => kind === 'decision');
  if (rest.length + 1 < DECISIONS_MAX) return decisions;
  return decisions.filter((event) => event !== oldest);
}

function content(charter: Charter) {
  const { maintenance, maintenanceChange, maintenanceAcknowledged, manual, target } = charter;
  const { master, masterSession, epoch, stopped, recovery, reconfigure, runners } = charter;
  const counters = [Object.entries(recovery).sort(), Object.entries(reconfigure).sort()];
  return [
    ...[maintenance, maintenanceChange, maintenanceAcknowledged, manual, target],
    ...[master, masterSession, epoch, stopped, counters, runners],
  ];
}

function sameContent(one: Charter, other: Charter): boolean {
  if (one.revision !== other.revision) return false;
  return JSON.stringify(content(one)) === JSON.stringify(content(other));
}

function describe({ charter }: Version): string {
  const { term, index } = charter.version;
  return `committed version ${term}.${index} (revision ${charter.revision})`;
}

function holds(command: Command, charter: Charter): boolean {
  switch (command.kind) {
    case 'promote':
      return charter.target === command.runner || charter.master === command.runner;
    case 'demote':
      return charter.manual;
    case 'elect':
      return !charter.manual;
    case 'maintenance':
      return charter.maintenance === command.on;
    case 'start':
      return !charter.stopped.includes(command.runner);
    case 'stop':
      return charter.stopped.includes(command.runner);
    case 'recover':
    case 'reconfigure':
      return true;
    case 'confirm-down':
      return charter.master !== command.runner;
  }
}
