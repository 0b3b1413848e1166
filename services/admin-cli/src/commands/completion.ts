// `koi-admin completion`: the scripts by which shells complete our command lines, and the names that
// these scripts ask for while somebody waits at the prompt.
import type { Duration } from '@koi/lib/time';
import { ask } from '../ask.ts';
import { COMMANDS } from '../command-table.ts';
import { writeBash } from '../completion/bash-script.ts';
import { writeFish } from '../completion/fish-script.ts';
import { wordTable } from '../completion/word-table.ts';
import { writeZsh } from '../completion/zsh-script.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { GLOBAL_OPTIONS } from '../global-options.ts';
import { readConfig } from '../search.ts';
import type { Session } from '../session.ts';

/** Whose names: runners' and nodes' as they are called, electors' as addresses. */
export type NameKind = 'runners' | 'nodes' | 'electors';

/** How long the cluster has to tell names: a person has pressed a key. */
export const NAMES_MAX: Duration = 300;

/** What a name may be made of: nothing that a shell would take for something else. */
const PLAIN = /^[A-Za-z0-9[][A-Za-z0-9._:[\]-]*$/;

/** Prints the script of a shell. */
export function completion({ terminal }: Session, shell: string): ExitCode {
  const table = wordTable(COMMANDS, GLOBAL_OPTIONS);
  if (shell === 'bash') terminal.out(writeBash(table));
  else terminal.out(shell === 'zsh' ? writeZsh(table) : writeFish(table));
  return EXIT.DONE;
}

/** Prints names, each on a line. That is never a failure: at worst there are none. */
export async function printNames(session: Session, kind: NameKind): Promise<ExitCode> {
  for (const name of await names(session, kind)) session.terminal.out(`${name}\n`);
  return EXIT.DONE;
}

async function names(session: Session, kind: NameKind): Promise<readonly string[]> {
  try {
    const found = kind === 'electors' ? await addresses(session) : await members(session, kind);
    return [...new Set(found)].filter((name) => PLAIN.test(name)).sort();
  } catch {
    // Whatever it is, the prompt is no place to say it.
    return [];
  }
}

/** As `--elector` takes them. The file knows them also where nobody answers. */
async function addresses(session: Session): Promise<readonly string[]> {
  try {
    const { electors } = await readConfig(session);
    return electors.map(({ address }) => address);
  } catch {
    const { electors } = await fetchCluster(session);
    return electors.map(({ address }) => address);
  }
}

async function members(session: Session, kind: NameKind): Promise<readonly string[]> {
  const { runners, electors } = await fetchCluster(session);
  return (kind === 'nodes' ? [...runners, ...electors] : runners).map(({ name }) => name);
}

async function fetchCluster({ terminal, options }: Session) {
  const session = { terminal, options: { ...options, timeout: NAMES_MAX } };
  const { cluster } = await ask(session, (client, call) => client.getCluster({}, call), {
    accept: ({ cluster: seen }) => (seen?.runners.length ?? 0) > 0,
  });
  return { runners: cluster?.runners ?? [], electors: cluster?.electors ?? [] };
}
