// How a reload of the configuration is answered over gRPC: what is wrong with the file is the text of the error.
import { ConfigError } from '../config-error.ts';
import type { ConfigReload, ReloadOutcome } from '../config-reload.ts';
import { koiError } from './errors.ts';

/** Reads the configuration again for whoever asked over the local socket. */
export async function reloadForCaller(
  reload: Pick<ConfigReload, 'reload'>,
): Promise<{ applied: string[]; restart: string[] }> {
  try {
    const outcome: ReloadOutcome = await reload.reload('told over the local socket');
    return { applied: [...outcome.applied], restart: [...outcome.restart] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw koiError('CONFIGURATION_INVALID', error.message, error);
  }
}
