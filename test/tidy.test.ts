// Style as a test: the machine objects, with what to do instead. Each rule is first tried on a bad
// sample, so that a rule that no longer sees anything fails here too.
import test from 'ava';
import {
  deadFileFindings,
  dependencyFindings,
  fileLengthFindings,
  fileLinesMax,
  nameFindings,
  openingFindings,
  uniqueNameFindings,
} from './tidy/file-rule.ts';
import { importFindings, importsOf } from './tidy/import-rule.ts';
import { blankedCode, describeFinding, type Finding, readProject } from './tidy/source-text.ts';
import {
  bannedWordFindings,
  escapeFindings,
  lengthFindings,
  lineLengthMax,
  noteFindings,
} from './tidy/text-rule.ts';

const project = readProject();

function none(findings: readonly Finding[]): string {
  return findings.map(describeFinding).join('\n');
}

function lines(findings: readonly Finding[]): readonly number[] {
  return findings.map(({ line }) => line);
}

test('the project is read', (t) => {
  t.true(project.some(({ path }) => path === 'lib/src/time.ts'));
  t.true(project.length > 40);
});

test('comments, strings, templates and expressions are not code', (t) => {
  const text = [
    'a; // await\n/* Date */ b("process", `await ',
    '{c(`Date`)} await`, /await[/"]/); d',
  ].join('$');
  t.deepEqual(blankedCode(text).match(/\w+/g), ['a', 'b', 'c', 'd']);
  t.is(blankedCode(text).length, text.length);
});

test('imports are found in every form', (t) => {
  const text = [
    "import a from 'a';",
    'import {',
    '  b,',
    "} from 'b';",
    "import 'c';",
    "export * from 'd';",
    "const e = await import('e');",
    "// import f from 'f';",
    'const text = `import from "g"`;',
  ].join('\n');
  t.deepEqual(
    importsOf(text).map(({ specifier, line }) => `${specifier} ${line}`),
    ['a 1', 'b 4', 'c 5', 'd 6', 'e 7'],
  );
});

const arrows: readonly (readonly [string, string, boolean])[] = [
  ['services/elector/src/core/x.ts', '@koi/lib/time', true],
  ['services/elector/src/core/x.ts', './y.ts', true],
  ['services/elector/src/core/x.ts', '../io/y.ts', false],
  ['services/elector/src/core/x.ts', '@koi/lib/log', false],
  ['services/elector/src/core/x.ts', 'node:fs', false],
  ['services/elector/src/core/x.ts', '@koi/gen/koi/cluster/v1/cluster_pb', false],
  ['services/elector/src/core/x.test.ts', 'ava', true],
  ['services/elector/src/io/x.ts', 'node:fs', true],
  ['services/elector/src/io/x.ts', '../core/y.ts', true],
  ['services/elector/src/io/x.ts', '../core/y', false],
  ['services/elector/src/io/x.ts', '../../../runner/src/core/y.ts', false],
  ['services/runner/src/io/x.ts', '@koi/elector/y', false],
  ['services/admin-cli/src/x.ts', '@koi/gen/koi/admin/v1/admin_service_pb', true],
  ['services/admin-cli/src/x.ts', '../../elector/src/core/y.ts', false],
  ['lib/src/x.ts', 'nice-grpc', true],
  ['lib/src/x.ts', '@koi/gen/koi/cluster/v1/cluster_pb', false],
  ['lib/src/x.ts', '@koi/runner/y', false],
  ['lib/src/x.ts', '../../services/runner/src/main.ts', false],
  ['gen/src/x.ts', 'nice-grpc', false],
  ['examples/demo/x.ts', '../../test/cluster/y.ts', false],
  ['test/e2e/x.ts', '../../services/runner/src/core/y.ts', true],
];

for (const [path, specifier, allowed] of arrows) {
  test(`${path} ${allowed ? 'may' : 'may not'} import ${specifier}`, (t) => {
    const findings = importFindings({ path, text: `import x from '${specifier}';\n` });
    t.deepEqual(lines(findings), allowed ? [] : [1]);
  });
}

test('imports follow the arrows', (t) => {
  t.is(none(project.flatMap(importFindings)), '');
});

test('banned words are seen in a core, and only there', (t) => {
  const text = [
    'const a = Date.now() + Math.random();',
    'async function b(): Promise<void> { await c; }',
    'setTimeout(d); setInterval(d); process.exit(); console.log();',
    '// Date, await and process in prose, and report.process, are no matter.',
    'const e = report.process + await_;',
  ].join('\n');
  const path = 'services/runner/src/core/x.ts';
  t.deepEqual(lines(bannedWordFindings({ path, text })), [1, 1, 2, 2, 2, 3, 3, 3, 3]);
  t.deepEqual(bannedWordFindings({ path: 'services/runner/src/io/x.ts', text }), []);
});

