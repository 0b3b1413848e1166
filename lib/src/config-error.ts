// How a configuration is refused: with every problem that was found, each at its place.

/** One thing that is wrong. */
export interface ConfigProblem {
  readonly file: string;
  /** Counted from 1; 0 where the file could not be read at all. */
  readonly line: number;
  readonly column: number;
  /** The full key, `timing.heartbeat` or `electors[1].address`; empty: the file as a whole. */
  readonly key: string;
  /** What is wrong and what would be right. */
  readonly text: string;
}

/** A problem as people read it: `koi.yaml:12:7: timing.heartbeat: …`. */
export function describeProblem(problem: ConfigProblem): string {
  const place = problem.line > 0 ? `:${problem.line}:${problem.column}` : '';
  const key = problem.key === '' ? '' : `${problem.key}: `;
  return `${problem.file}${place}: ${key}${problem.text}`;
}

/** A configuration is refused. The message has one line per problem, in the order of the file. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const sorted = problems.toSorted(
      (one, other) => one.line - other.line || one.column - other.column,
    );
    super(sorted.map(describeProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = sorted;
  }
}
