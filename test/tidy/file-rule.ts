// What holds for files as wholes: names, lengths, the opening comment, and that each is used.

import { importsOf, resolveImport } from './import-rule.ts';
import { type Finding, fileName, isTypeScript, type SourceFile } from './source-text.ts';

/** No source file is longer. */
export const fileLinesMax = 350;

/** Every source file says first what it is for. */
export function openingFindings(file: SourceFile): readonly Finding[] {
  const opening = file.path.endsWith('.ts') ? /^(#!.*\n)?\/\// : undefined;
  const expected = file.path.endsWith('.proto') ? /^\/\// : opening;
  if (expected === undefined || expected.test(file.text)) return [];
  const message = 'begin with a comment: what the file is for, and the one thing to know';
  return [{ path: file.path, line: 1, message }];
}

/** Files stay short enough to be read whole. */
export function fileLengthFindings(file: SourceFile): readonly Finding[] {
  if (!isTypeScript(file)) return [];
  const lines = file.text.split('\n').length - 1;
  if (lines <= fileLinesMax) return [];
  const message = `${lines} lines: split it where it does two things (at most ${fileLinesMax})`;
  return [{ path: file.path, line: 0, message }];
}

const bannedNames = /^(utils?|helpers?|types?|common|manager|handler)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|fixture))?\.ts$/;

/** File names are kebab-case and say what is in the file. */
export function nameFindings(file: SourceFile): readonly Finding[] {
  if (!isTypeScript(file)) return [];
  const found = (message: string) => [{ path: file.path, line: 0, message }];
  const name = fileName(file);
  if (!kebabCase.test(name)) return found('file names are kebab-case: some-noun.ts');
  const words = name.replace(/(\.(test|fixture))?\.ts$/, '').split('-');
  const banned = words.find((word) => bannedNames.test(word));
  if (banned === undefined) return [];
  return found(`"${banned}" says nothing: name the file after its one main export`);
}

/** Names that every daemon may have its own of. */
const sharedNames = new Set(['main', 'config', 'loop', 'wire', 'input', 'effect', 'options']);

/** One name, one file, so that a name in a log or a comment needs no path. */
export function uniqueNameFindings(files: readonly SourceFile[]): readonly Finding[] {
  const first = new Map<string, string>();
  return files.filter(isTypeScript).flatMap((file) => {
    const name = fileName(file);
    if (sharedNames.has(name.replace(/(\.(test|fixture))?\.ts$/, ''))) return [];
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, file.path);
      return [];
    }
    const message = `has the same name as ${other}: name it after what sets it apart`;
    return [{ path: file.path, line: 0, message }];
  });
}

/** Files that nothing imports, names or starts are dead. */
export function deadFileFindings(files: readonly SourceFile[]): readonly Finding[] {
  const used = new Set<string>();
  for (const file of files.filter(isTypeScript)) {
    for (const { specifier } of importsOf(file.text)) used.add(importedPath(file.path, specifier));
  }
  return files
    .filter((file) => isTypeScript(file) && !file.path.endsWith('.test.ts') && !used.has(file.path))
    .filter((file) => !startedSomewhere(file, files))
    .map(({ path }) => ({
      path,
      line: 0,
      message: 'nothing imports or starts it: delete it, or use it',
    }));
}

function importedPath(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return resolveImport(path, specifier);
  return specifier.replace(/^@koi\/(gen|lib)\/(.*)$/, '$1/src/$2.ts');
}

/** Whether another file that runs something names this one, as `node x/main.ts` does. */
function startedSomewhere(file: SourceFile, files: readonly SourceFile[]): boolean {
  const name = fileName(file);
  // A main.ts is named with its folder, else one of them would keep all of them alive.
  const named = name === 'main.ts' ? file.path.split('/').slice(-2).join('/') : name;
  const package_ = /^services\/([a-z-]+)\/src\/main\.ts$/.exec(file.path)?.[1];
  return files.some(
    (other) =>
      other !== file &&
      /(\.ts|\.sh|\.json|\/bin\/[a-z-]+|\.ci\/run)$/.test(other.path) &&
      (withoutProse(other.text).includes(named) ||
        // The build names services by their folder and knows where a main is.
        (package_ !== undefined && other.path === 'packaging/build.ts')),
  );
}

/** A file that only a comment names is as dead as any. */
function withoutProse(text: string): string {
  return text.replace(/^\s*(\/\/|\*|#).*$/gm, '');
}

/** Every dependency has its reason in lib/README.md. */
export function dependencyFindings(files: readonly SourceFile[]): readonly Finding[] {
  const reasons = files.find(({ path }) => path === 'lib/README.md')?.text ?? '';
  return files
    .filter((file) => fileName(file) === 'package.json')
    .flatMap((file) =>
      dependenciesOf(file.text)
        .filter((name) => !name.startsWith('@koi/') && !reasons.includes(`\`${name}\``))
        .map((name) => ({
          path: file.path,
          line: 0,
          message: `depends on ${name}: name it as \`${name}\` in lib/README.md, with the reason`,
        })),
    );
}

function dependenciesOf(text: string): readonly string[] {
  const content: unknown = JSON.parse(text);
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  return kinds.flatMap((kind) => Object.keys(record(record(content)[kind])));
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
