// How a script ended, from what its wrapper says, in words that help whoever reads them.
import { constants } from 'node:os';
import type { ScriptEnd } from '../core/input.ts';
import type { RunOrder } from './run-directory.ts';
import { REFUSALS, type Refusal } from './script-wrapper.ts';

/** What shells add to the number of a signal to make an exit code of it. */
const SIGNALLED = 128;

/** The end that a wrapper recorded: an exit code, or why there was none. */
export function recordedEnd(recorded: string, order: RunOrder): ScriptEnd {
  const refusal = REFUSALS.find((known) => known === recorded);
  if (refusal !== undefined) return refusedEnd(refusal, order);
  const code = Number(recorded);
  if (!Number.isInteger(code)) return notStarted(`its wrapper says: ${recorded}`);
  const signal = signalOf(code - SIGNALLED);
  return signal === undefined ? { kind: 'exited', code } : { kind: 'signalled', signal };
}

function refusedEnd(refusal: Refusal, { kind, directory, file }: RunOrder): ScriptEnd {
  switch (refusal) {
    case 'missing':
      // One that a directory does not have has succeeded.
      return kind === 'directory'
        ? { kind: 'exited', code: 0 }
        : { kind: 'gone', reason: `${file} is gone` };
    case 'no-directory':
      return kind === 'directory'
        ? { kind: 'gone', reason: `${directory} is gone` }
        : notStarted(`the working directory ${directory} does not exist`);
    case 'closed-directory':
      return notStarted(`${directory} cannot be entered`);
    case 'dangling':
      return notStarted(`${file} is a link to what does not exist`);
    case 'is-directory':
      return notStarted(`${file} is a directory, not an executable`);
    case 'no-lease':
      // It never began, and nothing is wrong with the service.
      return { kind: 'cut-short' };
    case 'not-executable':
      return notStarted(`${file} is not executable: chmod +x ${file}`);
    case 'no-first-line':
      return notStarted(`${file} does not begin with #!: say what runs it`);
    case 'bad-interpreter':
      return notStarted(`what the first line of ${file} names does not exist`);
    case 'unrunnable':
      return notStarted(`${file} cannot be run: its output has the shell's reason`);
  }
}

function notStarted(reason: string): ScriptEnd {
  return { kind: 'not-started', reason };
}

function signalOf(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
