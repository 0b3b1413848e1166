// The services of a test host: plain sh scripts that log when they begin and end, and a web service
// that is a real process with a port only one host can hold.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a service folder is made for. */
export interface ServiceFolder {
  /** The host's name, as the log and the web service say it. */
  readonly host: string;
  /** The `servicesDirectory` of the host's runner. */
  readonly directory: string;
  /** Where scripts keep what they must remember; also where a test says what status shall answer. */
  readonly memory: string;
  /** The log shared by all hosts. */
  readonly log: string;
  /** The web service's loopback port, the same on every host; undefined: no web service. */
  readonly webPort: number | undefined;
}

/** Every script that a service may have. */
export const actions = ['start', 'stop', 'promote', 'demote', 'status', 'failed'] as const;
export type ServiceAction = (typeof actions)[number];

const webProgram = fileURLToPath(new URL('./exclusive-web.ts', import.meta.url));

/** Writes `10-store`, and `20-web` where there is a port for it. */
export function writeServiceFolder(folder: ServiceFolder): void {
  mkdirSync(folder.memory, { recursive: true });
  for (const action of actions) {
    writeScript(folder, '10-store', 'store', action, storeBody(folder, action));
    const web = webBody(folder, action);
    if (web !== undefined) writeScript(folder, '20-web', 'web', action, web);
  }
}

/** The file whose content is the exit code of the store's status; absent: 0. */
export function storeStatusFile(memory: string): string {
  return join(memory, 'store-status');
}

function writeScript(
  folder: ServiceFolder,
  entry: string,
  service: string,
  action: ServiceAction,
  body: string,
): void {
  const directory = join(folder.directory, entry);
  mkdirSync(directory, { recursive: true });
  const line = `${folder.host} ${service} ${action}`;
  // The first line is written before the script does anything, the last one when all is done.
  const text = `#!/bin/sh
echo "$(date +%s%N) ${line} begin \${KOI_EPOCH:-0}" >>'${folder.log}'
code=0
${body}
echo "$(date +%s%N) ${line} end $code" >>'${folder.log}'
exit $code
`;
  const file = join(directory, action);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

function storeBody(folder: ServiceFolder, action: ServiceAction): string {
  const file = storeStatusFile(folder.memory);
  return action === 'status' ? `[ -e '${file}' ] && code=$(cat '${file}')` : ':';
}

function webBody(folder: ServiceFolder, action: ServiceAction): string | undefined {
  if (folder.webPort === undefined) return undefined;
  const idFile = join(folder.memory, 'web-id');
  const ready = join(folder.memory, 'web-ready');
  // Bounded: 5 s for the port, which takes some 0.1 s.
  const start = `rm -f '${ready}'
'${process.execPath}' '${webProgram}' '${folder.host}' ${folder.webPort} '${ready}' </dev/null >/dev/null 2>&1 &
id=$!
echo $id >'${idFile}'
tries=0
while [ ! -e '${ready}' ]; do
  tries=$((tries + 1))
  if [ $tries -gt 250 ] || ! kill -0 $id 2>/dev/null; then code=1; break; fi
  sleep 0.02
done`;
  const end = `if [ -e '${idFile}' ]; then
  id=$(cat '${idFile}')
  kill -KILL $id 2>/dev/null
  while kill -0 $id 2>/dev/null && ! grep -q '^State:.Z' /proc/$id/status 2>/dev/null; do sleep 0.01; done
  rm -f '${idFile}'
fi`;
  switch (action) {
    case 'promote':
      return start;
    case 'demote':
    case 'stop':
    case 'failed':
      return end;
    case 'status':
      return `if [ "$KOI_IS_PROMOTED" = 1 ]; then kill -0 $(cat '${idFile}') 2>/dev/null || code=1; fi`;
    case 'start':
      return ':';
  }
}
