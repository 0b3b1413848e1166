// The options that every command takes, as they are written: for the help, the completion and the
// manual. What they mean is in plain-command.ts.
import type { OptionEntry } from './command.ts';

/** In the order of the help. */
export const GLOBAL_OPTIONS: readonly OptionEntry[] = [
  {
    flags: '--config <file>',
    summary: 'configuration (default: $KOI_CONFIG, else /etc/koi/koi.yaml)',
    names: 'file',
  },
  {
    flags: '--elector <host:port>',
    summary: 'ask this elector and no other',
    names: 'elector',
  },
  {
    flags: '--timeout <duration>',
    summary:
      'give up after this long, like 500ms or 1m (default: 5s for an answer, 10m for --wait)',
  },
  {
    flags: '-o, --output <format>',
    summary: 'text (the default), wide (more columns) or json (proto3 JSON)',
    choices: ['text', 'wide', 'json'],
  },
];
