// Every command, in the order of the help.
import type { CommandEntry } from './command.ts';
import { LOOKS } from './look-commands.ts';
import { ORDERS } from './order-commands.ts';
import { SHELL_COMMANDS } from './shell-commands.ts';

/** All of them. */
export const COMMANDS: readonly CommandEntry[] = [...LOOKS, ...ORDERS, ...SHELL_COMMANDS];

/** The command of a name or an alias. */
export function commandNamed(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name || entry.aliases?.includes(name) === true);
}
