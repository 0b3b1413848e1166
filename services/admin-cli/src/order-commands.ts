// The commands that change something: their words, and what is loaded for each.
import type { ArgumentEntry, CommandEntry, OptionEntry, OptionValues } from './command.ts';
import { EXIT, Failure } from './failure.ts';

const RUNNER: ArgumentEntry = {
  name: 'name',
  required: true,
  summary: 'the runner',
  names: 'runner',
};

/** Of every command whose end can be waited for. */
const WAIT: readonly OptionEntry[] = [
  { flags: '--wait', summary: 'follow the change to its end (the default on a terminal)' },
  { flags: '--no-wait', summary: 'end as soon as the order is committed' },
];

/** In the order of the help. */
export const ORDERS: readonly CommandEntry[] = [
  {
    name: 'promote',
    summary: 'make a runner master; refused with the reason where it cannot be',
    arguments: [RUNNER],
    options: [
      { flags: '--force', summary: 'also where it has failed within the promotion hold' },
      ...WAIT,
    ],
    examples: ['promote b', 'promote b --no-wait'],
    run: async (session, [runner = ''], options) =>
      await (await orders()).promote(session, runner, {
        ...waitOf(options),
        force: options['force'] === true,
      }),
  },
  {
    name: 'demote',
    summary: 'demote the master and elect nobody until told (manual mode)',
    options: WAIT,
    examples: ['demote'],
    run: async (session, _, options) => await (await orders()).demote(session, waitOf(options)),
  },
  {
    name: 'elect',
    summary: 'elect a master again after `demote`',
    options: WAIT,
    examples: ['elect'],
    run: async (session, _, options) => await (await orders()).elect(session, waitOf(options)),
  },
  {
    name: 'maintenance',
    summary: 'turn maintenance on or off: while it is on no script runs',
    arguments: [{ name: 'wish', required: true, summary: 'on or off', choices: ['on', 'off'] }],
    options: WAIT,
    examples: ['maintenance on', 'maintenance off'],
    run: async (session, [wish], options) =>
      await (await orders()).maintenance(session, wish === 'on', waitOf(options)),
  },
  {
    name: 'start',
    summary: "start a stopped runner's services again",
    arguments: [RUNNER],
    options: WAIT,
    examples: ['start b'],
    run: async (session, [runner = ''], options) =>
      await (await orders()).start(session, runner, waitOf(options)),
  },
  {
    name: 'stop',
    summary: "demote and stop a runner's services until `start`",
    arguments: [RUNNER],
    options: WAIT,
    examples: ['stop b'],
    run: async (session, [runner = ''], options) =>
      await (await orders()).stop(session, runner, waitOf(options)),
  },
  {
    name: 'recover',
    summary: 'make a runner, or all of them, forget failures and start again',
    arguments: [{ ...RUNNER, required: false, summary: 'the runner; without it all of them' }],
    options: WAIT,
    examples: ['recover b', 'recover'],
    run: async (session, [runner = ''], options) =>
      await (await orders()).recover(session, runner, waitOf(options)),
  },
  {
    name: 'confirm-down',
    summary: 'confirm that nothing of a master is promoted any more, and elect another at once',
    arguments: [{ ...RUNNER, summary: 'the runner that is certainly down' }],
    options: [{ flags: '--yes', summary: 'do not ask back' }, ...WAIT],
    examples: ['confirm-down b --yes'],
    run: async (session, [runner = ''], options) => {
      const { confirmDown } = await import('./commands/confirm-down.ts');
      const yes = options['yes'] === true;
      return await confirmDown(session, runner, { ...waitOf(options), yes });
    },
  },
  {
    name: 'reconfigure',
    summary: "read the configuration again: this host's daemons, a runner, or all runners",
    arguments: [
      { ...RUNNER, required: false, summary: "a runner; without it this host's daemons" },
    ],
    options: [{ flags: '--all', summary: 'all runners' }],
    examples: ['reconfigure', 'reconfigure b', 'reconfigure --all'],
    run: async (session, [runner], { all }) => {
      if (runner !== undefined && all === true) {
        throw new Failure(EXIT.USAGE, 'name a runner or say --all, not both');
      }
      const { reconfigure, reconfigureHere } = await import('./commands/reconfigure.ts');
      if (runner === undefined && all !== true) return await reconfigureHere(session);
      return await reconfigure(session, runner ?? '');
    },
  },
];

function orders() {
  return import('./commands/order-calls.ts');
}

function waitOf({ wait }: OptionValues): { readonly wait?: boolean } {
  return typeof wait === 'boolean' ? { wait } : {};
}
