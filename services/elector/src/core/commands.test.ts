// What each order does to the charter, when it is refused and with what words.
import test from 'ava';
import type { Charter } from './charter.ts';
import type { Driver } from './driver.fixture.ts';
import { charterOf, goOn, LED_AT, lead, reportOf } from './driver.fixture.ts';
import type { Command } from './input.ts';
import type { Report } from './report.ts';

const AT = LED_AT + 2_000;

/** r is master, s is a standby, u is known and not heard. */
function led(part: Partial<Charter> = {}, standby: Partial<Report> = {}): Driver {
  const charter = charterOf(1, {
    master: 'r',
    masterSession: 'session-r',
    epoch: 4,
    runners: ['r', 's', 'u'],
    ...part,
  });
  const driver = lead({ record: { grantedTerm: 1, grantedTo: 'b', charter }, charter });
  for (const name of ['r', 's']) driver.attach(name, LED_AT + 1);
  goOn(driver, LED_AT + 50, AT, (now) => {
    const holding = { state: 'master', epoch: 4, promoted: true } as const;
    driver.report('r', reportOf(now, holding), now);
    driver.report('s', reportOf(now, standby), now);
  });
  return driver;
}

interface Given {
  readonly kind: string;
  readonly reason: string;
  readonly text: string;
  readonly held: boolean | undefined;
}

function give(driver: Driver, command: Command): Given {
  driver.order(command, AT + 1);
  const stored =
    driver.answered() === undefined ? driver.storeAll(['b', 'c'], AT + 2) : driver.effects;
  driver.effects = stored;
  const answer = driver.answered();
  if (answer?.kind === 'refuse')
    return { kind: 'refuse', reason: answer.reason, text: answer.text, held: undefined };
  const held = answer?.kind === 'answer' ? answer.held : undefined;
  return { kind: answer?.kind ?? 'none', reason: '', text: '', held };
}

const REFUSED: readonly (readonly [string, Command, Partial<Charter>, string, RegExp])[] = [
  [
    'an unknown runner',
    { kind: 'promote', runner: 'x' },
    {},
    'RUNNER_UNKNOWN',
    /no runner named x; known runners: r, s, u/,
  ],
  [
    'one that is not heard',
    { kind: 'promote', runner: 'u' },
    {},
    'RUNNER_NOT_ELECTABLE',
    /u cannot be master/,
  ],
  [
    'promote in maintenance',
    { kind: 'promote', runner: 's' },
    { maintenance: true, maintenanceChange: 1 },
    'MAINTENANCE',
    /maintenance/,
  ],
  [
    'demote in maintenance',
    { kind: 'demote' },
    { maintenance: true, maintenanceChange: 1 },
    'MAINTENANCE',
    /maintenance/,
  ],
  [
    'stop of an unknown runner',
    { kind: 'stop', runner: 'x' },
    {},
    'RUNNER_UNKNOWN',
    /known runners/,
  ],
  [
    'recover of an unknown runner',
    { kind: 'recover', runner: 'x' },
    {},
    'RUNNER_UNKNOWN',
    /known runners/,
  ],
];

for (const [title, command, part, reason, text] of REFUSED) {
  test(`refused: ${title}`, (t) => {
    const driver = led(part);
    const before = driver.disk.charter;
    const answer = give(driver, command);
    t.is(answer.reason, reason);
    t.regex(answer.text, text);
    t.is(driver.disk.charter, before, 'nothing was touched');
  });
}

const CARRIED_OUT: readonly (readonly [Command, Partial<Charter>, Partial<Charter>])[] = [
  [{ kind: 'promote', runner: 's' }, {}, { target: 's', manual: false }],
  [{ kind: 'demote' }, {}, { manual: true, target: undefined }],
  [{ kind: 'maintenance', on: true }, {}, { maintenance: true, maintenanceChange: 1 }],
  [{ kind: 'stop', runner: 's' }, {}, { stopped: ['s'] }],
  [{ kind: 'start', runner: 's' }, { stopped: ['s'] }, { stopped: [] }],
  [{ kind: 'recover', runner: 's' }, {}, { recovery: { s: 1 } }],
  [{ kind: 'recover', runner: undefined }, {}, { recovery: { r: 1, s: 1, u: 1 } }],
  [{ kind: 'reconfigure', runner: 's' }, { reconfigure: { s: 4 } }, { reconfigure: { s: 5 } }],
  [{ kind: 'reconfigure', runner: undefined }, {}, { reconfigure: { r: 1, s: 1, u: 1 } }],
];

