// The relations between keys that a shape cannot say: no name or address twice, times that are safe
// together, loopback without TLS, this host's own place in the elector list.

import type { Config, ElectorEntry } from './config.ts';
import { isLoopback, readAddress } from './config-address.ts';
import type { ConfigProblem } from './config-error.ts';
import type { ConfigSource } from './config-source.ts';
import { checkTimes } from './timing.ts';

/** Who is to run with a configuration: an elector must find itself in the list, others need not. */
export type Role = 'elector' | 'runner' | 'any';

/**
 * Every relation that a well-formed configuration breaks. `listed` are the electors as they stand
 * in the file; the configuration has them sorted.
 */
export function checkConfig(
  config: Config,
  listed: readonly ElectorEntry[],
  source: ConfigSource,
  role: Role,
): ConfigProblem[] {
  return [
    ...checkDuplicates(listed, source),
    ...checkTiming(config, source),
    ...checkReach(config, listed, source),
    ...checkOwnName(config, listed, source, role),
  ];
}

function checkDuplicates(listed: readonly ElectorEntry[], source: ConfigSource): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const key of ['name', 'address'] as const) {
    const first = new Map<string, number>();
    for (const [index, elector] of listed.entries()) {
      const written = key === 'name' ? elector.name : canonical(elector.address);
      const earlier = first.get(written);
      if (earlier === undefined) {
        first.set(written, index);
        continue;
      }
      const line = source.lineOf(['electors', earlier, key]);
      const text = `${elector[key]} is taken by the elector on line ${line}: each needs its own ${key}`;
      problems.push(source.atValue(['electors', index, key], text));
    }
  }
  return problems;
}

/** Two spellings of one address: host names know no case, ports no leading zeros. */
function canonical(address: string): string {
  const read = readAddress(address);
  return typeof read === 'string' ? address : `${read.host.toLowerCase()} ${read.port}`;
}

function checkTiming(config: Config, source: ConfigSource): ConfigProblem[] {
  return checkTimes(config.times, config.electors.length).map(({ key, against, text }) => {
    const own = ['timing', key];
    const other = against === undefined ? own : ['timing', against];
    // Where only the other key of the relation is written, that line is the one to look at.
    const place = source.has(own) || !source.has(other) ? own : other;
    return { ...source.atValue(place, text), key: `timing.${key}` };
  });
}

const NO_TLS =
  'is not a loopback address, and without tls only 127.0.0.0/8, ::1 and localhost are used: ' +
  'write "tls: insecure" if the network itself is trusted, or loopback addresses for a trial';

function checkReach(
  config: Config,
  listed: readonly ElectorEntry[],
  source: ConfigSource,
): ConfigProblem[] {
  if (config.tls.kind !== 'absent') return [];
  const problems: ConfigProblem[] = [];
  const listen = ['elector', 'listen'];
  if (source.has(listen) && config.elector.listen !== undefined) {
    if (!isLoopback(config.elector.listen)) {
      problems.push(source.atValue(listen, `${config.elector.listen} ${NO_TLS}`));
    }
  }
  const open = listed.findIndex(({ address }) => !isLoopback(address));
  const first = listed[open];
  if (first !== undefined) {
    // Once is enough: one decision mends all of them.
    const more = listed.filter(({ address }) => !isLoopback(address)).length - 1;
    const others = more > 0 ? ` (as for ${more} more of the list)` : '';
    const text = `${first.address} ${NO_TLS}${others}`;
    problems.push(source.atValue(['electors', open, 'address'], text));
  }
  return problems;
}

function checkOwnName(
  config: Config,
  listed: readonly ElectorEntry[],
  source: ConfigSource,
  role: Role,
): ConfigProblem[] {
  if (role !== 'elector' || listed.some(({ name }) => name === config.name)) return [];
  const names = listed.map(({ name }) => name).join(', ');
  const written = source.has(['name']);
  const whose = written ? config.name : `${config.name} (this host's name)`;
  const text = `${whose} is not in the elector list (${names}), so no elector can run here: ${
    written ? 'correct it or add this host to the list' : 'say which one this host is, or add it'
  }`;
  return [{ ...source.atValue(written ? ['name'] : ['electors'], text), key: 'name' }];
}
