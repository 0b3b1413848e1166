// Where a command's words go and come from. Everything that tests want to see passes through here.
import { isatty } from 'node:tty';
import type { WallTime } from '@koi/lib/time';

/** A window that a person looks at and types into. */
export interface Screen {
  /** How large it is now. */
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
  /** Takes each key as it is typed, and each change of size, until the returned function is called. */
  listen(handlers: { key(key: string): void; resized(): void }): () => void;
}

/** What a command may know of its surroundings. */
export interface Terminal {
  /** Answers, for the next program as well as for people. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether answers may be coloured: only where people read them and want it. */
  readonly colour: boolean;
  /** Whether a person waits for the end: both outputs are a terminal. */
  readonly watched: boolean;
  /** For full-screen views; undefined: there is none. */
  readonly screen: Screen | undefined;
  /** Asks a person and returns what was typed; undefined: nobody is there. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Calls back at Ctrl-C or SIGTERM instead of ending, until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /** For times that a person gives, like "ten minutes ago". */
  wall(): WallTime;
}

/**
 * The process's own. https://no-color.org: any value of NO_COLOR that is not empty turns colours
 * off.
 */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const { NO_COLOR = '', TERM = '' } = env;
  // Asked by its number: opening standard input costs more than asking for it.
  const typing = isatty(0);
  const able = TERM !== 'dumb';
  for (const stream of [stdout, stderr]) stream.on('error', whenReaderIsGone);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    colour: stdout.isTTY && NO_COLOR === '' && able,
    watched: stdout.isTTY && stderr.isTTY,
    screen: typing && stdout.isTTY && able ? processScreen() : undefined,
    ask: typing && stderr.isTTY ? askPerson : undefined,
    onInterrupt(listener) {
      process.on('SIGINT', listener).on('SIGTERM', listener);
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
    },
    wall: () => Date.now(),
  };
}

/** `koi-admin events | head`: whoever reads has had enough, which is no fault. */
function whenReaderIsGone(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  throw error;
}

/** How large a window is taken to be that does not tell. */
const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

function processScreen(): Screen {
  const { stdin, stdout } = process;
  return {
    size: () => ({
      columns: stdout.columns || COLUMNS_DEFAULT,
      rows: stdout.rows || ROWS_DEFAULT,
    }),
    write: (text) => void stdout.write(text),
    listen({ key, resized }) {
      const typed = (bytes: Buffer) => key(bytes.toString());
      stdin.setRawMode(true);
      stdin.on('data', typed).resume();
      stdout.on('resize', resized);
      return () => {
        stdout.off('resize', resized);
        stdin.off('data', typed).pause();
        stdin.setRawMode(false);
      };
    },
  };
}

async function askPerson(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
