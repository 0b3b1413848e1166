// Removes the cgroups that a test host's runner made for its services: who kills a whole host leaves nobody
// who could.
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Removes what a runner's state directory says is its own, once no process is left in it. */
export function removeHostCgroups(stateDirectory: string): void {
  try {
    removeTree(readFileSync(join(stateDirectory, 'cgroup'), 'utf8').trim());
  } catch {
    // It made none, or somebody has removed them.
  }
}

function removeTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(directory, entry.name));
  }
  rmdirSync(directory);
}
