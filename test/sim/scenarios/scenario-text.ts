// A written story as a file: what must hold, the commands, and the trace that they are to give. Reads it,
// refuses what it cannot read by file and line, and writes it again with other traces.

/** One line of a file, counted from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** Some commands and the trace expected of them. */
export interface Block {
  readonly commands: readonly Line[];
  readonly trace: readonly string[];
  /** Of the line after `----`. */
  readonly traceAt: number;
}

export interface Scenario {
  /** The file's name without its ending. */
  readonly name: string;
  readonly promises: readonly Line[];
  readonly blocks: readonly Block[];
  readonly lines: readonly string[];
}

/** What a file says that nobody understands, or that cannot be done. */
export class ScenarioRefusal extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const PROMISES = 'must hold:';
const RULER = '----';

/** Reads a story. Throws a `ScenarioRefusal`. */
export function parseScenario(name: string, text: string): Scenario {
  const lines = text.replace(/\n+$/, '').split('\n');
  const promises: Line[] = [];
  const blocks: Block[] = [];
  let commands: Line[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = (lines[index] ?? '').trim();
    const number = index + 1;
    if (line.startsWith(PROMISES)) {
      if (commands.length + blocks.length > 0) {
        throw new ScenarioRefusal(number, `"${PROMISES}" stands before all commands`);
      }
      const sentences = line.slice(PROMISES.length).split(';');
      promises.push(...sentences.map((sentence) => ({ number, text: sentence.trim() })));
    } else if (line === RULER) {
      if (commands.length === 0) throw new ScenarioRefusal(number, 'a trace without a command');
      const trace = linesUntilBlank(lines, number);
      blocks.push({ commands, trace, traceAt: number });
      commands = [];
      index += trace.length;
    } else if (line !== '' && !line.startsWith('#')) {
      commands.push({ number, text: line });
    }
  }
  if (!lines[0]?.startsWith(PROMISES)) {
    throw new ScenarioRefusal(1, `the first line says what must hold: "${PROMISES} ..."`);
  }
  const [left] = commands;
  if (left !== undefined) throw new ScenarioRefusal(left.number, `no "${RULER}" after this block`);
  return { name, promises, blocks, lines };
}

function linesUntilBlank(lines: readonly string[], from: number): readonly string[] {
  const rest = lines.slice(from);
  const end = rest.findIndex((line) => line.trim() === '');
  return end < 0 ? rest : rest.slice(0, end);
}

/** The same story with other traces, one for each block; a missing one leaves the block as it is. */
export function withTraces(
  scenario: Scenario,
  traces: readonly (readonly string[] | undefined)[],
): string {
  const written: string[] = [];
  let at = 0;
  scenario.blocks.forEach((block, index) => {
    written.push(...scenario.lines.slice(at, block.traceAt), ...(traces[index] ?? block.trace));
    at = block.traceAt + block.trace.length;
  });
  return `${[...written, ...scenario.lines.slice(at)].join('\n')}\n`;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['min', 60_000],
]);

/** How a length of time is written in a story, for patterns. */
export const DURATION = String.raw`\d+(?:\.\d+)? ?(?:ms|s|min)`;

/** A length of time as stories write it: "812.5 ms", "2 s", "1 min". */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/.exec(text) ?? [];
  const factor = UNITS.get(unit ?? '');
  return factor === undefined ? undefined : Number(number) * factor;
}
