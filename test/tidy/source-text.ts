// The project's source files as the style rules see them: path, text, and the code with comments and
// the contents of strings blanked out, so that a word in prose is never taken for code.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** One file of the project. */
export interface SourceFile {
  /** From the top of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** A broken rule: where, and what to do instead. */
export interface Finding {
  readonly path: string;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** A finding as one line: path:line: message. */
export function describeFinding(finding: Finding): string {
  const place = finding.line === 0 ? finding.path : `${finding.path}:${finding.line}`;
  return `${place}: ${finding.message}`;
}

/** Reads every file that git knows or would add, generated code and the lockfile left out. */
export function readProject(): readonly SourceFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: projectRoot, encoding: 'utf8', timeout: 20_000 },
  );
  return listed
    .split('\0')
    .filter((path) => path !== '' && !path.startsWith('gen/src/') && path !== 'package-lock.json')
    .filter((path) => existsSync(join(projectRoot, path)))
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

/** Whether a file is TypeScript of ours. */
export function isTypeScript(file: SourceFile): boolean {
  return file.path.endsWith('.ts');
}

/** The file's name without folders. */
export function fileName(file: SourceFile): string {
  return basename(file.path);
}

// A slash after one of these begins a regular expression, after anything else it divides.
const beforeExpression = /(^|[(,=:[!&|?{};+\-*%<>~^]|\breturn|\btypeof|\bcase)\s*$/;

/** The text with comments and the contents of literals replaced by spaces, line by line as before. */
export function blankedCode(text: string): string {
  let code = '';
  let at = 0;
  // The closing braces of template literals' substitutions that are still to come.
  const substitutions: number[] = [];
  let depth = 0;
  const blank = (end: number): void => {
    code += text.slice(at, end).replace(/[^\n]/g, ' ');
    at = end;
  };
  const template = (): void => {
    const end = templateEnd(text, at);
    blank(end);
    if (text.startsWith('${', end - 2)) substitutions.push(depth);
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (text.startsWith('//', at)) blank(endOf(text, '\n', at));
    else if (text.startsWith('/*', at)) blank(endOf(text, '*/', at + 2) + 2);
    else if (character === "'" || character === '"') blank(quotedEnd(text, at + 1, character));
    else if (character === '`') {
      blank(at + 1);
      template();
    } else if (character === '/' && beforeExpression.test(code.slice(-40))) {
      blank(expressionEnd(text, at + 1));
    } else if (character === '}' && substitutions.at(-1) === depth) {
      substitutions.pop();
      template();
    } else {
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      code += character;
      at += 1;
    }
  }
  return code;
}

function endOf(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found === -1 ? text.length : found;
}

function quotedEnd(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === quote || text.charAt(at) === '\n') return at + 1;
  }
  return text.length;
}

/** Where a template's text ends: after its backquote, or after the `${` of a substitution. */
function templateEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === '`') return at + 1;
    else if (text.startsWith('${', at)) return at + 2;
  }
  return text.length;
}

function expressionEnd(text: string, from: number): number {
  let inClass = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '\n') return at;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) return at + 1;
  }
  return text.length;
}
