// The written stories give the traces that their files expect; and their language refuses what it does not
// know, and lets no broken promise be rewritten away.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { review, scenarioNames } from './scenario-folder.ts';

/** Fewer stories than this tell too little. */
const STORIES_MIN = 25;

for (const name of scenarioNames()) {
  test(`story: ${name}`, (t) => {
    const { complaints } = review(name, false);
    t.is(complaints.join('\n'), '');
  });
}

test('there are enough stories', (t) => {
  t.true(scenarioNames().length >= STORIES_MIN);
});

test('every checker watches over every story', (t) => {
  const stage = readFileSync(new URL('scenario-stage.ts', import.meta.url), 'utf8');
  const checkers = readdirSync(fileURLToPath(new URL('../checkers', import.meta.url)));
  for (const file of checkers.filter((name) => name.endsWith('-checker.ts'))) {
    t.true(stage.includes(`../checkers/${file}`), `${file} is not used`);
  }
});

/** Reviews a story that is no file of the project. Returns what is said and what the file says then. */
function reviewText(text: string, rewrite: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'koi-story-'));
  try {
    writeFileSync(join(folder, 'a.txt'), text);
    const { complaints, rewritten } = review('a', rewrite, folder);
    return { complaints, rewritten, text: readFileSync(join(folder, 'a.txt'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SHORT = 'cluster electors=1 runners=1\nrun until e-a leads';

test('a rewritten story is as it is written, to the byte', (t) => {
  const untold = `must hold: e-a leads at the end\n# Why.\n\n${SHORT}\n----\n\nshow\n----\n`;
  const first = reviewText(untold, false);
  t.regex(first.complaints.at(-1) ?? '', /npm run scenarios -- --rewrite a/);
  t.is(first.text, untold);
  const told = reviewText(untold, true);
  t.true(told.rewritten);
  t.regex(told.text, /leader of term 1/);
  const again = reviewText(told.text, true);
  t.deepEqual(again.complaints, []);
  t.is(again.text, told.text);
});

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['no first line', `${SHORT}\n----\n`, /a\.txt:1: the first line says what must hold/],
  [
    'an unknown promise',
    `must hold: all is fine\n${SHORT}\n----\n`,
    /a\.txt:1: nobody knows.*fine/,
  ],
  ['a node that is not there', `must hold: e-b leads at the end\n${SHORT}\n----\n`, /:1:.*no e-b/],
  [
    'an unknown command',
    `must hold: term 1 at the end\n${SHORT}\ndo it\n----\n`,
    /a\.txt:4: .*do it/,
  ],
  ['no cluster', 'must hold: term 1 at the end\nrun 1 s\n----\n', /a\.txt:2: .*"cluster"/],
  [
    'an unknown word',
    'must hold: term 1 at the end\ncluster size=3\n----\n',
    /:2: unknown: size=3/,
  ],
  ['no end of a block', `must hold: term 1 at the end\n${SHORT}\n`, /a\.txt:2: no "----"/],
  [
    'what does not come',
    `must hold: term 1 at the end\n${SHORT} within 1 ms\n----\n`,
    /:3:.*within/,
  ],
  [
    'what is not so',
    `must hold: term 1 at the end\n${SHORT}\nexpect epoch 7\n----\n`,
    /:4:.*epoch 0/,
  ],
  [
    'a broken promise',
    `must hold: e-a never leads\n${SHORT}\n----\n`,
    /:1: .*does not hold: it led/,
  ],
  [
    'a start of what runs',
    `must hold: term 1 at the end\n${SHORT}\nstart e-a\n----\n`,
    /:4:.*runs/,
  ],
];

for (const [what, text, complaint] of wrong) {
  test(`${what} is refused and not rewritten away`, (t) => {
    const { complaints, rewritten, text: after } = reviewText(text, true);
    t.regex(complaints[0] ?? '', complaint);
    t.false(rewritten);
    t.is(after, text);
  });
}
