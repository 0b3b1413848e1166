// What sets two traces apart, line by line: "-" what was expected, "+" what came.

/** The longest trace that is compared line by line; beyond it everything counts as different. */
const LINES_MAX = 2_000;

/** The lines of both, in order, with what is common to them once. */
export function diff(expected: readonly string[], found: readonly string[]): readonly string[] {
  if (expected.length > LINES_MAX || found.length > LINES_MAX) {
    return [...expected.map((line) => `- ${line}`), ...found.map((line) => `+ ${line}`)];
  }
  const common = commonLengths(expected, found);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < expected.length || j < found.length) {
    if (i < expected.length && expected[i] === found[j]) {
      lines.push(`  ${expected[i]}`);
      i += 1;
      j += 1;
    } else if (i < expected.length && lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1)) {
      lines.push(`- ${expected[i]}`);
      i += 1;
    } else if (j < found.length) {
      lines.push(`+ ${found[j]}`);
      j += 1;
    } else {
      lines.push(`- ${expected[i]}`);
      i += 1;
    }
  }
  return lines;
}

function lengthAt(common: readonly (readonly number[])[], i: number, j: number): number {
  return common[i]?.[j] ?? 0;
}

/** How long the longest common part is, from each pair of places on. */
function commonLengths(
  expected: readonly string[],
  found: readonly string[],
): readonly (readonly number[])[] {
  const common = Array.from({ length: expected.length + 1 }, () =>
    Array<number>(found.length + 1).fill(0),
  );
  for (let i = expected.length - 1; i >= 0; i -= 1) {
    for (let j = found.length - 1; j >= 0; j -= 1) {
      const row = common[i];
      if (row === undefined) continue;
      row[j] =
        expected[i] === found[j]
          ? lengthAt(common, i + 1, j + 1) + 1
          : Math.max(lengthAt(common, i + 1, j), lengthAt(common, i, j + 1));
    }
  }
  return common;
}
