// What the `tls` key means for daemons that do not speak TLS: loopback only, or a warning, or no
// start.

import type { Config } from './config.ts';
import { isLoopback } from './config-address.ts';

/**
 * Why a daemon must not start with this configuration although it is well-formed; undefined: it
 * may. Certificates that would be ignored are worse than none.
 */
export function tlsRefusal(config: Config): string | undefined {
  if (config.tls.kind !== 'files') return undefined;
  return (
    'certificates are configured but this version does not speak TLS: use loopback addresses and ' +
    'remove the key, or write "tls: insecure" where the network itself is trusted'
  );
}

/** What a daemon warns of at each start; undefined: nothing. */
export function insecureWarning(config: Config): string | undefined {
  if (config.tls.kind !== 'insecure') return undefined;
  const open = config.electors.filter(({ address }) => !isLoopback(address));
  const reach = open.length > 0 ? ` (${open.map(({ address }) => address).join(', ')})` : '';
  return (
    `tls: insecure lets whoever reaches the electors${reach} read, order and impersonate: ` +
    'keep them on a network of their own'
  );
}
