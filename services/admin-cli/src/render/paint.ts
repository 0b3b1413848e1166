// Colours for people. Off a terminal nothing is added to a text.
import { styleText } from 'node:util';

/** What a text means, not how it looks. */
export type Tone = 'good' | 'bad' | 'warning' | 'heading' | 'quiet' | 'plain';

/** Marks a text for its tone. */
export type Paint = (tone: Tone, text: string) => string;

const FORMATS = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  heading: 'bold',
  quiet: 'gray',
} as const;

/** A painter; without colour it returns texts as they are. */
export function painter(colour: boolean): Paint {
  if (!colour) return (_, text) => text;
  return (tone, text) =>
    tone === 'plain' || text === ''
      ? text
      : // Whether the stream takes colours was decided once, by whoever made the terminal.
        styleText(FORMATS[tone], text, { validateStream: false });
}
