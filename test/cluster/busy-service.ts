// A promoted service whose scripts can be made to hang or to flood, on one host at a time.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actions, type ServiceAction, type ServiceFolder } from './service-folder.ts';

/** What a script does where it shall be busy, in sh. None of it ends by itself before its time limit. */
export const busyBodies = {
  hangs: 'sleep 1000',
  ignoresTerm: "trap '' TERM; while :; do sleep 1000; done",
  floods: 'while :; do yes "one line of many" | head -c 100M; done',
} as const;

/** Writes `20-busy`, which is demoted before the store. */
export function writeBusyService(folder: ServiceFolder): void {
  const directory = join(folder.directory, '20-busy');
  mkdirSync(directory, { recursive: true });
  for (const action of actions) {
    const body = bodyFile(folder.memory, action);
    const line = `${folder.host} busy ${action}`;
    const text = `#!/bin/sh
echo "$(date +%s%N) ${line} begin \${KOI_EPOCH:-0}" >>'${folder.log}'
if [ -e '${body}' ]; then . '${body}'; fi
echo "$(date +%s%N) ${line} end 0" >>'${folder.log}'
`;
    writeFileSync(join(directory, action), text);
    chmodSync(join(directory, action), 0o755);
  }
}

/** Gives a host's script something to do from its next run on; undefined: nothing. */
export function setBusy(memory: string, action: ServiceAction, body: string | undefined): void {
  const file = bodyFile(memory, action);
  if (body === undefined) rmSync(file, { force: true });
  else writeFileSync(file, `${body}\n`);
}

function bodyFile(memory: string, action: ServiceAction): string {
  return join(memory, `busy.${action}`);
}
