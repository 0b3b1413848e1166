// The command that is for shells: its words, and what is loaded for it.
import type { CommandEntry } from './command.ts';
import { readChoice } from './option-values.ts';

const NAMES = ['runners', 'nodes', 'electors'] as const;

/** After all others in the help. */
export const SHELL_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'completion',
    summary: "print a shell's completion script",
    arguments: [
      {
        name: 'shell',
        required: true,
        summary: 'the shell',
        choices: ['bash', 'zsh', 'fish'],
      },
    ],
    options: [
      {
        flags: '--names <kind>',
        summary: 'print names instead, as the script asks for them: runners, nodes or electors',
        choices: NAMES,
      },
    ],
    examples: [
      'completion bash > /usr/share/bash-completion/completions/koi-admin',
      'completion zsh > /usr/share/zsh/vendor-completions/_koi-admin',
      'completion fish > /usr/share/fish/vendor_completions.d/koi-admin.fish',
    ],
    run: async (session, [shell = ''], { names }) => {
      const kind = typeof names === 'string' ? readChoice('--names', names, NAMES) : undefined;
      const { completion, printNames } = await import('./commands/completion.ts');
      return await (kind === undefined ? completion(session, shell) : printNames(session, kind));
    },
  },
];
