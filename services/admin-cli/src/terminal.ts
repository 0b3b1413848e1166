// Where a command's words go and come from. Everything that tests want to see passes through here.
import { createInterface } from 'node:readline/promises';

/** What a command may know of its surroundings. */
export interface Terminal {
  /** Answers, for the next program as well as for people. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether answers may be coloured: only where people read them and want it. */
  readonly colour: boolean;
  /** Asks a person and returns what was typed; undefined: nobody is there. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/**
 * The process's own. https://no-color.org: any value of NO_COLOR that is not empty turns colours
 * off.
 */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const { NO_COLOR = '', TERM = '' } = env;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    colour: stdout.isTTY && NO_COLOR === '' && TERM !== 'dumb',
    ask: stdin.isTTY && stderr.isTTY ? askPerson : undefined,
  };
}

async function askPerson(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
