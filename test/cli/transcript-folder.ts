// The transcripts of this folder: reviewed one by one, and rewritten where that is wanted.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseTranscript, writeTranscript } from './transcript.ts';
import { play } from './transcript-play.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Their names, without the ending. */
export function transcriptNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => file.replace(/\.txt$/, ''))
    .toSorted();
}

/** Each exchange as the file has it and as it really is. */
export interface Review {
  readonly expected: string;
  readonly actual: string;
}

/** Plays one; writes it anew where that is wanted and it differs. */
export async function review(name: string, rewrite: boolean): Promise<Review> {
  const file = `${FOLDER}${name}.txt`;
  const expected = readFileSync(file, 'utf8');
  const steps = parseTranscript(expected);
  const actual = writeTranscript(steps, await play(steps));
  if (rewrite && actual !== expected) writeFileSync(file, actual);
  return { expected, actual };
}

/** Every command line that the transcripts give. */
export function commandsGiven(): readonly string[] {
  return transcriptNames().flatMap((name) =>
    parseTranscript(readFileSync(`${FOLDER}${name}.txt`, 'utf8')).flatMap((step) =>
      step.kind === 'exchange' ? [step.command] : [],
    ),
  );
}