test('cores are pure', (t) => {
  t.is(none(project.flatMap(bannedWordFindings)), '');
});

test('notes to oneself are seen', (t) => {
  const text = ['TO', 'FIX', 'HA', 'XX'].map(
    (half, index) => `// ${half}${['DO', 'ME', 'CK', 'X'][index]}: x\n`,
  );
  t.deepEqual(lines(noteFindings({ path: 'a.ts', text: text.join('') })), [1, 2, 3, 4]);
});

test('there are no notes to oneself', (t) => {
  t.is(none(project.flatMap(noteFindings)), '');
});

test('escapes from the checker are seen unless explained', (t) => {
  const ignore = `${'biome'}-ignore lint/suspicious/noExplicitAny:`;
  const text = [
    'const a = b as any;',
    'function c(d: any) {}',
    `// ${ignore} x`,
    '// @ts-ignore',
    '',
    '// The library declares no type for this.',
    'const e = f as any;',
    `// ${ignore} the library's own declaration is any here`,
    'const g = "as any";',
  ].join('\n');
  t.deepEqual(lines(escapeFindings({ path: 'a.ts', text })), [1, 2, 3, 4]);
});

test('nothing escapes the checker unexplained', (t) => {
  t.is(none(project.flatMap(escapeFindings)), '');
});

test('long lines are seen', (t) => {
  const text = `${'x'.repeat(lineLengthMax)}\n${'x'.repeat(lineLengthMax + 1)}\n`;
  t.deepEqual(lines(lengthFindings({ path: 'a.ts', text })), [2]);
});

test('lines are short', (t) => {
  t.is(none(project.flatMap(lengthFindings)), '');
});

test('long files are seen', (t) => {
  t.is(fileLengthFindings({ path: 'a.ts', text: 'x\n'.repeat(fileLinesMax) }).length, 0);
  t.is(fileLengthFindings({ path: 'a.ts', text: 'x\n'.repeat(fileLinesMax + 1) }).length, 1);
});

test('files are short', (t) => {
  t.is(none(project.flatMap(fileLengthFindings)), '');
});

test('a missing opening comment is seen', (t) => {
  t.is(openingFindings({ path: 'a.ts', text: "import a from 'a';\n" }).length, 1);
  t.is(openingFindings({ path: 'a.ts', text: '// What it is for.\n' }).length, 0);
});

test('every file begins with a comment', (t) => {
  t.is(none(project.flatMap(openingFindings)), '');
});

test('bad file names are seen', (t) => {
  const bad = ['utils.ts', 'string-helpers.ts', 'types.ts', 'camelCase.ts', 'under_score.ts'];
  for (const name of bad) t.is(nameFindings({ path: `lib/src/${name}`, text: '' }).length, 1, name);
  t.is(nameFindings({ path: 'lib/src/peer-link.test.ts', text: '' }).length, 0);
});

test('files are named after what they are', (t) => {
  t.is(none(project.flatMap(nameFindings)), '');
});

test('a name used twice is seen', (t) => {
  const files = ['a/link.ts', 'b/link.ts', 'a/main.ts', 'b/main.ts', 'a/link.test.ts'];
  const findings = uniqueNameFindings(files.map((path) => ({ path, text: '' })));
  t.deepEqual(
    findings.map(({ path }) => path),
    ['b/link.ts'],
  );
});

test('file names are unique', (t) => {
  t.is(none(uniqueNameFindings(project)), '');
});

test('a dead file is seen', (t) => {
  const files = [
    { path: 'lib/src/used.ts', text: '' },
    { path: 'lib/src/dead.ts', text: '' },
    { path: 'lib/src/beside.ts', text: '' },
    {
      path: 'test/a.test.ts',
      text: "import a from '@koi/lib/used';\nimport './../lib/src/beside.ts';",
    },
    { path: 'test/bench/main.ts', text: '' },
    { path: 'test/gone/main.ts', text: '' },
    { path: 'package.json', text: '{"scripts":{"bench":"node test/bench/main.ts"}}' },
  ];
  t.deepEqual(
    deadFileFindings(files).map(({ path }) => path),
    ['lib/src/dead.ts', 'test/gone/main.ts'],
  );
});

test('no file is dead', (t) => {
  t.is(none(deadFileFindings(project)), '');
});

test('a dependency without a reason is seen', (t) => {
  const files = [
    { path: 'lib/package.json', text: '{"dependencies":{"pino":"1","yaml":"2","@koi/gen":"0"}}' },
    { path: 'lib/README.md', text: '- `pino`: one line per fact.\n' },
  ];
  t.deepEqual(
    dependencyFindings(files).map(({ message }) => /on (\S+):/.exec(message)?.[1]),
    ['yaml'],
  );
});

test('every dependency has a reason', (t) => {
  t.is(none(dependencyFindings(project)), '');
});
