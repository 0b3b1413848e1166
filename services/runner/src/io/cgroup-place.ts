// Where on this host the runner may make cgroups: below its own, in the unified hierarchy (cgroup v2).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPopulated, removeCgroup } from './cgroup.ts';

/** What the runner's own directory is called, beside the digest of whose it is. */
const PREFIX = 'koi-services-';

/** A place for cgroups, or why there is none. */
export type CgroupPlace =
  | { readonly kind: 'place'; readonly directory: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Whose cgroups they are: several runners of one host, as in tests, must not share any. */
export interface CgroupOwner {
  readonly cluster: string;
  readonly node: string;
  readonly stateDirectory: string;
}

/** Makes a directory for the cgroups of a runner's services, and tries it out. */
export function openCgroupPlace(owner: CgroupOwner): CgroupPlace {
  const own = ownCgroup(readText('/proc/self/mountinfo'), readText('/proc/self/cgroup'));
  if (own.kind === 'none') return own;
  const { cluster, node, stateDirectory } = owner;
  const digest = createHash('sha256').update(JSON.stringify([cluster, node, stateDirectory]));
  const directory = join(own.directory, `${PREFIX}${digest.digest('hex').slice(0, 12)}`);
  const place = lastPlace(stateDirectory, directory);
  const reason = objectionTo(place);
  if (reason !== '') return { kind: 'none', reason };
  keepPlace(stateDirectory, place);
  return { kind: 'place', directory: place };
}

/** This process's cgroup as a directory, by what the kernel says of its mounts and of the process. */
export function ownCgroup(mountinfo: string, cgroups: string): CgroupPlace {
  const path = /^0::(\/.*)$/m.exec(cgroups)?.[1];
  if (path === undefined) return { kind: 'none', reason: 'this kernel has no cgroup v2' };
  // id parent device root mount-point options … - type source options
  const mount = /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup2 /m.exec(mountinfo);
  const [, root = '/', point] = mount ?? [];
  if (point === undefined) return { kind: 'none', reason: 'no cgroup2 file system is mounted' };
  const below = root === '/' ? path : relativeTo(root, path);
  if (below === undefined || path.startsWith('/..')) {
    return { kind: 'none', reason: `its own cgroup ${path} is not below the mounted ${root}` };
  }
  return { kind: 'place', directory: join(plainText(point), below) };
}

function relativeTo(root: string, path: string): string | undefined {
  if (path === root) return '/';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** The kernel writes blanks and the like in mount points as three octal digits. */
function plainText(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

// A runner that is started in another way finds itself in another cgroup. What its services have left
// in the last one is still theirs, so for as long as anything is left there, that one is kept.
function lastPlace(stateDirectory: string, place: string): string {
  const last = readText(join(stateDirectory, 'cgroup')).trim();
  if (last === '' || last === place || !existsSync(last)) return place;
  if (readPopulated(last)) return last;
  removeCgroup(last);
  return place;
}

function keepPlace(stateDirectory: string, place: string): void {
  const file = join(stateDirectory, 'cgroup');
  writeFileSync(`${file}.new`, `${place}\n`);
  renameSync(`${file}.new`, file);
}

/** Why a directory is of no use; empty: it is. A cgroup may be made and still not be entered. */
function objectionTo(place: string): string {
  const trial = join(place, 'trial');
  try {
    mkdirSync(trial, { recursive: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  try {
    if (!existsSync(join(trial, 'cgroup.kill'))) return 'this kernel has no cgroup.kill';
    const script = 'echo 0 >"$1"';
    const { status, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', `${trial}/cgroup.procs`], {
      encoding: 'utf8',
    });
    return status === 0 ? '' : `${trial} cannot be entered: ${stderr.trim()}`;
  } finally {
    removeCgroup(trial);
    removeIfEmpty(place);
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It has services in it.
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
