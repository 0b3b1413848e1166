// Reads a configuration file, or refuses it with everything that is wrong with it: file, line,
// column, key, and what would be right. The daemons and koi-admin read the same file by these
// functions.
import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import type { Config, ElectorEntry, ProtocolTimes, TlsConfig } from './config.ts';
import { checkConfig, type Role } from './config-check.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { nearest } from './config-nearest.ts';
import { fileSchema, NAME_PATTERN } from './config-schema.ts';
import { ConfigSource, type KeyPath } from './config-source.ts';
import { PRESETS } from './timing.ts';

/** What a configuration is read for. */
export interface LoadOptions {
  /** `elector`: this host must be in the elector list. `any` by default. */
  readonly role?: Role;
}

/** A file above this size is no configuration. */
export const CONFIG_BYTES_MAX = 1_048_576;

/** Reads and checks a file. Throws a `ConfigError` with every problem. */
export function loadConfig(file: string, options: LoadOptions = {}): Config {
  return parseConfig(readText(file), file, hostname(), options);
}

/** The same without waiting for the disk: for a daemon that runs. */
export async function readConfig(file: string, options: LoadOptions = {}): Promise<Config> {
  return parseConfig(await readTextLater(file), file, hostname(), options);
}

/** The same for a text at hand; `hostName` is what `name` defaults to. */
export function parseConfig(
  text: string,
  file: string,
  hostName: string,
  options: LoadOptions = {},
): Config {
  const source = new ConfigSource(text, file);
  if (!source.readable) throw new ConfigError(source.problems);
  const raw = readContent(source);
  const result = v.safeParse(fileSchema, raw);
  const issues = result.issues ?? [];
  const problems = [...source.problems, ...issues.map(describe(source))];
  // The relations of what is right are checked in the same go: one round of mending is to be
  // enough.
  const mended = result.success ? result : v.safeParse(fileSchema, without(raw, issues));
  if (!mended.success) throw new ConfigError(problems);
  const content = mended.output;
  if (content.name === undefined && !NAME_PATTERN.test(hostName)) {
    const text = `is missing, and this host's own name "${hostName}" cannot be used: write one`;
    problems.push({ ...source.atKey([], text), key: 'name' });
  }
  const config = build(content, file, hostName);
  const blamed = new Set(issues.map((issue) => String(issue.path?.[0].key)));
  for (const problem of checkConfig(config, content.electors, source, options.role ?? 'any')) {
    // A section that is mended by leaving out what is wrong says nothing about its relations.
    if (!blamed.has(problem.key.replace(/[.[].*$/, ''))) problems.push(problem);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/**
 * The content without what is wrong with it. What is required is missing then, and refused as such.
 */
function without(raw: unknown, issues: readonly Issue[]): unknown {
  const copy: unknown = structuredClone(raw);
  for (const { path = [] } of issues) {
    let at = copy;
    for (const { key } of path.slice(0, -1)) at = isKeyed(at) ? at[String(key)] : undefined;
    if (isKeyed(at)) delete at[String(path.at(-1)?.key)];
  }
  return copy;
}

function isKeyed(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(file: string): string {
  try {
    checkSize(statSync(file));
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([unread(file, `cannot be read: ${reasonOf(error)}`)]);
  }
}

async function readTextLater(file: string): Promise<string> {
  try {
    const found = await stat(file);
    checkSize(found);
    // A pipe may never end.
    if (!found.isFile() && !found.isDirectory()) throw new Error('it is no regular file');
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError([unread(file, `cannot be read: ${reasonOf(error)}`)]);
  }
}

function checkSize({ size }: { readonly size: number }): void {
  if (size > CONFIG_BYTES_MAX) throw new Error('it is larger than 1 MiB');
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user may not read it';
  return code === 'EISDIR' ? 'it is a directory' : message;
}

function unread(file: string, text: string): ConfigProblem {
  return { file, line: 0, column: 0, key: '', text };
}

function readContent(source: ConfigSource): unknown {
  try {
    // An empty file is an empty section: what it lacks is then named.
    return source.read() ?? {};
  } catch (error) {
    throw new ConfigError([unread(source.file, `cannot be read: ${reasonOf(error)}`)]);
  }
}

type Issue = v.InferIssue<typeof fileSchema>;
type Content = v.InferOutput<typeof fileSchema>;

/** Turns the validator's finding into a problem at its place. */
function describe(source: ConfigSource): (issue: Issue) => ConfigProblem {
  return (issue) => {
    const path: KeyPath = (issue.path ?? []).map(({ key }) =>
      typeof key === 'number' ? key : String(key),
    );
    if (issue.type === 'never') return source.atKey(path, describeUnknown(path));
    return source.atValue(path, issue.message);
  };
}

function describeUnknown(path: KeyPath): string {
  const key = String(path.at(-1));
  const section = path.slice(0, -1).map((step) => (typeof step === 'number' ? '*' : step));
  const known = knownKeys();
  const here = known.get(section.join('.')) ?? [];
  const near = nearest(key, here);
  if (near !== undefined) return `is not a known key: did you mean "${near}"?`;
  for (const [other, keys] of known) {
    if (other === '' && keys.includes(key)) return 'is not a known key here: it belongs at the top';
    if (keys.includes(key) && !other.includes('*')) {
      return `is not a known key here: it belongs under "${other}"`;
    }
  }
  return `is not a known key: there are ${here.join(', ')}`;
}

/**
 * Every section with its keys; a list's entries are `electors.*`. Read out of the schema itself.
 */
export function knownKeys(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  collect(fileSchema, '', found);
  return found;
}

function collect(schema: unknown, at: string, found: Map<string, readonly string[]>): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('entries' in schema && typeof schema.entries === 'object' && schema.entries !== null) {
    found.set(at, Object.keys(schema.entries));
    for (const [key, entry] of Object.entries(schema.entries)) {
      collect(entry, at === '' ? key : `${at}.${key}`, found);
    }
  }
  if ('wrapped' in schema) collect(schema.wrapped, at, found);
  if ('item' in schema) collect(schema.item, `${at}.*`, found);
  if ('pipe' in schema && Array.isArray(schema.pipe)) {
    for (const step of schema.pipe) if (step !== schema) collect(step, at, found);
  }
}

function build(content: Content, file: string, hostName: string): Config {
  // A daemon's working directory is nobody's choice: relative paths count from the file that holds
  // them.
  const folder = dirname(resolve(file));
  const path = (written: string) => resolve(folder, written);
  const name = content.name ?? hostName;
  const own = content.electors.find((elector) => elector.name === name);
  const { elector, runner, timing, services, recovery } = content;
  return {
    file,
    cluster: content.cluster,
    name,
    electors: content.electors.toSorted(byRank),
    preempt: content.preempt,
    elector: {
      listen: elector.listen ?? own?.address,
      stateDirectory: path(elector.stateDirectory),
      socket: path(elector.socket),
    },
    runner: {
      mode: runner.mode,
      priority: runner.priority,
      servicesDirectory: path(runner.servicesDirectory),
      workingDirectory: path(runner.workingDirectory ?? runner.servicesDirectory),
      stateDirectory: path(runner.stateDirectory),
      socket: path(runner.socket),
      fence: typeof runner.fence === 'string' ? path(runner.fence) : undefined,
    },
    times: buildTimes(timing),
    statusInterval: timing.status,
    initialPromotion: timing.initialPromotion,
    forgetAfter: timing.forgetAfter,
    timeouts: {
      start: services.startTimeout,
      stop: services.stopTimeout,
      status: services.statusTimeout,
      promote: services.promoteTimeout,
      demote: services.demoteTimeout,
      failed: services.failedTimeout,
    },
    recovery,
    tls: buildTls(content.tls, path),
  };
}

/** Highest rank first: the greater priority, then the greater name, compared as bytes are (P4). */
function byRank(one: ElectorEntry, other: ElectorEntry): number {
  if (one.priority !== other.priority) return other.priority - one.priority;
  return one.name < other.name ? 1 : -1;
}

/** Single keys win over the preset. */
function buildTimes(timing: Content['timing']): ProtocolTimes {
  const preset = PRESETS[timing.preset];
  return {
    heartbeat: timing.heartbeat ?? preset.heartbeat,
    leaderLease: timing.leaderLease ?? preset.leaderLease,
    masterLease: timing.masterLease ?? preset.masterLease,
    demoteGrace: timing.demoteGrace ?? preset.demoteGrace,
    drift: timing.drift ?? preset.drift,
  };
}

function buildTls(tls: Content['tls'], path: (written: string) => string): TlsConfig {
  if (tls === undefined) return { kind: 'absent' };
  if (typeof tls === 'string') return { kind: 'insecure' };
  return {
    kind: 'files',
    ca: path(tls.ca),
    certificate: path(tls.certificate),
    key: path(tls.key),
  };
}
