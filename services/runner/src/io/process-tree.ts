// What belongs to a service: everything that its scripts have left running. A cgroup knows it all
// (cgroup.ts); process groups, where there is none, miss what opens a session of its own.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessIdentity, parseIdentity } from './living-process.ts';
import { isGroupOf, livingMembers, signalGroup } from './process-group.ts';
import { fileNameOf } from './service-file-name.ts';

/** How many groups with something left in them are remembered for a service. */
export const GROUPS_MAX = 64;

/** Where another process finds what belongs to a service. */
export type ServiceTree =
  | { readonly kind: 'cgroup'; readonly directory: string }
  /** A line per group: its number, and the start time of the process that led it. */
  | { readonly kind: 'groups'; readonly file: string };

/** What has been killed and may not be gone yet. */
export interface Remains {
  isGone(): boolean;
  /** Files whose change may mean that it is gone; looking every now and then is needed all the same. */
  readonly hints: readonly string[];
}

/** The trees of all services. */
export interface ProcessTrees {
  /** Where another process finds a service's tree, which exists from then on. */
  treeOf(service: string): ServiceTree;
  /** The file into which a process writes 0 to join; empty: it need not. */
  entranceOf(service: string): string;
  /** A script begins, in a group of its own. */
  began(service: string, leader: ProcessIdentity): void;
  /** A script has ended; its group may have members left. */
  ended(service: string): void;
  /** The living members of a script's group. */
  membersOf(service: string, group: number): readonly number[];
  /** Kills everything at once. What comes afterwards does not belong to what is left of it. */
  kill(service: string): Remains;
  /** Forgets what has nothing in it any more. */
  tidy(service: string): void;
  /** Removes everything that nobody needs any more. */
  close(): void;
}

/** Process groups, by service, in a file for each: the deadman adds its own scripts there. */
export class GroupTrees implements ProcessTrees {
  readonly #directory: string;
  readonly #warn: (text: string, service: string) => void;

  constructor(directory: string, warn: (text: string, service: string) => void) {
    this.#directory = directory;
    this.#warn = warn;
    mkdirSync(directory, { recursive: true });
  }

  treeOf(service: string): ServiceTree {
    return { kind: 'groups', file: this.#fileOf(service) };
  }

  entranceOf(): string {
    return '';
  }

  began(service: string, leader: ProcessIdentity): void {
    const groups = [...this.#read(service), leader];
    const [oldest] = groups;
    if (groups.length > GROUPS_MAX && oldest !== undefined) {
      groups.shift();
      const text = `more than ${GROUPS_MAX} process groups are left`;
      this.#warn(`${text}: ${oldest.pid} is no longer followed`, service);
    }
    this.#write(service, groups);
  }

  ended(service: string): void {
    this.#write(service, this.#read(service));
  }

  membersOf(_service: string, group: number): readonly number[] {
    return livingMembers(group);
  }

  kill(service: string): Remains {
    const groups = this.#read(service);
    for (const { pid } of groups) signalGroup(pid, 'SIGKILL');
    const isGone = (): boolean => {
      const gone = groups.every(
        (group) => !isGroupOf(group) || livingMembers(group.pid).length === 0,
      );
      if (gone) this.ended(service);
      return gone;
    };
    return { isGone, hints: [] };
  }

  tidy(service: string): void {
    this.ended(service);
  }

  close(): void {
    // The files that are left name what is left.
  }

  #fileOf(service: string): string {
    return join(this.#directory, fileNameOf(service));
  }

  #read(service: string): readonly ProcessIdentity[] {
    let text: string;
    try {
      text = readFileSync(this.#fileOf(service), 'utf8');
    } catch {
      return [];
    }
    const leaders = text.split('\n').map(parseIdentity);
    return leaders.filter((leader) => leader !== undefined).filter(isGroupOf);
  }

  #write(service: string, groups: readonly ProcessIdentity[]): void {
    const file = this.#fileOf(service);
    if (groups.length === 0) {
      rmSync(file, { force: true });
      return;
    }
    writeFileSync(`${file}.new`, groups.map(({ pid, start }) => `${pid} ${start}\n`).join(''));
    renameSync(`${file}.new`, file);
  }
}
