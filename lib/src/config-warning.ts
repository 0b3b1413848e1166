// What a configuration asks for and a reader should hear of: said at each start and by check-config.
import type { Config } from './config.ts';
import { insecureWarning } from './config-tls.ts';

/** Sentences, empty where there is nothing to warn of. */
export function configWarnings(config: Config): readonly string[] {
  const warnings: string[] = [];
  const insecure = insecureWarning(config);
  if (insecure !== undefined) warnings.push(insecure);
  if (config.runner.fence !== undefined) {
    warnings.push(
      `runner.fence: ${config.runner.fence} is never called in this version: what outlives a SIGKILL is not fenced`,
    );
  }
  return warnings;
}
