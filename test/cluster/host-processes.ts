// Finds every process of a test host by what its environment says. A runner gives each script the names
// of cluster and host, children inherit them, and the harness gives them to the daemons: groups and
// sessions do not matter. A test's cluster has a name of its own. Processes are ended by id only.
import { readdirSync, readFileSync } from 'node:fs';

/** The environment of a host's daemons, and of all that comes from them. */
export function hostEnvironment(cluster: string, host: string): NodeJS.ProcessEnv {
  return { KOI_CLUSTER: cluster, KOI_NODE: host };
}

/** The ids of all living processes of a cluster, or of one host of it. */
export function hostProcesses(cluster: string, host?: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => {
      const entries = environmentOf(id).split('\0');
      if (!entries.includes(`KOI_CLUSTER=${cluster}`)) return false;
      return host === undefined || entries.includes(`KOI_NODE=${host}`);
    });
}

function environmentOf(id: number): string {
  try {
    // A zombie's environment is empty: what is dead is not found.
    return readFileSync(`/proc/${id}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** A host's processes can start others while we look; more rounds than this none needs. */
const killRoundsMax = 500;

/** Kills every process of a cluster, or of one host, until none is left. Throws where one does not die. */
export function killHostProcesses(cluster: string, host?: string): void {
  for (let round = 0; round < killRoundsMax; round += 1) {
    const ids = hostProcesses(cluster, host);
    if (ids.length === 0) return;
    for (const id of ids) signalProcess(id, 'SIGKILL');
  }
  throw new Error(`processes do not die: ${hostProcesses(cluster, host).join(' ')}`);
}

/** Sends a signal; a process that is gone already is no error. */
export function signalProcess(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
