// Who may import whom (the arrows of docs/STYLE.md): gen and lib below, cores pure, daemons apart,
// tests on top. Reads import lines only; a bundler or a registry is not asked.
import { dirname, posix } from 'node:path';
import { blankedCode, type Finding, isTypeScript, type SourceFile } from './source-text.ts';

/** One import: what is named, and on which line. */
export interface ImportLine {
  readonly specifier: string;
  readonly line: number;
}

const importing = /(?:^|[\s;}])(?:from|import)\s*\(?\s*(['"])/g;

/** Every module that a text imports, statically, for side effects, or by `import()`. */
export function importsOf(text: string): readonly ImportLine[] {
  const found: ImportLine[] = [];
  // Blanked code tells an import from a sentence about one; the text has the name.
  const code = blankedCode(text);
  for (const match of text.matchAll(importing)) {
    const quote = match[1] ?? "'";
    const keyword = match.index + match[0].search(/from|import/);
    if (code.charAt(keyword) === ' ') continue;
    const start = match.index + match[0].length;
    const specifier = text.slice(start, text.indexOf(quote, start));
    found.push({ specifier, line: text.slice(0, keyword).split('\n').length });
  }
  return found;
}

/** Where a relative import leads, from the top of the project. */
export function resolveImport(path: string, specifier: string): string {
  return posix.normalize(posix.join(dirname(path), specifier));
}

/** Where a file stands, for the import rule. */
interface Place {
  readonly kind: 'gen' | 'lib' | 'core' | 'service' | 'admin-cli' | 'free';
  /** The folder a relative import may not leave. */
  readonly home: string;
}

const corePath = /^(services\/(?:elector|runner)\/src\/core)\//;
const servicePath = /^(services\/(elector|runner|admin-cli))\//;

function placeOf(path: string): Place {
  const besideTests = /\.(test|fixture)\.ts$/.test(path);
  const core = corePath.exec(path)?.[1];
  const service = servicePath.exec(path);
  if (core !== undefined && !besideTests) return { kind: 'core', home: core };
  if (service?.[1] !== undefined) {
    return { kind: service[2] === 'admin-cli' ? 'admin-cli' : 'service', home: service[1] };
  }
  if (path.startsWith('lib/')) return { kind: 'lib', home: 'lib' };
  if (path.startsWith('gen/')) return { kind: 'gen', home: 'gen' };
  return { kind: 'free', home: '' };
}

/** What of lib is as pure as a core has to be. */
const coreMayImport: ReadonlySet<string> = new Set(
  ['time', 'assert', 'absence', 'ladder-times'].map((module) => `@koi/lib/${module}`),
);

/** Checks every import of one file against the arrows. */
export function importFindings(file: SourceFile): readonly Finding[] {
  if (!isTypeScript(file)) return [];
  return importsOf(file.text).flatMap(({ specifier, line }) => {
    const message = importFault(file.path, specifier);
    return message === undefined ? [] : [{ path: file.path, line, message }];
  });
}

function importFault(path: string, specifier: string): string | undefined {
  const place = placeOf(path);
  if (specifier.startsWith('.')) return relativeFault(path, specifier, place);
  if (place.kind !== 'free' && /^@koi\/(elector|runner|admin-cli|test)\b/.test(specifier)) {
    return `imports ${specifier}: services meet only in proto/, and nothing imports test`;
  }
  switch (place.kind) {
    case 'gen':
      if (specifier.startsWith('@bufbuild/protobuf')) return undefined;
      return `imports ${specifier}: gen imports the protobuf runtime only`;
    case 'lib':
      if (!specifier.startsWith('@koi/gen/koi/')) return undefined;
      return `imports ${specifier}: lib knows nothing of koi's own messages; take it as a parameter`;
    case 'core':
      if (coreMayImport.has(specifier)) return undefined;
      return `imports ${specifier}: a core imports its own core/ and what is pure in @koi/lib; let io/ do it`;
    default:
      return undefined;
  }
}

function relativeFault(path: string, specifier: string, place: Place): string | undefined {
  const target = resolveImport(path, specifier);
  if (!specifier.endsWith('.ts') && !specifier.endsWith('.json') && !path.startsWith('gen/')) {
    return `imports ${specifier}: relative imports end in .ts`;
  }
  if (place.home !== '' && !target.startsWith(`${place.home}/`)) {
    return place.kind === 'core'
      ? `imports ${specifier}: a core imports nothing outside its core/; make it an input or an effect`
      : `imports ${specifier}: relative imports stay in ${place.home}/; import packages by name`;
  }
  if (target.startsWith('test/') && !path.startsWith('test/')) {
    return `imports ${specifier}: nothing imports test; move what both need to lib/`;
  }
  return undefined;
}
