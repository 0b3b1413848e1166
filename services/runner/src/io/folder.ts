// The services folder: which services there are, and where the scripts of each are. Whatever looks like
// a mistake is left out with a warning, once for as long as it stays.
import { constants } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Action, ServiceDefinition } from '../core/input.ts';

/** How many services a runner has at most. */
export const SERVICES_MAX = 256;

/** All scripts that a service may have. */
export const ACTIONS: readonly Action[] = [
  'start',
  'stop',
  'promote',
  'demote',
  'status',
  'failed',
];

/** Where a service's scripts are: in a directory, or all in one executable. */
export type ServicePlace =
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'executable'; readonly file: string };

/** A service and where it is. */
export interface FolderEntry extends ServiceDefinition {
  readonly place: ServicePlace;
}

/** What the folder holds, or why that cannot be told. */
export type FolderContents =
  | { readonly kind: 'folder'; readonly services: readonly FolderEntry[] }
  | { readonly kind: 'folder-failed'; readonly reason: string };

export interface FolderReader {
  read(): Promise<FolderContents>;
}

/** Takes sentences about what is wrong in the folder. */
export interface FolderLog {
  warn(text: string): void;
}

/** Reads a services folder, as often as it is told to. */
export function createFolderReader(directory: string, log: FolderLog): FolderReader {
  let warned: ReadonlySet<string> = new Set();
  let reading: Promise<FolderContents> | undefined;

  return {
    // One at a time: on a disk that hangs they would pile up, and take all of Node's threads.
    read() {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };

  async function read(): Promise<FolderContents> {
    const problems: string[] = [];
    let names: readonly string[];
    try {
      names = (await readdir(directory)).toSorted();
    } catch (error) {
      return { kind: 'folder-failed', reason: reasonOf(error) };
    }
    const entries = await Promise.all(names.map((name) => readEntry(directory, name, problems)));
    const services = withoutDuplicates(
      entries.filter((entry) => entry !== undefined),
      problems,
    );
    for (const problem of problems) {
      if (!warned.has(problem)) log.warn(`services folder ${directory}: ${problem}`);
    }
    // Forgotten when it is gone, so that the same mistake is told again when it is made again.
    warned = new Set(problems);
    return { kind: 'folder', services };
  }
}

/** What a name in the folder says: "10-web" is web with priority 10. */
export function parseName(entry: string): Pick<ServiceDefinition, 'name' | 'priority'> {
  const [, digits, name] = /^(\d{1,2})-(.+)$/.exec(entry) ?? [];
  if (digits === undefined || name === undefined) return { name: entry, priority: undefined };
  return { name, priority: Number(digits) };
}

/** Why a name is left out; empty: it is not. Editors and package managers leave such names behind. */
export function objectionTo(entry: string): string {
  if (entry.includes('.')) return 'it has a dot in its name';
  if (entry.endsWith('~')) return 'its name ends in ~';
  if (entry.startsWith('#') && entry.endsWith('#')) return 'its name is between # and #';
  return '';
}

async function readEntry(
  directory: string,
  entry: string,
  problems: string[],
): Promise<FolderEntry | undefined> {
  const path = join(directory, entry);
  const objection = objectionTo(entry);
  if (objection !== '') {
    problems.push(`${entry} is ignored: ${objection}`);
    return undefined;
  }
  try {
    const found = await stat(path);
    if (!found.isDirectory() && !found.isFile()) {
      problems.push(`${entry} is ignored: it is neither a directory nor a file`);
      return undefined;
    }
    const name = parseName(entry);
    if (found.isDirectory()) {
      const disabled = await exists(join(path, 'disabled'));
      const prints = await Promise.all(ACTIONS.map((action) => fingerprint(join(path, action))));
      const place = { kind: 'directory', directory: path } as const;
      return { ...name, disabled, fingerprint: prints.join(' '), place };
    }
    await access(path, constants.X_OK);
    const place = { kind: 'executable', file: path } as const;
    return { ...name, disabled: false, fingerprint: await fingerprint(path), place };
  } catch (error) {
    problems.push(`${entry} is ignored: ${await explain(path, error)}`);
    return undefined;
  }
}

function withoutDuplicates(
  entries: readonly FolderEntry[],
  problems: string[],
): readonly FolderEntry[] {
  const byName = new Map<string, FolderEntry>();
  for (const entry of entries) {
    if (byName.has(entry.name)) {
      problems.push(`${pathOf(entry)} is ignored: there is another service ${entry.name}`);
    } else if (byName.size >= SERVICES_MAX) {
      problems.push(`${pathOf(entry)} is ignored: there are ${SERVICES_MAX} services already`);
    } else {
      byName.set(entry.name, entry);
    }
  }
  return [...byName.values()];
}

function pathOf({ place }: FolderEntry): string {
  return place.kind === 'directory' ? place.directory : place.file;
}

async function fingerprint(path: string): Promise<string> {
  try {
    const { mtimeMs, size, mode, ino } = await stat(path);
    return `${mtimeMs}/${size}/${mode}/${ino}`;
  } catch {
    return '-';
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why an entry could not be read, in words that help whoever has put it there. */
async function explain(path: string, error: unknown): Promise<string> {
  if (isCode(error, 'EACCES')) return 'it is neither a directory nor executable';
  if (isCode(error, 'ENOENT') && (await isLink(path))) return 'it is a link to what does not exist';
  return reasonOf(error);
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
