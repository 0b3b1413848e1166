// What a line of source may not say, each with what to write instead: words that make a core impure,
// escapes from the type checker, notes to oneself, and lines nobody can read.
import { blankedCode, type Finding, isTypeScript, type SourceFile } from './source-text.ts';

/** No line of code is longer, whatever the formatter thinks of a string in it. */
export const lineLengthMax = 120;

const bannedInCore: ReadonlyMap<string, string> = new Map([
  ['Date', 'take `now` as a parameter of step(); wall-clock time comes with the input `wall`'],
  ['Math.random', 'have what is drawn by chance passed in with the options'],
  ['performance', 'take `now` as a parameter of step()'],
  ['async', 'return an effect, and take its outcome as an input'],
  ['await', 'return an effect, and take its outcome as an input'],
  ['Promise', 'return an effect, and take its outcome as an input'],
  ['setTimeout', 'name the moment in `deadline`: the loop owns the only timer'],
  ['setInterval', 'name the moment in `deadline`: the loop owns the only timer'],
  ['setImmediate', 'return an effect: what follows happens in the same step'],
  ['queueMicrotask', 'return an effect: what follows happens in the same step'],
  ['process', 'take it with the options, or return an effect'],
  ['console', 'return the effect `log`'],
]);

/** The words that no core may use, with their replacements. */
export function bannedWordFindings(file: SourceFile): readonly Finding[] {
  if (!isTypeScript(file) || !/\/core\//.test(file.path)) return [];
  if (/\.(test|fixture)\.ts$/.test(file.path)) return [];
  return blankedCode(file.text)
    .split('\n')
    .flatMap((code, index) =>
      [...bannedInCore]
        // A property of that name is somebody else's word: `report.process` is no process.
        .filter(([word]) =>
          new RegExp(`(?<![.\\w$])${word.replace('.', '\\.')}(?![\\w$:])`).test(code),
        )
        .map(([word, instead]) => ({
          path: file.path,
          line: index + 1,
          message: `\`${word}\` in a core: ${instead}`,
        })),
    );
}

// Written apart, so that this file does not find itself.
const notes = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'XX' + 'X'].join('|')})\\b`,
);

/** Notes to oneself: known limits go into the documentation, work into an issue. */
export function noteFindings(file: SourceFile): readonly Finding[] {
  return file.text.split('\n').flatMap((text, index) => {
    const note = notes.exec(text)?.[1];
    if (note === undefined) return [];
    const message = `${note}: do it, or write the limit into docs/ARCHITECTURE.md`;
    return [{ path: file.path, line: index + 1, message }];
  });
}

const escapes = [/\bas any\b/, /:\s*any\b/, /<any\b/, /\bany\[\]/];
const silencer = new RegExp(
  `(@ts-(?:ignore|expect-error|nocheck)|${'biome' + '-ignore'}[^:]*)(.*)$`,
);
const reasonLengthMin = 15;

/** Escapes from the type checker and the linter, unless the reason stands beside them. */
export function escapeFindings(file: SourceFile): readonly Finding[] {
  if (!isTypeScript(file)) return [];
  const code = blankedCode(file.text).split('\n');
  const lines = file.text.split('\n');
  return lines.flatMap((text, index) => {
    const found = (message: string) => [{ path: file.path, line: index + 1, message }];
    const silenced = commentPart(text, code[index] ?? '');
    const [, name, rest] = silencer.exec(silenced) ?? [];
    if (
      name !== undefined &&
      (rest ?? '').replace(/[^a-z ]/gi, '').trim().length < reasonLengthMin
    ) {
      return found(`${name} without its reason: say beside it why it cannot be avoided`);
    }
    if (!escapes.some((pattern) => pattern.test(code[index] ?? ''))) return [];
    const explained = silenced !== '' || /^\s*(\/\/|\*)/.test(lines[index - 1] ?? '');
    return explained ? [] : found('`any` without its reason: use `unknown` and narrow it');
  });
}

/** What of a line is comment: blanked in the code, and introduced by a comment's mark. */
function commentPart(text: string, code: string): string {
  const mark = /\/\/|\/\*|^\s*\*/.exec(text);
  if (mark === null) return '';
  return code.slice(mark.index).trim() === '' ? text.slice(mark.index) : '';
}

/** Lines that are too long for a window beside another one. */
export function lengthFindings(file: SourceFile): readonly Finding[] {
  if (!/\.(ts|sh)$/.test(file.path)) return [];
  return file.text.split('\n').flatMap((text, index) => {
    if (text.length <= lineLengthMax) return [];
    const message = `${text.length} characters: break it at ${lineLengthMax} or before`;
    return [{ path: file.path, line: index + 1, message }];
  });
}
