// What scripts need of the state directory and of the host: FIFOs, orders, trees and wrappers.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBootId } from '@koi/lib/uptime';
import { CgroupTrees } from './cgroup.ts';
import { openCgroupPlace } from './cgroup-place.ts';
import { FifoPool } from './fifo-pool.ts';
import { GroupTrees, type ProcessTrees } from './process-tree.ts';
import { RunDirectories } from './run-directory.ts';
import { installWrapper } from './script-wrapper.ts';
import { ServiceOutput } from './service-output.ts';
import { WrapperPool } from './wrapper-pool.ts';

/** Takes the output of scripts and sentences about them. */
export interface ScriptLog {
  info(text: string, fields: Readonly<Record<string, unknown>>): void;
  warn(text: string, fields: Readonly<Record<string, unknown>>): void;
  error(text: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface ScriptStateOptions {
  readonly cluster: string;
  /** This host's configured name. */
  readonly node: string;
  /** Where everything is that has to outlive this process. */
  readonly stateDirectory: string;
  readonly log: ScriptLog;
  /** Does without cgroups, as on a host that has none. */
  readonly groupsOnly?: boolean;
}

export interface ScriptState {
  readonly output: ServiceOutput;
  readonly runs: RunDirectories;
  readonly trees: ProcessTrees;
  readonly wrappers: WrapperPool;
}

/** Makes what is missing in the state directory, and finds what is there. */
export function openScriptState(options: ScriptStateOptions): ScriptState {
  const { stateDirectory, log } = options;
  const path = (name: string): string => join(stateDirectory, name);
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  removeEarlierBoot(stateDirectory);
  const fifos = new FifoPool(path('fifos'));
  const output = new ServiceOutput({
    directory: path('output'),
    fifos,
    sayFor: (service, action) => (line) => log.info(line, { service, action }),
  });
  const runs = new RunDirectories(path('runs'), fifos, randomUUID());
  const trees = openTrees(options, path('groups'));
  const wrappers = new WrapperPool({
    file: installWrapper(stateDirectory),
    entranceOf: (service) => trees.entranceOf(service),
  });
  return { output, runs, trees, wrappers };
}

/** Nothing runs any more of what an earlier life of the host has left word of. */
function removeEarlierBoot(stateDirectory: string): void {
  const file = join(stateDirectory, 'boot');
  const boot = readBootId();
  if (readText(file).trim() === boot) return;
  for (const name of ['cgroup', 'fifos', 'groups', 'output', 'runs']) {
    rmSync(join(stateDirectory, name), { recursive: true, force: true });
  }
  writeFileSync(file, `${boot}\n`);
}

function openTrees(options: ScriptStateOptions, groups: string): ProcessTrees {
  const { log, groupsOnly = false } = options;
  const place = groupsOnly
    ? { kind: 'none' as const, reason: 'it was told to do without' }
    : openCgroupPlace(options);
  if (place.kind === 'place') return new CgroupTrees(place.directory);
  log.warn(
    `services have no cgroups of their own: ${place.reason}. Their processes are found by process group: ` +
      'one that opens a session of its own (setsid, a double fork) is not found, and outlives a kill of ' +
      'its service',
    {},
  );
  return new GroupTrees(groups, (text, service) => log.warn(text, { service }));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
