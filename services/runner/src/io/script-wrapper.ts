// What stands between the runner and a script, and goes on when the runner is gone: a few lines of shell
// that enter the service's cgroup, run the script as their child and leave behind how it ended.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoteForShell } from './deadman-watch.ts';

/** What a wrapper leaves instead of an exit code where it did not run the script, or could not. */
export const REFUSALS = [
  'bad-interpreter',
  'closed-directory',
  'dangling',
  'is-directory',
  'missing',
  'no-directory',
  'no-first-line',
  'no-lease',
  'not-executable',
  'unrunnable',
] as const;

export type Refusal = (typeof REFUSALS)[number];

/** How a wrapper exits that could not enter its cgroup, or whose order was taken back. */
export const EXIT_UNPLACED = 125;

/** The name of the wrapper, in the state directory: what `ps` shows. */
const NAME = 'koi-script';

// Everything here is built in: any program of its own would cost a script a millisecond. The traps come
// last, so that a SIGTERM before the script begins ends the wrapper; they are not ignored, so that
// the script finds what it would find without a wrapper.
const TEXT = `# koi-script CGROUP-PROCS SERVICE: runs one script of a service for koi-runner, which starts this
# ahead of time and says later, by a line on its input, which directory holds the order. It outlives
# koi-runner: "life" is held open for as long as it runs, "exit" then says how the script ended.
said() { shift 21; start=$1; }
read -r stat </proc/self/stat
said $stat
if [ -n "$1" ]; then echo 0 >"$1" || exit ${EXIT_UNPLACED}; fi
read -r run || exit 0
end() { echo "$1" >"$run/exit"; exit 126; }
. "$run/begin"
exec 3<>"$run/life"
set -C
# Whoever takes over from koi-runner may have given this order up: then its own "pid" is there.
echo "$$ $start" >"$run/pid" || exit ${EXIT_UNPLACED}
set +C
deadman=\${run%/runs/*}/deadman
# Whether the lease still runs under which this is to be promoted. Whoever takes the lock looks for "pid"
# afterwards: this sees the lock, or is seen. The clock's last digit is cut off, so it is taken for 9.
is_leased() {
  read -r epoch over maintenance <"$deadman/lease" || return
  if [ "$epoch" != "$KOI_EPOCH" ] || [ -e "$deadman/lock.$epoch" ]; then return 1; fi
  if [ "$maintenance" = 1 ]; then return; fi
  read -r uptime idle </proc/uptime && [ "\${uptime%.*}\${uptime#*.}9" -lt "$over" ]
}
exec </dev/null 1<>"$output" 2>/dev/null
if ! cd -- "$directory"; then
  if [ -d "$directory" ]; then end closed-directory; fi
  end no-directory
fi
if [ ! -e "$file" ]; then
  if [ -L "$file" ]; then end dangling; fi
  end missing
fi
if [ -d "$file" ]; then end is-directory; fi
if [ ! -x "$file" ]; then end not-executable; fi
# A shell would run what has no first line of the kind by itself; the kernel would not.
first='#!/'
if [ -r "$file" ]; then read -r first <"$file"; fi
case $first in
  '#!'*)
    set -f
    interpreter=
    for interpreter in \${first#??}; do break; done
    set +f
    if [ -z "$interpreter" ]; then end no-first-line; fi
    if [ ! -e "$interpreter" ]; then end bad-interpreter; fi ;;
  ?ELF*) ;;
  *) end no-first-line ;;
esac
trap : HUP INT QUIT PIPE ALRM TERM USR1 USR2
(
  # As late as can be: the host, this process or a disk may have stood still since the order was given.
  if [ "$KOI_ACTION" = promote ]; then is_leased || end no-lease; fi
  trap 'echo unrunnable >"$run/exit"' EXIT
  # What shells put there of their own accord.
  unset PWD OLDPWD SHLVL _
  exec 2>&1 3>&-
  exec "$file" "$@"
)
code=$?
[ -s "$run/exit" ] || echo "$code" >"$run/exit"
exit "$code"
`;

/** What a wrapper has to know to run a script. */
export interface WrapperOrder {
  /** Where the script runs. */
  readonly directory: string;
  readonly file: string;
  readonly parameters: readonly string[];
  /** The FIFO that its output goes to. */
  readonly output: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Puts the wrapper into the state directory, beside what runs by an earlier one. Returns its file. */
export function installWrapper(stateDirectory: string): string {
  const file = join(stateDirectory, NAME);
  const temporary = `${file}.new`;
  // Renamed: a shell reads its text while it runs.
  writeFileSync(temporary, TEXT, { mode: 0o600 });
  renameSync(temporary, file);
  return file;
}

/** An order as the wrapper reads it: shell assignments. */
export function wrapperOrderText(order: WrapperOrder): string {
  const { directory, file, parameters, output, environment } = order;
  const exported = Object.entries(environment).map(
    ([name, value]) => `${name}=${quoteForShell(value)}`,
  );
  return [
    `directory=${quoteForShell(directory)} file=${quoteForShell(file)} output=${quoteForShell(output)}`,
    `set -- ${parameters.map(quoteForShell).join(' ')}`,
    `export ${exported.join(' ')}`,
    '',
  ].join('\n');
}
