// The list of seeds that have failed: a line for each with what it was. What cannot be read is refused.

/** A seed that has failed once. */
export interface FailedSeed {
  readonly seed: number;
  /** What it was. */
  readonly what: string;
}

/** Reads a list. Lines with a # are prose. Throws at a line that is neither, naming it. */
export function readSeedList(text: string, file: string): readonly FailedSeed[] {
  const known = new Set<number>();
  return text.split('\n').flatMap((line, index) => {
    const refuse = (why: string) => new Error(`${file}, line ${index + 1}: ${why}: ${line}`);
    if (line === '' || line.startsWith('#')) return [];
    const [, digits = '', what = ''] = /^(\d+) {2}(\S.*)$/.exec(line) ?? [];
    const seed = Number(digits);
    if (digits === '') throw refuse('a seed, two spaces and what it was are wanted');
    if (!Number.isSafeInteger(seed)) throw refuse('no seed is so large');
    if (known.has(seed)) throw refuse('this seed is in the list already');
    known.add(seed);
    return [{ seed, what }];
  });
}
