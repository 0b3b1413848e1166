// A cgroup for each service: whatever its scripts start is in it and stays in it, however it detaches
// itself, and is killed as a whole by one word to the kernel.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { livingMembers } from './process-group.ts';
import type { ProcessTrees, Remains, ServiceTree } from './process-tree.ts';
import { fileNameOf } from './service-file-name.ts';

/** Whether anything lives in a cgroup or below it. Zombies do not. */
export function readPopulated(cgroup: string): boolean {
  return /^populated 1$/m.test(readText(join(cgroup, 'cgroup.events')));
}

/** Removes a cgroup and what is below it, as far as nothing lives there. */
export function removeCgroup(cgroup: string): void {
  for (const child of childrenOf(cgroup)) removeCgroup(join(cgroup, child));
  try {
    rmdirSync(cgroup);
  } catch {
    // It is gone already, or something still lives in it.
  }
}

/**
 * The services' cgroups in a directory. Scripts enter a numbered child, a new one after each kill: so what
 * a kill has not ended yet can be told from the stop script that runs beside it.
 */
export class CgroupTrees implements ProcessTrees {
  readonly #directory: string;
  readonly #generations = new Map<string, number>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  treeOf(service: string): ServiceTree {
    const directory = this.#cgroupOf(service);
    mkdirSync(directory, { recursive: true });
    return { kind: 'cgroup', directory };
  }

  entranceOf(service: string): string {
    const generation = join(this.#cgroupOf(service), String(this.#generationOf(service)));
    mkdirSync(generation, { recursive: true });
    return join(generation, 'cgroup.procs');
  }

  began(): void {
    // The kernel knows.
  }

  ended(): void {
    // The kernel knows.
  }

  membersOf(service: string, group: number): readonly number[] {
    const cgroup = this.#cgroupOf(service);
    const among = ['', ...childrenOf(cgroup)].flatMap((child) => processesIn(join(cgroup, child)));
    // A wrapper that is killed before it has entered anything is the only member of its group.
    return livingMembers(group, [group, ...among]);
  }

  kill(service: string): Remains {
    const cgroup = this.#cgroupOf(service);
    if (!existsSync(cgroup)) return { isGone: () => true, hints: [] };
    const generations = childrenOf(cgroup);
    this.#generations.set(service, highest(generations) + 1);
    writeFileSync(join(cgroup, 'cgroup.kill'), '1');
    const killed = generations.map((name) => join(cgroup, name));
    const isGone = (): boolean => {
      // The deadman's scripts are in no generation.
      if (killed.some(readPopulated) || processesIn(cgroup).length > 0) return false;
      for (const generation of killed) removeCgroup(generation);
      return true;
    };
    return { isGone, hints: [cgroup, ...killed].map((path) => join(path, 'cgroup.events')) };
  }

  tidy(service: string): void {
    removeCgroup(this.#cgroupOf(service));
  }

  close(): void {
    removeCgroup(this.#directory);
  }

  #cgroupOf(service: string): string {
    return join(this.#directory, fileNameOf(service));
  }

  #generationOf(service: string): number {
    const known = this.#generations.get(service);
    if (known !== undefined) return known;
    const generation = Math.max(1, highest(childrenOf(this.#cgroupOf(service))));
    this.#generations.set(service, generation);
    return generation;
  }
}

function highest(generations: readonly string[]): number {
  return Math.max(0, ...generations.map(Number).filter(Number.isInteger));
}

function processesIn(cgroup: string): readonly number[] {
  return readText(join(cgroup, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
}

function childrenOf(cgroup: string): readonly string[] {
  try {
    const entries = readdirSync(cgroup, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
