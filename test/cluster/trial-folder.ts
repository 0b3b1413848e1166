// The services of a trial of restarts: a store whose scripts take as long as the trial says, and a daemon
// that its start script leaves running, so that its process shows whether anybody restarted it.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PlannedKill, type TrialService, trialServices } from './restart-plan.ts';
import { actions, type ServiceAction, type ServiceFolder } from './service-folder.ts';

/** Writes `10-store` and `20-daemon`. */
export function writeTrialFolder(folder: ServiceFolder): void {
  mkdirSync(folder.memory, { recursive: true });
  for (const [index, service] of trialServices.entries()) {
    const directory = join(folder.directory, `${index + 1}0-${service}`);
    mkdirSync(directory, { recursive: true });
    for (const action of actions) {
      const file = join(directory, action);
      writeFileSync(file, textOf(folder, service, action));
      chmodSync(file, 0o755);
    }
  }
}

/** From now on the scripts of a host take as long as a kill wants them to. */
export function setScriptTimes(memory: string, { scripts }: Pick<PlannedKill, 'scripts'>): void {
  for (const service of trialServices) {
    for (const [action, time] of Object.entries(scripts[service])) {
      writeFileSync(join(memory, `${service}.${action}`), `${time / 1_000}\n`);
    }
  }
}

/** The daemon of a host as "PID START"; empty: its start script has not run, or its stop script has. */
export function daemonOf(memory: string): string {
  try {
    return readFileSync(join(memory, 'daemon-id'), 'utf8').trim();
  } catch {
    return '';
  }
}

/** Whether a process that was noted as "PID START" still lives. */
export function isAlive(identity: string): boolean {
  const [pid = '', start = ''] = identity.split(' ');
  try {
    const text = readFileSync(`/proc/${Number(pid)}/stat`, 'latin1');
    // The name is in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] !== 'Z' && fields[0] !== 'X' && fields[19] === start;
  } catch {
    return false;
  }
}

function textOf(folder: ServiceFolder, service: TrialService, action: ServiceAction): string {
  const line = `${folder.host} ${service} ${action}`;
  return `#!/bin/sh
echo "$(date +%s%N) ${line} begin \${KOI_EPOCH:-0}" >>'${folder.log}'
code=0
if [ -e '${folder.memory}/${service}.${action}' ]; then
  read -r time <'${folder.memory}/${service}.${action}'
  sleep "$time"
fi
${service === 'daemon' ? daemonBody(join(folder.memory, 'daemon-id'), action) : ':'}
echo "$(date +%s%N) ${line} end $code" >>'${folder.log}'
exit $code
`;
}

const startTime = `start_of() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- \${stat##*) }
  [ "$1" != Z ] && start=\${20}
}`;

function daemonBody(idFile: string, action: ServiceAction): string {
  switch (action) {
    case 'start':
      // It speaks now and then, into the output that its start script had.
      return `${startTime}
setsid sh -c 'while :; do echo alive; sleep 2; done' &
start_of $! && echo "$! $start" >'${idFile}' || code=1`;
    case 'stop':
    case 'failed':
      return `if [ -e '${idFile}' ]; then
  read -r id rest <'${idFile}'
  kill -KILL "$id" 2>/dev/null
  rm -f '${idFile}'
fi`;
    case 'status':
      return `${startTime}
if [ -e '${idFile}' ]; then
  read -r id known <'${idFile}'
  start_of "$id" && [ "$start" = "$known" ] || code=1
fi`;
    case 'promote':
    case 'demote':
      return ':';
  }
}