for (const [command, before, after] of CARRIED_OUT) {
  test(`carried out: ${JSON.stringify(command)}`, (t) => {
    const driver = led(before);
    const { kind, held } = give(driver, command);
    t.is(kind, 'answer');
    t.false(held, 'it is new');
    t.like(driver.disk.charter, after);
    t.is(driver.disk.charter?.decisions.at(-1)?.rule, command.kind, 'with its reason');
  });
}

test('an order that holds already changes nothing and is answered', (t) => {
  for (const command of [
    { kind: 'promote', runner: 'r' },
    { kind: 'elect' },
    { kind: 'maintenance', on: false },
    { kind: 'start', runner: 's' },
  ] as const) {
    const driver = led();
    const before = driver.disk.charter;
    t.like(give(driver, command), { kind: 'answer', held: true }, command.kind);
    t.is(driver.disk.charter, before, command.kind);
  }
});

test('promote ends manual mode', (t) => {
  const driver = led({ manual: true });
  t.is(give(driver, { kind: 'promote', runner: 's' }).kind, 'answer');
  t.false(driver.disk.charter?.manual);
});

test('an elector that does not lead refuses', (t) => {
  const driver = led();
  driver.until(AT + 5_000);
  driver.order({ kind: 'elect' }, AT + 5_001);
  const answer = driver.answered();
  t.is(answer?.kind === 'refuse' ? answer.reason : '', 'NO_LEADER');
});

test('an order is repeated without an error, and says that it holds', (t) => {
  for (const command of [
    { kind: 'promote', runner: 's' },
    { kind: 'demote' },
    { kind: 'maintenance', on: true },
    { kind: 'stop', runner: 's' },
  ] as const) {
    const driver = led();
    t.like(give(driver, command), { kind: 'answer', held: false }, command.kind);
    t.like(give(driver, command), { kind: 'answer', held: true }, command.kind);
  }
});

const FAILED: Partial<Report> = { sinceFailure: 41_000 };

test('who failed a short while ago is not promoted, unless that is forced', (t) => {
  const driver = led({}, FAILED);
  const before = driver.disk.charter;
  const refused = give(driver, { kind: 'promote', runner: 's' });
  t.is(refused.reason, 'RUNNER_HELD');
  t.is(
    refused.text,
    's failed 41.0 s ago and is held back for 60.0 s: --force promotes it all the same',
  );
  t.is(driver.disk.charter, before, 'nothing was touched');
  t.is(give(driver, { kind: 'promote', runner: 's', force: true }).kind, 'answer');
  t.is(driver.disk.charter?.target, 's');
});

test('whatever else speaks against a runner cannot be forced aside', (t) => {
  for (const [part, standby, reason] of [
    [{}, { ...FAILED, state: 'live' }, 'RUNNER_NOT_ELECTABLE'],
    [{ stopped: ['s'] }, {}, 'RUNNER_NOT_ELECTABLE'],
    [{ maintenance: true, maintenanceChange: 1 }, FAILED, 'MAINTENANCE'],
  ] as const) {
    const driver = led(part, standby);
    t.is(give(driver, { kind: 'promote', runner: 's', force: true }).reason, reason);
    t.is(driver.disk.charter?.target, undefined);
  }
});

test('confirm-down is answered again where it was answered before', (t) => {
  const driver = led();
  // r is cut off: it is not heard, and its lease is over by nobody's clock yet.
  driver.step({ kind: 'runner-lost', runner: 'r', session: 'session-r' }, AT);
  goOn(driver, AT + 50, AT + 700, (now) => driver.report('s', reportOf(now), now));
  driver.order({ kind: 'confirm-down', runner: 'r' }, AT + 710);
  driver.storeAll(['b', 'c'], AT + 711);
  driver.storeAll(['b', 'c'], AT + 712);
  t.is(driver.disk.charter?.master, 's');
  driver.order({ kind: 'confirm-down', runner: 'r' }, AT + 720);
  t.like(driver.answered(), { kind: 'answer', held: true });
  driver.order({ kind: 'confirm-down', runner: 'u' }, AT + 721);
  t.like(driver.answered(), { kind: 'refuse', reason: 'RUNNER_NOT_ELECTABLE' });
});
