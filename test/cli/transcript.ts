// A transcript as a file: what happens to a cluster, the command lines that are given, and what each
// of them prints. Reads it, refuses what it cannot read, and writes it again with other answers.
//
//   # a comment
//   run 10 s                   something happens (see transcript-deed.ts)
//   $ koi-admin promote b      a command line
//   & run 2 s                  happens while it runs
//   > b is to be master        a line of its standard output
//   ! koi-admin: hint: ...     a line of its standard error
//   exit 0                     how it ends

/** One command line and what is expected of it. */
export interface Exchange {
  /** Of its first line, from 1. */
  readonly line: number;
  /** After `$ koi-admin`. */
  readonly command: string;
  /** What happens while it runs. */
  readonly meanwhile: readonly string[];
  readonly answer: Answer;
}

/** What a command line prints, and how it ends. */
export interface Answer {
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly exit: number | undefined;
}

/** A line of the file, or a command line with its answer. */
export type Step =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'deed'; readonly text: string; readonly line: number }
  | ({ readonly kind: 'exchange' } & Exchange);

const PROMPT = '$ koi-admin';

/** Reads a file. */
export function parseTranscript(text: string): readonly Step[] {
  const lines = text.replace(/\n+$/, '').split('\n');
  const steps: Step[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line === '' || line.startsWith('#')) {
      steps.push({ kind: 'comment', text: line });
      at += 1;
    } else if (!line.startsWith(PROMPT)) {
      steps.push({ kind: 'deed', text: line, line: at + 1 });
      at += 1;
    } else {
      const exchange = readExchange(lines, at);
      steps.push({ kind: 'exchange', ...exchange.read });
      at = exchange.next;
    }
  }
  return steps;
}

function readExchange(lines: readonly string[], start: number): { read: Exchange; next: number } {
  const out: string[] = [];
  const err: string[] = [];
  const meanwhile: string[] = [];
  let exit: number | undefined;
  let at = start + 1;
  for (; at < lines.length && exit === undefined; at += 1) {
    const [, mark = '', rest = ''] = /^([&>!])(?: (.*))?$/.exec(lines[at] ?? '') ?? [];
    const [, code] = /^exit (\d+)$/.exec(lines[at] ?? '') ?? [];
    if (mark === '>') out.push(rest);
    else if (mark === '!') err.push(rest);
    else if (mark === '&') meanwhile.push(rest);
    else if (code !== undefined) exit = Number(code);
    else break;
  }
  const command = (lines[start] ?? '').slice(PROMPT.length).trim();
  const answer = { out, err, exit };
  return { read: { line: start + 1, command, meanwhile, answer }, next: at };
}

/** The same file, with these answers in the order of its command lines. */
export function writeTranscript(steps: readonly Step[], answers: readonly Answer[]): string {
  let next = 0;
  const lines = steps.flatMap((step) => {
    if (step.kind !== 'exchange') return [step.text];
    const answer = answers[next] ?? step.answer;
    next += 1;
    const command = `${PROMPT} ${step.command}`.trimEnd();
    return [command, ...step.meanwhile.map((text) => `& ${text}`), ...writeAnswer(answer)];
  });
  return `${lines.join('\n')}\n`;
}

/** An answer as a file says it. */
export function writeAnswer({ out, err, exit }: Answer): readonly string[] {
  return [
    ...out.map((line) => `> ${line}`.trimEnd()),
    ...err.map((line) => `! ${line}`.trimEnd()),
    ...(exit === undefined ? [] : [`exit ${exit}`]),
  ];
}
