// What scripts find in their environment: this and nothing else, whatever the daemon was started with.
import { homedir } from 'node:os';
import type { ScriptEnvironment } from '../core/effect.ts';
import type { Action } from '../core/input.ts';

/** What scripts find as PATH. */
export const SCRIPT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Which script of which runner. */
export interface ScriptIdentity {
  readonly cluster: string;
  readonly node: string;
  readonly service: string;
  readonly action: Action;
}

/** A script's whole environment. */
export function environmentOf(
  { cluster, node, service, action }: ScriptIdentity,
  { promoted, state, epoch, master }: ScriptEnvironment,
): Readonly<Record<string, string>> {
  return {
    PATH: SCRIPT_PATH,
    HOME: homedir(),
    LANG: 'C.UTF-8',
    KOI_IS_PROMOTED: promoted ? '1' : '0',
    KOI_STATE: state,
    KOI_CLUSTER: cluster,
    KOI_NODE: node,
    KOI_SERVICE: service,
    KOI_ACTION: action,
    KOI_EPOCH: String(epoch),
    KOI_MASTER: master ?? '',
  };
}
