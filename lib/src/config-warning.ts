// What a configuration asks for and a reader should hear of: said at each start and by check-config.
import { accessSync, constants, statSync } from 'node:fs';
import type { Config } from './config.ts';
import type { Role } from './config-check.ts';
import { insecureWarning } from './config-tls.ts';

/** Sentences, empty where there is nothing to warn of. `role`: whose start it is. */
export function configWarnings(config: Config, role: Role = 'any'): readonly string[] {
  const warnings: string[] = [];
  const insecure = insecureWarning(config);
  if (insecure !== undefined) warnings.push(insecure);
  const { fence } = config.runner;
  // A host with an elector alone need not have what its file names for a runner.
  const obstacle = fence === undefined || role === 'elector' ? '' : fenceObstacle(fence);
  if (obstacle !== '') {
    warnings.push(
      `runner.fence: ${fence} ${obstacle}: what outlives a SIGKILL at the end of a lease would not be fenced`,
    );
  }
  return warnings;
}

/** Why the self-fence hook could not be run, now and on this host; empty: it could. */
function fenceObstacle(file: string): string {
  try {
    if (!statSync(file).isFile()) return 'is not a file';
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? 'does not exist' : `cannot be looked at (${String(error)})`;
  }
  try {
    accessSync(file, constants.X_OK);
    return '';
  } catch {
    return 'is not executable';
  }
}
